"""Layers from `List[Floats2d]` to `List[Floats2d]`: ours, and those that could stand in its place.

A step of training is the forward and the backward pass, down to the gradients of the weights and of
the input, and no optimizer. Conversions from and to the list are everybody's own.
"""

import inspect
from importlib.util import find_spec
from typing import Any, Callable, Dict, List, NamedTuple, Sequence

import torch
from spacy.ml.models.tok2vec import BiLSTMEncoder as SpacyBiLSTM
from spacy.ml.models.tok2vec import MaxoutWindowEncoder
from thinc.api import LSTM as THINC_LSTM
from thinc.api import Model, NumpyOps, with_padded
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

from spacy_lstm.layers.lstm import LSTM
from spacy_lstm.types import Array

Arrays = List[Array]


class Layer(NamedTuple):
    """A layer that can be measured.

    infer (Callable[[Arrays], Arrays]): From vectors to states.
    train (Callable[[Arrays, Arrays], Arrays]): From vectors and the gradient of the states to the
        gradient of the vectors.
    """

    infer: Callable[[Arrays], Arrays]
    train: Callable[[Arrays, Arrays], Arrays]


Maker = Callable[[int], Layer]


def ours(width: int, precision: str = "float32") -> Layer:
    """width (int): The width of the vectors and of the states, both directions together.
    precision (str): "float32" or "bfloat16".
    RETURNS (Layer): `spacy_lstm.LSTM.v1`.
    """
    settings: Dict[str, Any] = {"precision": precision} if has_precision() else {}
    return _of_thinc(LSTM(width, width, **settings), width)


def has_precision() -> bool:
    """RETURNS (bool): Whether our layer can compute in bfloat16."""
    return "precision" in inspect.signature(LSTM).parameters


def packed_torch(width: int) -> Layer:
    """width (int): The width.
    RETURNS (Layer): `torch.nn.LSTM` over packed sequences.
    """
    lstm = torch.nn.LSTM(width, width // 2, bidirectional=True)

    def run(Xs: Arrays, is_train: bool) -> Any:
        lengths = torch.tensor([len(X) for X in Xs])
        padded = pad_sequence([torch.from_numpy(X) for X in Xs]).requires_grad_(is_train)
        packed = pack_padded_sequence(padded, lengths, enforce_sorted=False)
        return padded, pad_packed_sequence(lstm(packed)[0])[0]

    def infer(Xs: Arrays) -> Arrays:
        with torch.inference_mode():
            states = run(Xs, False)[1].numpy()
        return _columns(states, Xs)

    def train(Xs: Arrays, dYs: Arrays) -> Arrays:
        lstm.zero_grad()
        padded, states = run(Xs, True)
        states.backward(pad_sequence([torch.from_numpy(dY) for dY in dYs]))
        return _columns(padded.grad.numpy(), Xs)

    return Layer(infer, train)


def keras(width: int) -> Layer:
    """width (int): The width.
    RETURNS (Layer): Keras' `Bidirectional(LSTM)` over masked sequences, compiled where its backend
        is TensorFlow.
    """
    import keras

    layers = keras.layers
    layer = layers.Bidirectional(layers.LSTM(width // 2, return_sequences=True))
    return (_keras_tensorflow if keras.backend.backend() == "tensorflow" else _keras_torch)(layer)


def _keras_torch(layer: Any) -> Layer:
    def run(Xs: Arrays, is_train: bool) -> Any:
        padded, mask = _padded(Xs)
        padded.requires_grad_(is_train)
        return padded, layer(padded, mask=mask, training=is_train)

    def infer(Xs: Arrays) -> Arrays:
        with torch.no_grad():
            return _rows(run(Xs, False)[1].numpy(), Xs)

    def train(Xs: Arrays, dYs: Arrays) -> Arrays:
        layer.zero_grad()
        padded, states = run(Xs, True)
        states.backward(_padded(dYs)[0])
        return _rows(padded.grad.numpy(), Xs)

    return Layer(infer, train)


def _keras_tensorflow(layer: Any) -> Layer:
    import tensorflow as tf

    # Compiled for the shapes of each batch: that is done before the first measurement.
    @tf.function
    def forward(padded: Any, mask: Any) -> Any:
        return layer(padded, mask=mask, training=False)

    @tf.function
    def step(padded: Any, mask: Any, d_states: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(padded)
            states = layer(padded, mask=mask, training=True)
        inputs = [padded, *layer.trainable_variables]
        return tape.gradient(states, inputs, output_gradients=d_states)

    def infer(Xs: Arrays) -> Arrays:
        padded, mask = (tf.convert_to_tensor(part.numpy()) for part in _padded(Xs))
        return _rows(forward(padded, mask).numpy(), Xs)

    def train(Xs: Arrays, dYs: Arrays) -> Arrays:
        parts = (*_padded(Xs), _padded(dYs)[0])
        d_padded, *_ = step(*(tf.convert_to_tensor(part.numpy()) for part in parts))
        return _rows(d_padded.numpy(), Xs)

    return Layer(infer, train)


def spacy_bilstm(width: int) -> Layer:
    """width (int): The width.
    RETURNS (Layer): `spacy.TorchBiLSTMEncoder.v1`, whose states depend on the padding.
    """
    return _of_thinc(SpacyBiLSTM(width, depth=1, dropout=0.0), width)


def thinc_lstm(width: int) -> Layer:
    """width (int): The width.
    RETURNS (Layer): thinc's `LSTM.v1`, whose gradients are wrong.
    """
    return _of_thinc(with_padded(THINC_LSTM(width, width, bi=True)), width)


def spacy_cnn(width: int, *, use_blis: bool = True) -> Layer:
    """width (int): The width.
    use_blis (bool): As spaCy is shipped, or with numpy's matrix product.
    RETURNS (Layer): `spacy.MaxoutWindowEncoder.v2` of depth 4, spaCy's usual encoder.
    """
    model = MaxoutWindowEncoder(width=width, window_size=1, maxout_pieces=3, depth=4)
    return _of_thinc(model if use_blis else without_blis(model), width)


def without_blis(model: Model) -> Model:
    """model (Model): Any model. Changed in place.
    RETURNS (Model): The model, with numpy's matrix product in each layer.
    """
    ops = NumpyOps(use_blis=False)
    for node in model.walk():
        node.ops = ops
    return model


#: What could stand in the place of our layer, by name.
PEERS: Dict[str, Maker] = {
    "packed torch.nn.LSTM": packed_torch,
    "spacy.TorchBiLSTMEncoder.v1 (inexact)": spacy_bilstm,
    "Keras LSTM": keras,
    "thinc LSTM.v1 (wrong gradients)": thinc_lstm,
    "spaCy's CNN": spacy_cnn,
    "spaCy's CNN without BLIS": lambda width: spacy_cnn(width, use_blis=False),
}


def missing_peers() -> Dict[str, str]:
    """RETURNS (Dict[str, str]): The peers that can't be measured here, with the reason."""
    if find_spec("keras") is None:
        return {"Keras LSTM": 'Keras is not installed: pip install "spacy-lstm[benchmarks]"'}
    return {}


def set_threads(n: int) -> None:
    """Keep what we measure to some threads, as far as that isn't done by the environment.

    n (int): How many.
    """
    torch.set_num_threads(n)
    if find_spec("keras") is not None:
        import keras

        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            tf.config.threading.set_intra_op_parallelism_threads(n)
            tf.config.threading.set_inter_op_parallelism_threads(1)


def _of_thinc(model: Any, width: int) -> Layer:
    import numpy

    model.initialize(X=[numpy.zeros((2, width), dtype="float32")])

    def train(Xs: Arrays, dYs: Arrays) -> Arrays:
        _, backprop = model.begin_update(Xs)
        return backprop(dYs)

    return Layer(model.predict, train)


def _padded(Xs: Arrays) -> Sequence[torch.Tensor]:
    padded = pad_sequence([torch.from_numpy(X) for X in Xs], batch_first=True)
    lengths = torch.tensor([len(X) for X in Xs])
    return padded, torch.arange(padded.shape[1])[None, :] < lengths[:, None]


def _columns(states: Array, Xs: Arrays) -> Arrays:
    return [states[: len(X), i] for i, X in enumerate(Xs)]


def _rows(states: Array, Xs: Arrays) -> Arrays:
    return [states[i, : len(X)] for i, X in enumerate(Xs)]
