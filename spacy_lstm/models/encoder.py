"""The encoder architecture: vectors in their context."""

from typing import Optional

from ..layers.lstm import LSTM
from ..layers.lstm_plan import MAX_TOKENS
from ..types import SequenceLayer


def BiLSTMEncoder(
    width: int,
    depth: int = 1,
    dropout: float = 0.0,
    *,
    bidirectional: bool = True,
    forget_gate: bool = True,
    peepholes: bool = False,
    activation: str = "tanh",
    layer_norm: bool = False,
    residual: bool = False,
    nI: Optional[int] = None,
    precision: str = "float32",
    variational: bool = False,
    recurrent_dropout: float = 0.0,
    max_tokens_per_batch: int = MAX_TOKENS,
    tbptt: Optional[int] = None,
) -> SequenceLayer:
    """Encode each vector of a sequence in its context with an LSTM that reads the sequence from
    both ends (Graves & Schmidhuber 2005). Fits the `encode` slot of `spacy.Tok2Vec.v2`, and takes
    any sequence of vectors, not only embedded words.

    width (int): The output width, both directions together, so an even number if there are two.
        It need not be the input width. Usual values lie between 64 and 512.
    depth (int): The number of LSTM layers. Each reads the outputs of the one before.
    dropout (float): The least rate at which the outputs of each layer are dropped in training. The
        rate is the larger of this and spaCy's `drop` (in a config: `[training] dropout`), and
        `drop = 0` switches dropout off.
    bidirectional (bool): Whether to read each sequence from its end too. Without, each output knows
        only the tokens up to its own.
    forget_gate (bool): Whether the cell can forget (Gers, Schmidhuber & Cummins 2000). Without, it
        is the cell of Hochreiter & Schmidhuber (1997).
    peepholes (bool): Whether the gates see the cell state too (Gers & Schmidhuber 2000).
    activation (str): "tanh", or "relu" for the candidate and the cell's output; the gates stay
        sigmoid. All but the defaults of these three take a slower kernel.
    layer_norm (bool): Whether to normalize the outputs of each layer (Ba, Kiros & Hinton 2016).
        spaCy's own components expect vectors of the size that it gives.
    residual (bool): Whether each layer but the first adds its inputs to its outputs, before any
        normalization (He et al. 2016; Wu et al. 2016). For a `depth` of 2 or more.
    nI (Optional[int]): The input width. Inferred from the data where it is left out.
    precision (str): What to compute in: "float32"; "bfloat16", about twice as fast where the
        processor has instructions for it, but keeps 2 to 3 decimal digits only; or "auto", which is
        bfloat16 on such a processor, and float32 on any other. Weights and outputs are float32.
    variational (bool): Whether dropout takes the same columns of all tokens of a text, of the
        inputs too, and not only of the outputs (Gal & Ghahramani 2016).
    recurrent_dropout (float): The share of the recurrent weights that is dropped in training, anew
        for each batch (Merity, Keskar & Socher 2018), at any `drop` of spaCy's but 0.
    max_tokens_per_batch (int): The most tokens, with padding, that are computed at once: it bounds
        the memory that documents of any lengths take besides their vectors. In training, of as many
        tokens all that the gradients need is kept, and of the others it is computed again, which
        takes about a third longer. The results are the same.
    tbptt (Optional[int]): Truncated backpropagation through time (Williams & Peng 1990): gradients
        go back over the states of so many tokens at most, from each multiple of it, counted from
        where a direction begins to read. The outputs stay the same. None, or 0, is for all.
    RETURNS (Model[List[Floats2d], List[Floats2d]]): From `(n_tokens, nI)` to `(n_tokens, width)`
        for each document.
    RAISES (ValueError): If the width is odd with two directions, a setting out of its range, the
        activation unknown, relu is to go without a forget gate, or residual connections are set
        for a single layer.
    """
    model = LSTM(
        width,
        nI,
        bidirectional=bidirectional,
        depth=depth,
        dropout=dropout,
        forget_gate=forget_gate,
        peepholes=peepholes,
        activation=activation,
        layer_norm=layer_norm,
        residual=residual,
        precision=precision,
        variational=variational,
        recurrent_dropout=recurrent_dropout,
        max_tokens_per_batch=max_tokens_per_batch,
        tbptt=tbptt,
    )
    model.name = "bilstm_encoder" if bidirectional else "lstm_encoder"
    return model
