"""Entities and categories over a stream of text, in constant memory."""

from contextlib import nullcontext
from typing import Any, Dict, Iterable, Iterator, List, NamedTuple, Union

from spacy.language import Language
from spacy.pipeline import Tok2Vec

from ..errors import Errors
from ..errors.checks import check_integer
from ..explain.encoders import find_encoder
from ..pipeline.ner import LSTMEntityRecognizer
from ..pipeline.textcat import LSTMTextCategorizer
from .categories import CategoriesStream
from .encoders import EncoderStream
from .entities import EntitiesStream
from .events import StreamEvent
from .tokens import Token, complete_texts, make_doc, tokenize
from .window import Window


class Head(NamedTuple):
    """A component of a stream.

    encoder (str): The name of the component whose encoder it reads.
    stream (Union[CategoriesStream, EntitiesStream]): What it does.
    """

    encoder: str
    stream: Union[CategoriesStream, EntitiesStream]


def stream(
    nlp: Language, chunks: Iterable[str], *, lookahead: int = 128, step: int = 256
) -> Iterator[StreamEvent]:
    """Find the entities and categories of a text that comes in chunks and may never end, in
    constant memory, as if it were one document.

    The forward direction of the LSTM goes on from chunk to chunk exactly. The backward direction
    can't know what isn't there yet: it sees `lookahead` tokens beyond each token that is decided
    on. Poolings and n-grams are kept as running statistics of all tokens, and the CRF hands on its
    messages. So the only difference from the whole document is what the backward direction, and
    what the CRF sees of later tokens, would make of tokens further away than that. Where the whole
    stream has no more tokens than `lookahead`, there is none.

    Works with lstm_ner, lstm_textcat and lstm_textcat_multilabel, with encoders of their own or a
    shared lstm_encoder. Chunks may be cut anywhere; a word that isn't finished is waited for, up to
    10,000 characters. The tokens are those of the whole text with spaCy's own tokenizer. Strings
    that are new to the vocabulary are forgotten again (`nlp.memory_zone`).

    nlp (Language): A pipeline.
    chunks (Iterable[str]): The text.
    lookahead (int): How many tokens later ones are looked at before a token is decided on.
    step (int): How many tokens are decided on at once: with more, less is computed again, and
        events come later. A step computes `step + lookahead` tokens.
    RETURNS (Iterator[StreamEvent]): `Entity` as soon as an entity is settled, in order, and
        `Categories` of all that was read, after each step and at the end.
    RAISES (ValueError): If a component can't run on a stream, or a setting or a chunk is wrong.
    """
    check_integer("`lookahead`", lookahead, least=0)
    check_integer("`step`", step)
    heads, encoders = _open(nlp)
    return _run(nlp, chunks, heads, encoders, lookahead, step)


def _open(nlp: Language) -> Any:
    heads: List[Head] = []
    encoders: Dict[str, EncoderStream] = {}
    for name, pipe in nlp.pipeline:
        if isinstance(pipe, Tok2Vec):
            EncoderStream(find_encoder(nlp, name))  # can be one
            continue
        if not isinstance(pipe, (LSTMEntityRecognizer, LSTMTextCategorizer)):
            reason = "it isn't one of lstm_encoder, lstm_ner, lstm_textcat, lstm_textcat_multilabel"
            raise ValueError(Errors.L951.format(name=name, reason=reason))
        if not pipe.labels:
            continue
        encoder = find_encoder(nlp, name)
        encoders.setdefault(encoder.name, EncoderStream(encoder))
        kind: Any = EntitiesStream if isinstance(pipe, LSTMEntityRecognizer) else CategoriesStream
        heads.append(Head(encoder.name, kind(name, pipe)))
    if not heads:
        raise ValueError(Errors.L952.format(components=", ".join(nlp.pipe_names) or "none"))
    return heads, encoders


def _run(
    nlp: Language,
    chunks: Iterable[str],
    heads: List[Head],
    encoders: Dict[str, EncoderStream],
    lookahead: int,
    step: int,
) -> Iterator[StreamEvent]:
    most_before = max(
        *(head.stream.n_before for head in heads),
        *(encoder.n_before for encoder in encoders.values()),
    )
    tokens: List[Token] = []
    n_before = 0

    def advance(n_settled: int, is_final: bool) -> List[StreamEvent]:
        nonlocal tokens, n_before
        part = tokens[: n_before + n_settled + (0 if is_final else lookahead)]
        with _memory_zone(nlp):
            window = Window(make_doc(nlp, part), part, n_before, n_settled, is_final)
            vectors = {
                name: encoder.run(window.doc, n_before, n_settled)
                for name, encoder in encoders.items()
            }
            events = [
                event for head in heads for event in head.stream.run(window, vectors[head.encoder])
            ]
        done = n_before + n_settled
        n_before = min(most_before, done)
        tokens = tokens[done - n_before :]
        return events

    for text, start in complete_texts(chunks):
        with _memory_zone(nlp):
            tokens += tokenize(nlp, text, start)
        while len(tokens) - n_before > step + lookahead:
            yield from advance(step, False)
    # What is known to be the end is looked at as a whole: it is no longer than a step is.
    if len(tokens) > n_before:
        yield from advance(len(tokens) - n_before, True)


def _memory_zone(nlp: Language) -> Any:
    vocab: Any = nlp.vocab
    return nullcontext() if vocab.in_memory_zone else nlp.memory_zone()
