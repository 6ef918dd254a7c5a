"""A CRF of hand-made features, by CRFsuite: what was usual before neural networks.

The features are those of the tutorials on CoNLL: the word, its beginning and end, its shape, and
those of its neighbours. Gazetteers, parts of speech and clusters of words aren't used: the others
in the comparison don't have them either.
"""

import tempfile
from itertools import product
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Sequence

from cells import Scores, Took, Watch
from spacy.tokens import Doc
from spacy.training import Example, biluo_tags_to_spans, iob_to_biluo

from .folds import Docs
from .scores import entity_scores, scores_of
from .tasks import NER

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
    took (Took): The time of its training.
    """

    dev_f: float
    c1: float
    c2: float
    model: Path
    took: Took


def settings() -> Dict[str, Any]:
    """RETURNS (Dict[str, Any]): What the model is made of."""
    return {"c1": C1, "c2": C2, "max_iterations": MAX_ITERATIONS, "around": AROUND}


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


def measure_crf(docs: Docs) -> Scores:
    """Fit a CRF, and measure it on dev and test.

    docs (Docs): The annotated docs of train, dev and test.
    RETURNS (Scores): The scores. The time of training is that of the chosen settings.
    """
    with tempfile.TemporaryDirectory() as folder:
        trials = []
        for c1, c2 in product(C1, C2):
            model = Path(folder) / f"{c1}-{c2}"
            watch = Watch()
            fit(docs["train"], model, c1, c2)
            took = watch.read()
            dev_f = entity_scores(predicted(docs["dev"], model))["f"]
            trials.append(Trial(dev_f, c1, c2, model, took))
        best = max(trials)
        watch = Watch()
        test = predicted(docs["test"], best.model)
        seconds = watch.read().seconds
        return {
            **scores_of(NER, {"dev": predicted(docs["dev"], best.model), "test": test}),
            "chosen": {"c1": best.c1, "c2": best.c2},
            **best.took.rounded("train_"),
            "words_per_second": round(sum(map(len, docs["test"])) / seconds),
            "megabytes": round(best.model.stat().st_size / 1e6, 3),
        }
