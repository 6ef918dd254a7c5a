"""The pipelines that the claims about `lstm_ner` are measured on: trained once, and kept.

They are kept in project/training/ner_claims/, which git ignores, under a name that says what they
are made of: the config, the data and the code of the package. A change in one of them trains anew.
"""

import hashlib
from pathlib import Path
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence

import spacy
from accuracy import corpora
from peers import our_config, stock_config, train_pipeline
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy.training import Example
from thinc.api import Config

from spacy_lstm.pipeline.ner_factory import DEFAULT_NER_MODEL
from spacy_lstm.pipeline.ner_scorer import ner_score

ROOT = Path(__file__).resolve().parent.parent
CORPORA = ROOT / "project" / "corpora"
KEPT = ROOT / "project" / "training" / "ner_claims"
PACKAGE = ROOT / "spacy_lstm"
SPLITS = ("train", "dev", "test")

SPANISH, WIKIGOLD = "conll2002_esp", "wikigold"

Change = Callable[[List[Doc]], List[Doc]]
Corpus = Dict[str, List[Doc]]


class Settings(NamedTuple):
    """How the claims are measured.

    seeds (List[int]): The seeds of what is trained.
    steps (Optional[int]): After how many steps training ends at the latest; None as the config
        says.
    pairs (int): How many times each speed is measured.
    """

    seeds: List[int]
    steps: Optional[int] = None
    pairs: int = 5


def missing_corpora() -> List[str]:
    """RETURNS (List[str]): The corpora that the project hasn't preprocessed."""
    return [name for name in (SPANISH, WIKIGOLD) if not (CORPORA / name / "test.spacy").exists()]


def language(name: str) -> str:
    """name (str): The name of a corpus.
    RETURNS (str): The code of its language.
    """
    return corpora.CORPORA[name].lang


def read_corpus(name: str) -> Corpus:
    """name (str): The name of the corpus.
    RETURNS (Corpus): The annotated docs of train, dev and test.
    """
    vocab = spacy.blank(language(name)).vocab
    return {
        split: list(DocBin().from_disk(CORPORA / name / f"{split}.spacy").get_docs(vocab))
        for split in SPLITS
    }


def with_train(corpus: Corpus, change: Change) -> Corpus:
    """corpus (Corpus): A corpus, which stays as it is.
    change (Change): What makes other training texts of those that there are.
    RETURNS (Corpus): The corpus with the others.
    """
    return {**corpus, "train": change(corpus["train"])}


def our_ner(name: str) -> Config:
    """name (str): The name of the corpus.
    RETURNS (Config): project/configs/ner.cfg, for the language of the corpus.
    """
    config = our_config("ner")
    config["nlp"]["lang"] = language(name)
    return config


def our_fast_ner(name: str) -> Config:
    """name (str): The name of the corpus.
    RETURNS (Config): project/configs/ner.cfg with the model of `nlp.add_pipe("lstm_ner")`, which is
        made for speed: no characters, and smaller tables.
    """
    config = our_ner(name)
    config["components"]["ner"]["model"] = DEFAULT_NER_MODEL.copy()
    return config


def stock_ner(name: str) -> Config:
    """name (str): The name of the corpus.
    RETURNS (Config): What `spacy init config -p ner` makes for a CPU, for its language.
    """
    config = stock_config("ner", "efficiency")
    config["nlp"]["lang"] = language(name)
    return config


def trained(config: Config, corpus: Corpus, seed: int, settings: Settings) -> Path:
    """Train a pipeline, unless it is there already.

    config (Config): The config.
    corpus (Corpus): What it is trained on and chosen by.
    seed (int): The seed.
    settings (Settings): How long it is trained.
    RETURNS (Path): The folder of the pipeline that was best on dev.
    """
    training = config["training"]
    if settings.steps is not None:
        training["max_steps"] = settings.steps
        # A training that ends before the first evaluation has no pipeline that was best on dev.
        training["eval_frequency"] = min(training["eval_frequency"], settings.steps)
    data = {
        split: DocBin(docs=corpus[split], store_user_data=True).to_bytes()
        for split in ("train", "dev")
    }
    folder = KEPT / _name_of(config.to_str(interpolate=False), seed, data)
    done = folder / "pipeline"
    if not done.exists():
        folder.mkdir(parents=True, exist_ok=True)
        for split, content in data.items():
            (folder / f"{split}.spacy").write_bytes(content)
        nlp = train_pipeline(config, folder, seed)
        unfinished = folder / "unfinished"
        nlp.to_disk(unfinished)
        unfinished.rename(done)
    return done


def _name_of(config: str, seed: int, data: Dict[str, bytes]) -> str:
    digest = hashlib.sha256(f"{config}{seed}".encode())
    for content in data.values():
        digest.update(content)
    for part in ("layers", "models", "pipeline"):
        for path in sorted((PACKAGE / part).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def unmarked(doc: Doc, *, with_sentences: bool = False) -> Doc:
    """doc (Doc): An annotated doc.
    with_sentences (bool): Whether the other one knows its sentences.
    RETURNS (Doc): Another one of the same tokens, of which nothing else is known.
    """
    return Doc(
        doc.vocab,
        words=[token.text for token in doc],
        spaces=[bool(token.whitespace_) for token in doc],
        sent_starts=[bool(token.is_sent_start) for token in doc] if with_sentences else None,
    )


def evaluate(nlp: Language, docs: Sequence[Doc], *, with_sentences: bool = False) -> Dict[str, Any]:
    """Predict entities on the tokens of annotated docs, and score them.

    nlp (Language): The pipeline.
    docs (Sequence[Doc]): The annotated docs.
    with_sentences (bool): Whether the pipeline is told the sentences.
    RETURNS (Dict[str, Any]): What the scorer of `lstm_ner` says.
    """
    guesses = nlp.pipe([unmarked(doc, with_sentences=with_sentences) for doc in docs])
    return ner_score([Example(guess, doc) for guess, doc in zip(guesses, docs, strict=True)])
