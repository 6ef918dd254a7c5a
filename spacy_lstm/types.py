"""The aliases that the signatures use."""

from typing import Any, Callable, List, Tuple

from numpy.typing import NDArray
from spacy.tokens import Doc
from thinc.api import Model
from thinc.types import Floats2d, Ragged

#: A numpy array, for what is computed on the CPU whatever the model's ops are.
Array = NDArray[Any]

#: One array a document, of shape `(n_tokens, width)`: views on one flat array where we made them.
Sequences = List[Floats2d]

#: A layer from vectors to vectors, one row a token.
SequenceLayer = Model[Sequences, Sequences]

#: A layer from documents to vectors, one row a token: spaCy's "tok2vec".
Tok2VecModel = Model[List[Doc], Sequences]

#: A layer from the tokens' vectors to one vector a document.
PoolingLayer = Model[Ragged, Floats2d]

#: A model from documents to one row of scores a document.
DocScorer = Model[List[Doc], Floats2d]

SequencesResult = Tuple[Sequences, Callable[[Sequences], Sequences]]
