"""What happens inside an LSTM while it reads a text?"""

from dataclasses import dataclass, fields
from typing import Any, Dict, List, Optional, Union

import numpy
from spacy.language import Language
from spacy.pipeline import Tok2Vec
from spacy.tokens import Doc
from thinc.api import Model

from ..errors import Errors
from ..layers.lstm import forward as lstm
from ..layers.lstm_trace import Trace, trace_lstm
from ..types import Array
from .encoders import Encoder, find_encoder
from .heads import copy_fresh, run_until


@dataclass(frozen=True, eq=False)
class Gates:
    """All gates and states of the LSTM of a component, for a text.

    tokens (List[str]): The tokens.
    whitespace (List[str]): What follows each of them: a space, or nothing.
    component (str): The component that the LSTM belongs to: a shared encoder, or the head itself.
    parts (List[Trace]): What each direction of each layer computes, the lowest layer first:
        `layer`, `direction`, and `input`, `forget`, `output`, `candidate`, `cell` and `hidden`,
        `(n_tokens, n_hidden)` each, float64. The rows are the tokens in the order of the text.
    vectors (Array): What the LSTM gives, `(n_tokens, width)`, float64: the hidden states of the
        last layer, normalized if it does so.
    direction (str): "rtl" where the language is written from right to left, else "ltr".
    """

    tokens: List[str]
    whitespace: List[str]
    component: str
    parts: List[Trace]
    vectors: Array
    direction: str

    def _repr_html_(self) -> str:
        """How a notebook shows it."""
        from .render import render

        return render(self)

    def to_dict(self) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): The same for JSON."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        values["vectors"] = self.vectors.tolist()
        values["parts"] = [
            {
                name: value.tolist() if isinstance(value, numpy.ndarray) else value
                for name, value in part._asdict().items()
            }
            for part in self.parts
        ]
        return values


def gates(nlp: Language, text: Union[str, Doc], component: Optional[str] = None) -> Gates:
    """Look inside an LSTM: the input, forget and output gate, the candidate, the cell and the
    hidden state at each token, for each direction and layer. They are computed from the equations,
    in float64, with the weights as they are, and the vectors are those that the component computes
    with, up to rounding: that of float32, or of bfloat16 where it computes in that.

    The forget gates tell how far something is carried: a unit whose gate stays near 1 keeps what it
    holds.

    nlp (Language): The pipeline.
    text (Union[str, Doc]): The text. Of a document, the words are used, and the beginnings of
        sentences; it isn't changed. It is read as a whole.
    component (Optional[str]): The name of a shared encoder, or of a component with an encoder of
        its own or that listens to a shared one; None for the only one that the pipeline has.
    RETURNS (Gates): Gates and states.
    RAISES (ValueError): If there is no such component, if there are several and none is named, or
        if its encoder isn't an LSTM of ours.
    """
    encoder = _choose(nlp, component)
    doc = copy_fresh(nlp.make_doc(text) if isinstance(text, str) else text)
    (ready,) = run_until(nlp, [doc], encoder.name, through=False)
    (embedded,) = encoder.embed.predict([ready])
    traces = trace_lstm(encoder.encode, embedded)
    return Gates(
        tokens=[token.text for token in doc],
        whitespace=[token.whitespace_ for token in doc],
        component=encoder.name,
        parts=traces.parts,
        vectors=traces.output,
        direction=nlp.vocab.writing_system.get("direction", "ltr"),
    )


def _choose(nlp: Language, component: Optional[str]) -> Encoder:
    if component is not None:
        if component not in nlp.pipe_names:
            options = ", ".join(map(repr, nlp.pipe_names))
            raise ValueError(Errors.L854.format(name=component, options=options))
        encoder = find_encoder(nlp, component)
        if not _is_lstm(encoder.encode):
            message = Errors.L867.format(name=component, encoder=encoder.encode.name)
            raise ValueError(message)
        return encoder
    found = {}
    for name, pipe in nlp.pipeline:
        tok2vec = _own_tok2vec(pipe)
        if (
            tok2vec is not None
            and tok2vec.has_ref("encode")
            and _is_lstm(tok2vec.get_ref("encode"))
        ):
            found[name] = find_encoder(nlp, name)
    if not found:
        components = ", ".join(nlp.pipe_names) or "none"
        raise ValueError(Errors.L868.format(components=components))
    first, *others = found
    if others:
        options = ", ".join(map(repr, found))
        raise ValueError(Errors.L853.format(options=options, first=first))
    return found[first]


def _own_tok2vec(pipe: Any) -> Optional[Model]:
    model = getattr(pipe, "model", None)
    if isinstance(pipe, Tok2Vec) or not isinstance(model, Model):
        return model
    return model.get_ref("tok2vec") if model.has_ref("tok2vec") else None


def _is_lstm(layer: Model) -> bool:
    return layer._func is lstm
