"""`lstm_encoder`: one BiLSTM for all heads of a pipeline."""

import warnings
from typing import Any, Dict, Iterable, List, Optional

from spacy.language import Language
from spacy.pipeline import Tok2Vec
from spacy.pipeline.tok2vec import Tok2VecListener
from spacy.tokens import Doc
from spacy.training import Example, validate_examples
from spacy.vocab import Vocab
from thinc.api import Config, Model, Optimizer, set_dropout_rate

from ..errors import Errors, Warnings
from ..errors.checks import check_layer
from ..layers.joined import join, split
from ..types import Sequences, Tok2VecModel
from .guard import DEFAULT_MAX_SKIPPED_STEPS, GuardedPipe
from .serialization import SavedPipe

default_model_config = """
[model]
@architectures = "spacy.Tok2Vec.v2"

[model.embed]
@architectures = "spacy_lstm.DistinctEmbed.v1"

[model.embed.embed]
@architectures = "spacy.MultiHashEmbed.v2"
width = 96
attrs = ["NORM", "PREFIX", "SUFFIX", "SHAPE"]
rows = [5000, 1000, 2500, 2500]
include_static_vectors = false

[model.encode]
@architectures = "spacy_lstm.BiLSTMEncoder.v1"
width = 128
depth = 1
dropout = 0.0
layer_norm = true
"""
DEFAULT_ENCODER_MODEL = Config().from_str(default_model_config)["model"]


@Language.factory(
    "lstm_encoder",
    assigns=["doc.tensor"],
    default_config={
        "model": DEFAULT_ENCODER_MODEL,
        "max_grad_norm": None,
        "max_skipped_steps": DEFAULT_MAX_SKIPPED_STEPS,
    },
)
def make_lstm_encoder(
    nlp: Language,
    name: str,
    model: Tok2VecModel,
    max_grad_norm: Optional[float],
    max_skipped_steps: int,
) -> "LSTMEncoder":
    """Create the shared encoder.

    nlp (Language): The pipeline.
    name (str): The name of the component in the pipeline.
    model (Model[List[Doc], List[Floats2d]]): The tok2vec model.
    max_grad_norm (Optional[float]): The largest global norm of its gradients, or None.
    max_skipped_steps (int): How many steps in a row may be skipped as they aren't finite.
    RETURNS (LSTMEncoder): The component.
    """
    return LSTMEncoder(
        nlp.vocab, model, name, max_grad_norm=max_grad_norm, max_skipped_steps=max_skipped_steps
    )


class LSTMEncoder(SavedPipe, GuardedPipe, Tok2Vec):
    """Write the vectors of each token, in its context, to `doc.tensor`, `(n_tokens, width)`. The
    heads that come after it in the pipeline read them through spaCy's own listener,
    `spacy.Tok2VecListener.v1`, and train it together: ours, and spaCy's tagger, parser, ner,
    textcat and spancat.

    All encoders of a pipeline share `doc.tensor`. Where another one would overwrite the vectors
    before a head of this one has read them, or the other way about, there is a coded warning, at
    initialization and when the pipeline is loaded.
    """

    kind = "lstm_encoder"
    _listener_map: Dict[str, List[Tok2VecListener]]

    def __init__(
        self,
        vocab: Vocab,
        model: Tok2VecModel,
        name: str = "lstm_encoder",
        *,
        max_grad_norm: Optional[float] = None,
        max_skipped_steps: int = DEFAULT_MAX_SKIPPED_STEPS,
    ) -> None:
        """Initialize the component.

        vocab (Vocab): The shared vocabulary.
        model (Model[List[Doc], List[Floats2d]]): The tok2vec model.
        name (str): The name of the component in the pipeline, and of its loss.
        max_grad_norm (Optional[float]): The largest global norm of its gradients, or None.
        max_skipped_steps (int): How many steps in a row may be skipped as they aren't finite.
        RAISES (ValueError): If the norm isn't more than 0, or the number less than 0.
        """
        check_layer(f"The model of '{name}'", model)
        super().__init__(vocab, model, name)
        self.max_grad_norm = max_grad_norm
        self.max_skipped_steps = max_skipped_steps

    @property
    def listener_map(self) -> Dict[str, List[Tok2VecListener]]:
        """RETURNS (Dict[str, List[Tok2VecListener]]): The listeners of each component."""
        return self._listener_map

    @listener_map.setter
    def listener_map(self, value: Dict[str, List[Tok2VecListener]]) -> None:
        # spaCy sets this before it shows us, one by one, the components that come after us.
        self._listener_map = value
        self._encoders_after: List[str] = []

    def predict(self, docs: Iterable[Doc]) -> Sequences:
        """Compute the vectors of each token, without changing the documents.

        docs (Iterable[Doc]): The documents.
        RETURNS (List[Floats2d]): Vectors, `(n_tokens, width)` for each document.
        """
        with self._initialized():
            return super().predict(docs)

    def update(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optional[Optimizer] = None,
        losses: Optional[Dict[str, float]] = None,
    ) -> Dict[str, float]:
        """Show the batch's vectors to the listeners, and learn when the last of them has sent its
        gradients back. Then the batch is forgotten: it takes no memory until the next one comes,
        and the pipeline can be pickled.

        examples (Iterable[Example]): The batch.
        drop (float): The dropout rate.
        sgd (Optional[Optimizer]): The optimizer.
        losses (Optional[Dict[str, float]]): Where the loss is added, under the component's name:
            the sum of the squared gradients that the heads sent.
        RETURNS (Dict[str, float]): The losses.
        """
        losses = {} if losses is None else losses
        losses.setdefault(self.name, 0.0)
        examples = list(examples)
        validate_examples(examples, "LSTMEncoder.update")
        docs = [eg.predicted for eg in examples]
        set_dropout_rate(self.model, drop)
        with self._watching(docs):
            vectors, bp_vectors = self.model.begin_update(docs)
        lengths = [len(doc) for doc in docs]
        ops = self.model.ops
        d_flat: Any = ops.xp.zeros_like(join(ops, vectors)) if docs else None

        def accumulate(d_vectors: Sequences) -> Sequences:
            nonlocal d_flat
            d_new: Any = join(ops, d_vectors)
            d_flat += d_new
            losses[self.name] += self._usable(float((d_new**2).sum()))
            return []

        def backprop(d_vectors: Sequences) -> List[Doc]:
            with self._watching(docs):
                accumulate(d_vectors)
                d_docs = bp_vectors(split(d_flat, lengths))
            if sgd not in (None, False):
                self.finish_update(sgd)
            for listener in self.listeners:
                listener.receive(None, None, None)  # type: ignore[arg-type]
            return d_docs

        batch_id = Tok2VecListener.get_batch_id(docs)
        for listener in self.listeners:
            is_last = listener is self.listeners[-1]
            listener.receive(batch_id, vectors, backprop if is_last else accumulate)
        return losses

    def find_listeners(self, component: Any) -> None:
        """Find the listeners of one later component, and see that they will read the right vectors.

        component (Any): A component that comes after this one in the pipeline.
        RAISES (ValueError): If it expects vectors of another width than ours.
        """
        super().find_listeners(component)
        model = getattr(component, "model", None)
        if isinstance(model, Model):
            for node in model.walk():
                if isinstance(node, Tok2VecListener):
                    self._check_order(component.name, node.upstream_name)
                    self._check_width(component.name, node)
        if isinstance(component, Tok2Vec):
            self._encoders_after.append(component.name)

    def _check_width(self, head: str, listener: Tok2VecListener) -> None:
        if listener.upstream_name not in ("*", self.name) or self._encoders_after:
            return
        got, expected = (model.maybe_get_dim("nO") for model in (listener, self.model))
        if None not in (got, expected) and got != expected:
            message = Errors.L215.format(head=head, upstream=self.name, got=got, expected=expected)
            raise ValueError(message)

    def _check_order(self, head: str, upstream: str) -> None:
        # An upstream that is neither we nor after us must be before us, so that we overwrite it.
        other = self._encoders_after[-1] if self._encoders_after else None
        writer = other or self.name
        if upstream == "*" and other is not None:
            message = Warnings.LW02.format(head=head, upstream=self.name, other=other)
            warnings.warn(message, stacklevel=2)
        elif upstream not in ("*", writer):
            message = Warnings.LW01.format(head=head, upstream=upstream, other=writer)
            warnings.warn(message, stacklevel=2)
