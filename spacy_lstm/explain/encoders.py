"""Where a component gets the vectors of tokens from."""

from typing import NamedTuple, Optional

from spacy.language import Language
from spacy.pipeline import Tok2Vec
from spacy.pipeline.tok2vec import Tok2VecListener
from thinc.api import Model

from ..errors import Errors
from ..pipeline.heads import upstream_of
from ..types import Tok2VecModel


class Encoder(NamedTuple):
    """What gives a component the vectors of tokens.

    name (str): The component that it belongs to: a shared encoder, or the component itself.
    model (Model[List[Doc], List[Floats2d]]): The layer from documents to vectors.
    listener (Optional[Model[List[Doc], List[Floats2d]]]): The layer of the component that listens
        to it, if it is a shared one.
    """

    name: str
    model: Tok2VecModel
    listener: Optional[Tok2VecModel]

    @property
    def embed(self) -> Tok2VecModel:
        """RETURNS (Model[List[Doc], List[Floats2d]]): The layer that embeds tokens."""
        return self.model.get_ref("embed")

    @property
    def encode(self) -> Model:
        """RETURNS (Model[List[Floats2d], List[Floats2d]]): The layer that sees their context."""
        return self.model.get_ref("encode")


def find_encoder(nlp: Language, name: str) -> Encoder:
    """Find the encoder that a component reads.

    nlp (Language): The pipeline.
    name (str): The name of the component, which may be a shared encoder.
    RETURNS (Encoder): Its encoder: its own, or the shared one that it listens to, which is the last
        one before it, as all write to `doc.tensor`.
    RAISES (ValueError): If it has none whose layers are known.
    """
    pipe = nlp.get_pipe(name)
    model = getattr(pipe, "model", None)
    if isinstance(pipe, Tok2Vec):
        return _checked(name, Encoder(name, pipe.model, None))
    if not isinstance(model, Model) or not model.has_ref("tok2vec"):
        reason = "it has no model with the ref `tok2vec`"
        raise ValueError(Errors.L864.format(name=name, reason=reason))
    tok2vec = model.get_ref("tok2vec")
    if upstream_of(tok2vec) is None:
        return _checked(name, Encoder(name, tok2vec, None))
    before = nlp.pipeline[: nlp.pipe_names.index(name)]
    shared = [(other, pipe) for other, pipe in before if isinstance(pipe, Tok2Vec)]
    if not isinstance(tok2vec, Tok2VecListener) or not shared:
        reason = f"no encoder of spaCy's kind runs before it, and it listens by '{tok2vec.name}'"
        raise ValueError(Errors.L864.format(name=name, reason=reason))
    upstream, encoder = shared[-1]
    return _checked(name, Encoder(upstream, encoder.model, tok2vec))


def _checked(name: str, encoder: Encoder) -> Encoder:
    if not (encoder.model.has_ref("embed") and encoder.model.has_ref("encode")):
        reason = f"the encoder '{encoder.model.name}' has no refs `embed` and `encode`"
        raise ValueError(Errors.L864.format(name=name, reason=reason))
    return encoder
