"""A CRF of hand-made features, by CRFsuite: what was usual before neural networks.

The features are those of the tutorials on CoNLL: the word, its beginning and end, its shape, and
those of its neighbours. Gazetteers, parts of speech and clusters of words aren't used: the others
in the comparison don't have them either.
"""

import tempfile
import time
from itertools import product
from pathlib import Path
from typing import Dict, List, NamedTuple, Sequence, Tuple

import spacy
from cells import Scores
from scores import entity_scores
from spacy.scorer import Scorer
from spacy.tokens import Doc, DocBin
from spacy.training import Example, biluo_tags_to_spans, iob_to_biluo

C1 = (0.03, 0.1, 0.3)  # the strength of L1
C2 = (0.01, 0.1)  # and of L2
MAX_ITERATIONS = 200
AROUND = 2  # how many neighbours on each side


class Trial(NamedTuple):
    """A CRF with one strength of its regularization.

    dev_f (float): The F of entities on dev.
    c1 (float): The strength of L1.
    c2 (float): The strength of L2.
    model (Path): The file of the model.
    """

    dev_f: float
    c1: float
    c2: float
    model: Path


def word_features(word: str) -> List[str]:
    """Get the features of a word, wherever it stands.

    word (str): The word.
    RETURNS (List[str]): The features.
    """
    features = [f"word={word}", f"lower={word.lower()}", f"shape={shape(word)}"]
    for n in range(1, min(len(word), 4) + 1):
        features += [f"prefix={word[:n]}", f"suffix={word[-n:]}"]
    flags = {
        "title": word.istitle(),
        "upper": word.isupper(),
        "digit": any(char.isdigit() for char in word),
        "number": word.isdigit(),
        "hyphen": "-" in word,
        "inner upper": any(char.isupper() for char in word[1:]) and not word.isupper(),
        "no letter": not any(char.isalpha() for char in word),
    }
    return features + [name for name, flag in flags.items() if flag]


def shape(word: str) -> str:
    """word (str): The word.
    RETURNS (str): Its shape: X for large letters, x for small ones, d for digits, without repeats.
    """
    out = ""
    for char in word:
        kind = char
        if char.isalpha():
            kind = "X" if char.isupper() else "x"
        elif char.isdigit():
            kind = "d"
        if not out.endswith(kind):
            out += kind
    return out


def features_of(words: Sequence[str]) -> List[List[str]]:
    """Get the features of the words of a text: their own, and those of their neighbours.

    words (Sequence[str]): The words.
    RETURNS (List[List[str]]): The features of each.
    """
    own = [word_features(word) for word in words]
    rows = []
    for i, row in enumerate(own):
        features = ["bias", *row]
        for shift in range(-AROUND, AROUND + 1):
            at = i + shift
            if 0 <= at < len(words):
                features += [f"{shift}:{feature}" for feature in own[at] if shift]
            else:
                features.append(f"{shift}:none")
        rows.append(features)
    return rows


def tags_of(doc: Doc) -> List[str]:
    """doc (Doc): An annotated doc.
    RETURNS (List[str]): The tags of its tokens, as IOB2. A token that isn't annotated is outside.
    """
    return [f"{token.ent_iob_}-{token.ent_type_}" if token.ent_type_ else "O" for token in doc]


def predicted(docs: Sequence[Doc], model: Path) -> List[Example]:
    """Let a CRF find the names.

    docs (Sequence[Doc]): The annotated docs.
    model (Path): The file of the model.
    RETURNS (List[Example]): Examples with what it found.
    """
    import pycrfsuite

    tagger = pycrfsuite.Tagger()
    tagger.open(str(model))
    examples = []
    for doc in docs:
        words = [token.text for token in doc]
        guess = Doc(doc.vocab, words=words)
        tags = tagger.tag(features_of(words))
        guess.ents = biluo_tags_to_spans(guess, iob_to_biluo(tags))
        examples.append(Example(guess, doc))
    tagger.close()
    return examples


def fit(docs: Sequence[Doc], model: Path, c1: float, c2: float) -> None:
    """Fit a CRF.

    docs (Sequence[Doc]): The annotated docs.
    model (Path): The file to write.
    c1 (float): The strength of L1.
    c2 (float): The strength of L2.
    """
    import pycrfsuite

    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    trainer.set_params(
        {
            "c1": c1,
            "c2": c2,
            "max_iterations": MAX_ITERATIONS,
            "feature.possible_transitions": True,
        }
    )
    for doc in docs:
        trainer.append(features_of([token.text for token in doc]), tags_of(doc))
    trainer.train(str(model))


def crf(corpus: Path) -> Scores:
    """Fit CRFs, choose one on dev, and measure it on dev and test.

    corpus (Path): The folder of train, dev and test.spacy.
    RETURNS (Scores): Entity scores, what was chosen, words per second of prediction, and the
        seconds that the chosen one took to fit.
    """
    vocab = spacy.blank("en").vocab
    docs: Dict[str, List[Doc]] = {
        split: list(DocBin().from_disk(corpus / f"{split}.spacy").get_docs(vocab))
        for split in ("train", "dev", "test")
    }
    with tempfile.TemporaryDirectory() as folder:
        trials, took = [], {}
        for c1, c2 in product(C1, C2):
            model = Path(folder) / f"{c1}-{c2}"
            start, cpu_start = time.perf_counter(), time.process_time()
            fit(docs["train"], model, c1, c2)
            took[model] = time.perf_counter() - start, time.process_time() - cpu_start
            trials.append(Trial(_score(docs["dev"], model)[0]["f"], c1, c2, model))
        best = max(trials)
        dev, _ = _score(docs["dev"], best.model)
        test, speed = _score(docs["test"], best.model)
    seconds, cpu = took[best.model]
    return {
        "dev": dev,
        "test": test,
        "c1": best.c1,
        "c2": best.c2,
        "words_per_second": round(speed),
        "train_seconds": round(seconds, 1),
        "train_cpu_seconds": round(cpu, 1),
    }


def _score(docs: Sequence[Doc], model: Path) -> Tuple[Scores, float]:
    start = time.perf_counter()
    examples = predicted(docs, model)
    seconds = time.perf_counter() - start
    found = entity_scores(Scorer.score_spans(examples, "ents"))
    return found, sum(map(len, docs)) / seconds
