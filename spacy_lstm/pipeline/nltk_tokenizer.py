"""`spacy_lstm.NLTKTokenizer.v1`: NLTK's tokenizers in a spaCy pipeline."""

import html
import re
from functools import partial
from pathlib import Path
from typing import (
    Any,
    Callable,
    Dict,
    Iterable,
    Iterator,
    List,
    NamedTuple,
    Optional,
    Sequence,
    Union,
)

import srsly
from spacy import util
from spacy.language import Language
from spacy.scorer import Scorer
from spacy.tokens import Doc
from spacy.training import Example, validate_examples
from spacy.vocab import Vocab

from ..errors import Errors
from ..files.manifest import dump_cfg, read_manifest
from ..files.parts import CFG, Part, parts_in_bytes, parts_in_folder
from .alignment import Rewrites, Span, align, words_and_spaces
from .serialization import read_settings, with_manifest, write_folder

#: What it is in its files, and what messages call it.
KIND, NAME = "nltk_tokenizer", "tokenizer"
# NLTK's expression for tweets takes time with the square of what it can't split, so texts are
# handed over in blocks: of at least so many characters, and at most so many.
BLOCK = 1000
LONGEST_BLOCK = 2000
# Whitespace that no token of a tweet has inside: phone numbers and ellipses have no letters.
AFTER_LETTER = re.compile(r"[^\W\d_]\s")
WHITESPACE = re.compile(r"\s")


def _quotes(piece: str) -> Sequence[str]:
    return ("``", "''") if piece == '"' else ("``",)


def _tweeted(piece: str) -> Sequence[str]:
    if not piece.startswith("&") or not piece.endswith(";"):
        return (piece[:3],)
    # An entity that isn't one is left out.
    return ("".join(html.unescape(piece).split()), "")


def _escaped(piece: str) -> Sequence[str]:
    # Tabs are written out, though they are whitespace.
    tabs = piece.count("\t")
    return ("&#9;" * tabs if tabs else {"&": "&amp;", "|": "&#124;"}.get(piece, "/"),)


class Kind(NamedTuple):
    """One of NLTK's tokenizers.

    name (str): The name of its class.
    rewrites (Optional[Rewrites]): What it does to the text.
    in_blocks (bool): Whether it is to be given the text in blocks.
    """

    name: str
    rewrites: Optional[Rewrites] = None
    in_blocks: bool = False


KINDS = {
    "toktok": Kind(
        "ToktokTokenizer",
        Rewrites(re.compile(r"://\S/|[&|]|\t\s*"), _escaped),
    ),
    "treebank": Kind("TreebankWordTokenizer", Rewrites(re.compile(r"\"|''"), _quotes)),
    "tweet": Kind(
        "TweetTokenizer",
        Rewrites(re.compile(r"&[^&;\s]+;|([^a-zA-Z0-9\s])\1{3,}"), _tweeted),
        in_blocks=True,
    ),
    "wordpunct": Kind("WordPunctTokenizer"),
}


def make_nltk_tokenizer(
    kind: str = "treebank", match_phone_numbers: Optional[bool] = None
) -> Callable[[Language], "NLTKTokenizer"]:
    """Configure one of NLTK's tokenizers for `[nlp.tokenizer]`.

    kind (str): "treebank", "tweet", "toktok" or "wordpunct".
    match_phone_numbers (Optional[bool]): Whether a phone number is one token. Only for "tweet",
        where None means yes.
    RETURNS (Callable[[Language], NLTKTokenizer]): Makes the tokenizer of a pipeline.
    RAISES (ValueError): If there is no such kind, or the kind has no such setting.
    """

    def make(nlp: Language) -> NLTKTokenizer:
        return NLTKTokenizer(nlp.vocab, kind=kind, match_phone_numbers=match_phone_numbers)

    return make


class NLTKTokenizer:
    """Split texts as one of NLTK's tokenizers does, and keep every character of the text.

    NLTK's tokenizers may rewrite what they split: quotation marks, HTML entities, characters that
    are repeated. Their tokens are found again in the text, so a token's text is always what the
    text says, and only its limits are NLTK's. What NLTK leaves out becomes tokens of its own.
    Whitespace is treated as spaCy does.

    None of these tokenizers needs NLTK's data. NLTK is imported when the first text comes.
    """

    def __init__(
        self, vocab: Vocab, *, kind: str = "treebank", match_phone_numbers: Optional[bool] = None
    ) -> None:
        """vocab (Vocab): The vocabulary of the pipeline.
        kind (str): "treebank", "tweet", "toktok" or "wordpunct".
        match_phone_numbers (Optional[bool]): Whether a phone number is one token. Only for
            "tweet", where None means yes.
        RAISES (ValueError): If there is no such kind, or the kind has no such setting.
        """
        self.vocab = vocab
        self._configure(kind=kind, match_phone_numbers=match_phone_numbers)

    def _configure(self, *, kind: str, match_phone_numbers: Optional[bool]) -> None:
        if kind not in KINDS:
            raise ValueError(Errors.L221.format(kind=kind, options=", ".join(sorted(KINDS))))
        if match_phone_numbers is not None and kind != "tweet":
            raise ValueError(Errors.L222.format(kind=kind))
        self.kind = kind
        self.match_phone_numbers = match_phone_numbers
        self._split: Optional[Callable[[str], List[str]]] = None

    @property
    def settings(self) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): What the tokenizer was made with."""
        return {"kind": self.kind, "match_phone_numbers": self.match_phone_numbers}

    def __reduce__(self) -> Any:
        return partial(NLTKTokenizer, **self.settings), (self.vocab,)

    def __call__(self, text: str) -> Doc:
        """Split a text.

        text (str): The text.
        RETURNS (Doc): The doc, with the very same text.
        RAISES (TypeError): If it isn't a str.
        RAISES (ValueError): If NLTK gives up, because the text was made to keep it busy.
        """
        if not isinstance(text, str):
            raise TypeError(Errors.L223.format(type=type(text).__name__))
        words, spaces = words_and_spaces(text, self._spans(text))
        return Doc(self.vocab, words=words, spaces=spaces)

    def _spans(self, text: str) -> List[Span]:
        kind = KINDS[self.kind]
        spans: List[Span] = []
        start = 0
        for block in _blocks(text) if kind.in_blocks else [text]:
            try:
                tokens = self._tokens(block)
            except TimeoutError as err:
                end = start + len(block)
                message = Errors.L224.format(kind=self.kind, start=start, end=end, reason=err)
                raise ValueError(message) from err
            spans.extend((start + a, start + b) for a, b in align(block, tokens, kind.rewrites))
            start += len(block)
        return spans

    def _tokens(self, text: str) -> List[str]:
        if self._split is None:
            import nltk.tokenize  # takes seconds, so not before it is needed

            given = {}
            if self.match_phone_numbers is not None:
                given["match_phone_numbers"] = self.match_phone_numbers
            self._split = getattr(nltk.tokenize, KINDS[self.kind].name)(**given).tokenize
        return self._split(text)

    def pipe(self, texts: Iterable[str]) -> Iterator[Doc]:
        """texts (Iterable[str]): Texts.
        YIELDS (Doc): The doc of each, in their order.
        """
        return map(self, texts)

    def score(self, examples: Iterable[Example], **cfg: Any) -> Dict[str, Any]:
        """Compare the tokens with those of the annotations, as spaCy's own tokenizer does.

        examples (Iterable[Example]): The examples.
        RETURNS (Dict[str, Any]): `token_acc`, `token_p`, `token_r` and `token_f`.
        """
        validate_examples(examples, "NLTKTokenizer.score")
        return Scorer.score_tokenization(examples)

    def _files(self, exclude: Iterable[str]) -> Dict[str, bytes]:
        return with_manifest(KIND, {CFG: dump_cfg(self.settings)} if CFG not in exclude else {})

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """exclude (Iterable[str]): What is left out: "cfg", the settings.
        RETURNS (bytes): The tokenizer.
        """
        return srsly.msgpack_dumps(self._files(exclude))

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> "NLTKTokenizer":
        """data (bytes): What `to_bytes` made.
        exclude (Iterable[str]): What is left as it is: "cfg", the settings.
        RETURNS (NLTKTokenizer): This tokenizer.
        RAISES (ValueError): If it is something else, or damaged.
        """
        return self._load(parts_in_bytes(data, NAME), exclude)

    def to_disk(self, path: Union[str, Path], *, exclude: Iterable[str] = ()) -> None:
        """path (Union[str, Path]): The folder to write, which is made if need be.
        exclude (Iterable[str]): What is left out: "cfg", the settings.
        """
        write_folder(util.ensure_path(path), self._files(exclude))

    def from_disk(self, path: Union[str, Path], *, exclude: Iterable[str] = ()) -> "NLTKTokenizer":
        """path (Union[str, Path]): The folder that `to_disk` wrote.
        exclude (Iterable[str]): What is left as it is: "cfg", the settings.
        RETURNS (NLTKTokenizer): This tokenizer.
        RAISES (ValueError): If it isn't there, is something else, or damaged.
        """
        return self._load(parts_in_folder(util.ensure_path(path)), exclude)

    def _load(self, parts: Dict[str, Part], exclude: Iterable[str]) -> "NLTKTokenizer":
        if CFG not in exclude:
            manifest = read_manifest(parts)
            cfg = read_settings(parts, kind=KIND, owner=NAME, manifest=manifest)
            self._configure(**{name: cfg.get(name, now) for name, now in self.settings.items()})
        return self


def _blocks(text: str) -> Iterator[str]:
    # In each, the tokens are those of the whole text, unless thousands of characters have no letter
    # with whitespace after it.
    start = 0
    while len(text) - start > LONGEST_BLOCK:
        least, most = start + BLOCK, start + LONGEST_BLOCK
        match = AFTER_LETTER.search(text, least, most) or WHITESPACE.search(text, least, most)
        end = match.end() if match else most
        yield text[start:end]
        start = end
    yield text[start:]
