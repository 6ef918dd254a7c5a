"""The thinc layer: weights as thinc params, torch as the kernel."""

from functools import partial
from typing import Any, Callable, List, Optional, Sequence, Tuple, cast

import torch
from thinc.api import Model, glorot_uniform_init, torch2xp
from thinc.types import Floats1d, Floats2d

from ..errors import Errors
from ..errors.checks import check_integer, check_share
from ..types import SequenceLayer, Sequences, SequencesResult
from .joined import join, split, to_torch
from .lstm_dropout import drop_recurrent, drop_values, recurrent_rate, same, value_rate
from .lstm_kernel import run_layer
from .lstm_limits import Limits
from .lstm_plan import MAX_TOKENS, Plan, call_cost, max_cells
from .lstm_types import Direction
from .lstm_variants import Variant, run_variant
from .normalize import Norm, normalize
from .precision import PRECISIONS, Precision, compute_type

#: The order of the gates in the rows of `W`, `R` and `b`, `n_hidden` rows each: torch's.
GATES = Variant().gates

DIRECTIONS = ("forward", "backward")


def LSTM(
    nO: Optional[int] = None,
    nI: Optional[int] = None,
    *,
    bidirectional: bool = True,
    depth: int = 1,
    dropout: Optional[float] = 0.0,
    forget_gate: bool = True,
    peepholes: bool = False,
    activation: str = "tanh",
    layer_norm: bool = False,
    residual: bool = False,
    precision: str = "float32",
    variational: bool = False,
    recurrent_dropout: float = 0.0,
    max_tokens_per_batch: int = MAX_TOKENS,
    tbptt: Optional[int] = None,
) -> SequenceLayer:
    """A long short-term memory network (Hochreiter & Schmidhuber 1997; forget gate: Gers,
    Schmidhuber & Cummins 2000; both directions: Graves & Schmidhuber 2005) over each sequence of a
    batch.

    A sequence gives the same output alone, in any batch and in any order (up to rounding), and an
    empty one gives an empty output.

    The params of layer `i`, direction `d` ("forward" or "backward") are `W{i}_{d}`,
    `(4 * n_hidden, n_in)`, Glorot uniform; `R{i}_{d}`, `(4 * n_hidden, n_hidden)`, orthogonal for
    each gate; `b{i}_{d}`, `(4 * n_hidden,)`, 1 for the forget gate and 0 else (Jozefowicz et al.
    2015). Gates lie in the order of `GATES`. Without a forget gate, its rows are missing; with
    peepholes there is also `P{i}_{d}`, `(n_gates, n_hidden)`, for the gates that see the cell:
    input, forget, output. It starts at 0, where it changes nothing. With relu, `R` starts at half
    of what it is else, so that the states don't grow from step to step. With layer normalization
    there are `gain{i}`, which starts at 1, and `shift{i}`, at 0, `(nO,)` each.

    The standard LSTM (the defaults) has a fast kernel, and all others share a slower one.

    Documents of any lengths take bounded memory besides inputs and outputs: however long they are,
    they are cut in time, and the states handed on, so that the values are those of the whole. What
    one layer needs beyond its inputs, its outputs and 128 bytes a token is in prediction at most
    32 bytes for each unit of `nO` of `max_tokens_per_batch` tokens, or of as many as there are
    documents, if those are more; and in training at most 128 bytes, and the gradients.

    nO (Optional[int]): The output width, both directions together.
    nI (Optional[int]): The input width; inferred from the data where it is None.
    bidirectional (bool): Whether to read each sequence from its end too.
    depth (int): The number of layers.
    dropout (Optional[float]): The least rate at which the outputs of each layer are dropped in
        training: the rate is the larger of this and of the one that spaCy's `drop` sets, and
        `drop = 0` switches dropout off. None is never any, whatever spaCy's `drop`.
    forget_gate (bool): Whether the cell can forget. Without, it is the cell of 1997, with tanh as
        its squashing functions and the gradient through all steps.
    peepholes (bool): Whether the gates see the cell state too (Gers & Schmidhuber 2000).
    activation (str): What squashes the candidate and the cell's output: "tanh" or "relu". The gates
        stay sigmoid. With relu, a cell state ends at `lstm_variants.CELL_LIMIT`.
    layer_norm (bool): Whether to normalize the outputs of each layer (Ba, Kiros & Hinton 2016), so
        that what follows gets values around 1 from the first step on, as from spaCy's CNN. The
        states of an untrained LSTM lie around 0.1.
    residual (bool): Whether each layer but the first adds its inputs to its outputs, before any
        normalization (residual connections: He et al. 2016; of LSTMs: Wu et al. 2016), so that
        gradients reach the lower layers undamped. For a `depth` of 2 or more.
    precision (str): What to compute in, in training and in prediction: "float32"; "bfloat16", which
        is about twice as fast where the processor has instructions for it, and keeps 2 to 3 decimal
        digits; or "auto", which is bfloat16 on such a processor and float32 on any other. Weights,
        inputs, outputs and gradients are float32 in any case.
    variational (bool): Whether the dropout is that of Gal & Ghahramani (2016): the same columns of
        all rows of a sequence are dropped, of its inputs too, and not only of the outputs.
    recurrent_dropout (float): The share of the recurrent weights `R` that is dropped in training,
        anew for each batch (Merity, Keskar & Socher 2018). spaCy's `drop` doesn't change it, but
        `drop = 0` switches it off.
    max_tokens_per_batch (int): The most tokens, with padding, that are computed at once, and the
        most of which all that the backward pass needs is kept. In a larger batch, the forward pass
        is computed again for the others, which takes about a third longer.
    tbptt (Optional[int]): Truncated backpropagation through time (Williams & Peng 1990): in each
        direction and layer, no gradient goes back over the states at every so many tokens, counted
        from the first token of a document in the forward direction, and from its last one in the
        backward direction. The outputs are those without. None, or 0, is for the full gradient.
    RETURNS (Model[List[Floats2d], List[Floats2d]]): From `(n_tokens, nI)` to `(n_tokens, nO)` for
        each sequence. The outputs are views on one flat array.
    RAISES (ValueError): If the width is odd with two directions, a setting out of its range, the
        activation unknown, relu is to go without a forget gate, a variant with bfloat16, or
        residual connections in a single layer.
    """
    check_integer("The depth of an LSTM", depth)
    if dropout is not None:
        check_share("The dropout of an LSTM", dropout)
    check_share("The recurrent dropout of an LSTM", recurrent_dropout)
    if nI is not None:
        check_integer("The input width of an LSTM", nI)
    check_integer("`max_tokens_per_batch` of an LSTM", max_tokens_per_batch)
    if tbptt is not None:
        check_integer("`tbptt` of an LSTM", tbptt, least=0)
    if precision not in PRECISIONS:
        raise ValueError(Errors.L007.format(value=precision, options=", ".join(PRECISIONS)))
    if nO is not None:
        _check_width(nO, bidirectional)
    variant = Variant(forget_gate, peepholes, activation)
    variant.check()
    if precision == "bfloat16" and not variant.is_standard:
        raise ValueError(Errors.L015.format(variant=variant))
    directions = DIRECTIONS if bidirectional else DIRECTIONS[:1]
    names = [f"{p}{i}_{d}" for i in range(depth) for d in directions for p in variant.params]
    if residual and depth == 1:
        raise ValueError(Errors.L018)
    if layer_norm:
        names += [f"{part}{i}" for i in range(depth) for part in Norm._fields]
    return Model(
        "lstm",
        forward,
        init=init,
        dims={"nO": nO, "nI": nI},
        params=dict.fromkeys(names),
        attrs={
            "depth": depth,
            "directions": list(directions),
            "dropout": dropout,
            "dropout_rate": None,  # until `set_dropout_rate`, which goes before the LSTM's own
            "variational": variational,
            "recurrent_dropout": recurrent_dropout,
            "layer_norm": layer_norm,
            "residual": residual,
            "precision": Precision(precision),
            "limits": Limits(max_tokens_per_batch, tbptt or None),
            **variant._asdict(),
        },
    )


def _check_width(nO: int, bidirectional: bool) -> None:
    check_integer("The width of an LSTM", nO, least=2 if bidirectional else 1)
    if bidirectional and nO % 2:
        raise ValueError(Errors.L001.format(width=nO, lower=nO - 1, upper=nO + 1))


def forward(model: SequenceLayer, Xs: Sequences, is_train: bool) -> SequencesResult:
    nO, nI = model.get_dim("nO"), model.get_dim("nI")
    lengths = [X.shape[0] for X in Xs]
    if sum(lengths) == 0:
        return [model.ops.alloc2f(0, nO) for _ in Xs], _empty_backprop(model, len(Xs))
    flat = join(model.ops, Xs)
    if flat.shape[1] != nI:
        raise ValueError(Errors.L004.format(expected=nI, got=flat.shape[1]))
    states = to_torch(flat)
    variant = variant_of(model)
    dtype = compute_type(model.attrs["precision"], states)
    run: Any = partial(run_layer, dtype=dtype)
    if not variant.is_standard:
        run = partial(run_variant, variant=variant)
    n_hidden = nO // len(model.attrs["directions"])
    limits: Limits = model.attrs["limits"]
    plan = Plan(
        lengths,
        states.device,
        call_cost=call_cost(nI, n_hidden, dtype),
        max_cells=max_cells(n_hidden, is_train),
        max_tokens=limits.max_tokens,
        cut_every=limits.tbptt if is_train else None,
    )
    rate, is_variational = value_rate(model, is_train), model.attrs["variational"]
    one_each = lengths if is_variational else None
    states, bp_inputs = drop_values(model.ops, states, rate if is_variational else 0.0, one_each)
    backprops = []
    for layer in range(model.attrs["depth"]):
        weights, bp_weights = drop_recurrent(
            model.ops, weights_of(model, layer), recurrent_rate(model, is_train)
        )
        inputs = states
        states, bp_layer = run(inputs, weights, plan, is_train)
        if not is_train:  # nothing is kept that only a backward pass would need
            states = finish_in_place(model, layer, inputs, states)
            continue
        if adds_inputs(model, layer):
            states = states + inputs
        states, bp_norm = _normalize(model, layer, states)
        states, bp_dropout = drop_values(model.ops, states, rate, one_each)
        backprops.append((layer, bp_weights, bp_layer, bp_norm, bp_dropout))
    Ys = split(_to_ops(model, states), lengths)
    if not is_train:
        return Ys, _no_backprop

    def backprop(dYs: Sequences) -> Sequences:
        d_states = to_torch(join(model.ops, dYs))
        for layer, bp_weights, bp_layer, bp_norm, bp_dropout in reversed(backprops):
            d_outputs = bp_norm(bp_dropout(d_states))
            d_states, gradients = bp_layer(d_outputs)
            if adds_inputs(model, layer):
                d_states = d_states + d_outputs
            directions = zip(model.attrs["directions"], bp_weights(gradients), strict=True)
            for direction, gradient in directions:
                for param, d_param in zip(variant.params, gradient, strict=True):
                    model.inc_grad(f"{param}{layer}_{direction}", _to_ops(model, d_param))
        return split(_to_ops(model, bp_inputs(d_states)), lengths)

    return Ys, backprop


def _to_ops(model: SequenceLayer, tensor: torch.Tensor) -> Any:
    return torch2xp(tensor, ops=model.ops)


def _empty_backprop(model: SequenceLayer, n: int) -> Callable[[Sequences], Sequences]:
    def backprop(dYs: Sequences) -> Sequences:
        return [model.ops.alloc2f(0, model.get_dim("nI")) for _ in range(n)]

    return backprop


def _no_backprop(dYs: Sequences) -> Sequences:
    raise ValueError(Errors.L017)


def variant_of(model: SequenceLayer) -> Variant:
    """model (Model[List[Floats2d], List[Floats2d]]): An LSTM.
    RETURNS (Variant): Which one it is.
    """
    return Variant(*(model.attrs[name] for name in Variant._fields))


def weights_of(model: SequenceLayer, layer: int) -> List[Any]:
    """model (Model[List[Floats2d], List[Floats2d]]): An LSTM.
    layer (int): The number of a layer.
    RETURNS (List[Weights]): The weights of each of its directions.
    """
    # Views, made anew at each call: `use_params` and the optimizer bind other arrays to the names.
    variant = variant_of(model)
    weights = [
        [to_torch(model.get_param(f"{param}{layer}_{direction}")) for param in variant.params]
        for direction in model.attrs["directions"]
    ]
    return [Direction(*w) for w in weights] if variant.is_standard else weights


def _normalize(
    model: SequenceLayer, layer: int, states: torch.Tensor
) -> Tuple[torch.Tensor, Callable[[torch.Tensor], torch.Tensor]]:
    if not model.attrs["layer_norm"]:
        return states, same
    norm = Norm(*(to_torch(model.get_param(f"{part}{layer}")) for part in Norm._fields))
    normalized, bp_norm = normalize(states, norm)

    def backprop(d_states: torch.Tensor) -> torch.Tensor:
        d_states, gradients = bp_norm(d_states)
        for part, gradient in zip(Norm._fields, gradients, strict=True):
            model.inc_grad(f"{part}{layer}", _to_ops(model, gradient))
        return d_states

    return normalized, backprop


def adds_inputs(model: SequenceLayer, layer: int) -> bool:
    """model (Model[List[Floats2d], List[Floats2d]]): An LSTM.
    layer (int): The number of a layer.
    RETURNS (bool): Whether it adds its inputs to its outputs. The first never does.
    """
    return bool(model.attrs["residual"] and layer)


def finish_in_place(
    model: SequenceLayer, layer: int, inputs: torch.Tensor, states: torch.Tensor
) -> torch.Tensor:
    """Make the hidden states of a layer its outputs: add its inputs, and normalize them, where the
    LSTM does so.

    model (Model[List[Floats2d], List[Floats2d]]): An LSTM.
    layer (int): The number of the layer.
    inputs (torch.Tensor): The inputs of the layer, `(n_tokens, n_in)`.
    states (torch.Tensor): Its hidden states, `(n_tokens, nO)`. Changed in place.
    RETURNS (torch.Tensor): The same.
    """
    if adds_inputs(model, layer):
        states += inputs
    for rows in states.split(model.attrs["limits"].max_tokens):
        rows.copy_(_normalize(model, layer, rows)[0])
    return states


def init(
    model: SequenceLayer, X: Optional[Sequences] = None, Y: Optional[Sequences] = None
) -> None:
    if X is not None and model.has_dim("nI") is None:
        model.set_dim("nI", X[0].shape[1])
    if Y is not None and model.has_dim("nO") is None:
        model.set_dim("nO", Y[0].shape[1])
    directions = model.attrs["directions"]
    variant = variant_of(model)
    nO = model.get_dim("nO")
    _check_width(nO, len(directions) == 2)
    n_hidden = nO // len(directions)
    for layer in range(model.attrs["depth"]):
        n_in = model.get_dim("nI") if layer == 0 else nO
        for direction in directions:
            name = f"{layer}_{direction}"
            W = [_glorot(model, n_hidden, n_in) for _ in variant.gates]
            R = [variant.recurrent_scale * _orthogonal(model, n_hidden) for _ in variant.gates]
            model.set_param(f"W{name}", model.ops.xp.concatenate(W))
            model.set_param(f"R{name}", model.ops.xp.concatenate(R))
            model.set_param(f"b{name}", _biases(model, n_hidden, variant.gates))
            if variant.peepholes:
                model.set_param(f"P{name}", model.ops.alloc2f(len(variant.peeping), n_hidden))
        if model.attrs["layer_norm"]:
            model.set_param(f"gain{layer}", model.ops.alloc1f(nO) + 1)
            model.set_param(f"shift{layer}", model.ops.alloc1f(nO))


def _glorot(model: SequenceLayer, n_out: int, n_in: int) -> Floats2d:
    return cast(Floats2d, glorot_uniform_init(model.ops, (n_out, n_in)))


def _orthogonal(model: SequenceLayer, n: int) -> Floats2d:
    """A random orthogonal matrix, uniformly drawn (Saxe et al. 2014; Mezzadri 2007)."""
    xp = model.ops.xp
    Q, R = xp.linalg.qr(xp.random.normal(size=(n, n)))
    return model.ops.asarray2f(Q * xp.sign(xp.diagonal(R)))


def _biases(model: SequenceLayer, n_hidden: int, gates: Sequence[str]) -> Floats1d:
    b: Any = model.ops.alloc1f(len(gates) * n_hidden)
    if "forget" in gates:
        forget = gates.index("forget")
        b[forget * n_hidden : (forget + 1) * n_hidden] = 1.0
    return b
