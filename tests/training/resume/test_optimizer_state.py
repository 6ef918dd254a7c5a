"""What an optimizer knows, in another process."""

from itertools import count

import numpy
import torch
from spacy.language import Language
from thinc.api import Adam, Linear, PyTorchWrapper

from spacy_lstm.training.resume.optimizer_state import optimizer_state, restore_optimizer

from ...pipelines import blank, examples, textcat_pipeline


def copied(states):
    """As if they had been written and read."""
    state, arrays = states
    return state, {name: array.copy() for name, array in arrays.items()}


@Language.factory("two_layers")
def make_two_layers(nlp, name):
    return TwoLayers()


class TwoLayers:
    """A component with a layer of thinc, and one of torch."""

    is_trainable = True

    def __init__(self):
        self.model = Linear(2, 3).initialize()
        self.model._layers.append(PyTorchWrapper(torch.nn.Linear(3, 1)).initialize())

    def __call__(self, doc):
        return doc

    def update(self, value):
        shim = self.model.layers[0].shims[0]
        for parameter in shim._model.parameters():
            parameter.grad = torch.full_like(parameter, value)
        self.model.inc_grad("W", numpy.full((2, 3), value, dtype="float32"))


def test_optimizer_of_layers_of_thinc_and_torch():
    schedule = (0.1 / n for n in count(1))
    optimizer, nlp = Adam(schedule, use_averages=True), blank()
    pipe = nlp.add_pipe("two_layers")
    for value in (1.0, -2.0):
        pipe.update(value)
        pipe.model.finish_update(optimizer)
        optimizer.step_schedules()
    pipe.model.inc_grad("W", numpy.ones((2, 3), dtype="float32"))  # not used up yet
    state, arrays = copied(optimizer_state(nlp, optimizer))
    assert [tuple(place) for place in state["places"]] == [
        ("two_layers", 1, 0, "weight"),
        ("two_layers", 1, 0, "bias"),
        ("two_layers", 0, -1, "W"),
    ]
    assert state["n_updates"] == [2, 2, 2]
    assert {tuple(place)[3] for place in state["gradients"]} == {"W", "weight", "bias"}
    other_nlp = blank()
    other = other_nlp.add_pipe("two_layers")
    other_optimizer = Adam((0.1 / n for n in count(1)), use_averages=True)
    other.model.from_bytes(pipe.model.to_bytes())
    restore_optimizer(other_nlp, other_optimizer, state, arrays, n_steps=2)
    assert other_optimizer.learn_rate == optimizer.learn_rate
    for each, each_optimizer in ((pipe, optimizer), (other, other_optimizer)):
        each.model.finish_update(each_optimizer)  # without a new gradient
    numpy.testing.assert_array_equal(other.model.get_param("W"), pipe.model.get_param("W"))
    shims = [each.model.layers[0].shims[0]._model for each in (pipe, other)]
    for one, two in zip(*(shim.parameters() for shim in shims), strict=True):
        assert torch.equal(one, two)
        assert two.grad is not None


def test_a_gradient_of_a_part_that_saw_nothing_is_there():
    # The optimizer goes on with its moments, though the batch has nothing for it.
    nlp = textcat_pipeline()
    optimizer = nlp.initialize(lambda: examples(nlp))
    nlp.update(examples(nlp), sgd=optimizer)
    state, arrays = copied(optimizer_state(nlp, optimizer))
    assert len(state["gradients"]) == len(state["places"]) > 5
    assert not any(name.startswith("gradient") for name in arrays)
    model = nlp.get_pipe("textcat").model
    again = textcat_pipeline()
    other = again.initialize(lambda: examples(again))
    again.get_pipe("textcat").model.from_bytes(model.to_bytes())
    restore_optimizer(again, other, state, arrays, n_steps=0)
    for pipe, sgd in ((nlp.get_pipe("textcat"), optimizer), (again.get_pipe("textcat"), other)):
        pipe.finish_update(sgd)
    assert again.get_pipe("textcat").model.to_bytes() == model.to_bytes()
