"""Section 5, hostile texts: how many of a thousand bring an `lstm_ner` down."""

import sys
from functools import partial
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, List

import numpy
import spacy
from cells import markdown
from ner_trained import SPANISH, Settings, our_ner, read_corpus, trained
from spacy.language import Language
from spacy.tokens import Doc

N_TEXTS = 1000
LONG = 100_000  # tokens
# "viterbi" knows no probabilities to compare with a threshold.
THRESHOLDS = {"marginals": 0.0, "viterbi": 0.0, "posterior": 0.15}

#: What random texts are made of.
ALPHABETS = {
    "letters": "abcdefghijklmnopqrstuvwxyz ABC.,;:'\"-()0123456789",
    "whitespace": " \t\n\r\x0b\x0c\x1c\x85\xa0\u2003\u2028\u2029\u3000",
    "control characters": "".join(map(chr, (*range(32), *range(127, 160)))),
    "emoji": "😀👍🏽👩‍👩‍👧‍👦🏳️‍🌈🇪🇸❤️☺ ",
    "marks": "e\u0301\u0327\u200b\u200c\u200d\u202e\ufeff\u0300 ",
    "scripts": "漢字かなкириллица ελληνικά עברית العربية हिन्दी ไทย ",
    "astral": "𝕳𝖊𝖑𝖑𝖔 𐍈𠜎\U0010ffff\ufffd ",
    "brackets": "[]{}()<>/\\|&%$#@!~^`*_+= ",
}

#: What people think of last.
TROUBLE = (
    "",
    " ",
    "\n",
    "\t\t\t\n\n\n",
    "\x00",
    "a\x00b",
    "\ufeff",
    "\u202e\u202e",
    "." * 5000,
    "a" * 50_000,
    "😀" * 2000,
    "\u0301" * 3000,
    "http://" + "x" * 3000 + ".com/?" + "&" * 500,
    "Madrid\n\n\n\n" * 500,
    "\nMadrid \n ( EFE ) \t.\n",
    "<script>alert('Madrid')</script>" * 50,
    "'; DROP TABLE entities; --",
    "%s%n{0}{name}\\x",
    "NaN inf -0 1e999",
)


def measure(settings: Settings) -> Dict[str, Any]:
    """settings (Settings): How to measure.
    RETURNS (Dict[str, Any]): The number of texts, by pipeline, and what went wrong.
    """
    seed = settings.seeds[0]
    path = trained(our_ner(SPANISH), read_corpus(SPANISH), seed, settings)
    texts = hostile_texts(seed)
    rows = []
    for name, nlp in pipelines(path).items():
        print(name, file=sys.stderr, flush=True)
        failures = find_failures(nlp, texts)
        rows.append({"pipeline": name, "failures": len(failures), "first": failures[:5]})
    return {"texts": len(texts), "rows": rows}


def pipelines(path: Path) -> Dict[str, Language]:
    """path (Path): The folder of a trained pipeline.
    RETURNS (Dict[str, Language]): The pipeline in its modes, and one that has no labels.
    """
    apart = spacy.load(
        path, config={"components.ner.reset": "sentence", "components.ner.candidates": True}
    )
    apart.add_pipe("sentencizer", first=True)
    no_labels = spacy.blank(apart.vocab.lang)
    no_labels.add_pipe("lstm_ner", name="ner")
    modes = {
        mode: {"components.ner.mode": mode, "components.ner.threshold": threshold}
        for mode, threshold in THRESHOLDS.items()
    }
    return {
        **{mode: spacy.load(path, config=config) for mode, config in modes.items()},
        "sentences apart, with candidates": apart,
        "no labels": no_labels,
    }


def hostile_texts(seed: int, n_texts: int = N_TEXTS, n_tokens: int = LONG) -> List[str]:
    """seed (int): The seed of what is random.
    n_texts (int): How many texts.
    n_tokens (int): The length of the longest one.
    RETURNS (List[str]): Texts: known troublemakers, a very long one, and random characters.
    """
    rng = numpy.random.default_rng(seed)
    texts = [*TROUBLE, "Madrid " * n_tokens]
    kinds = [*ALPHABETS.values(), "".join(ALPHABETS.values())]
    while len(texts) < n_texts:
        alphabet = list(kinds[len(texts) % len(kinds)])
        length = int(rng.integers(0, 40)) ** 2  # from nothing to a page
        texts.append("".join(rng.choice(alphabet, length)))
    return texts[:n_texts]


def find_failures(nlp: Language, texts: List[str]) -> List[str]:
    """Read each text alone, and then all of them together.

    nlp (Language): The pipeline.
    texts (List[str]): The texts.
    RETURNS (List[str]): What went wrong: a line for each text, and one for all of them.
    """
    failures = []
    for text in texts:
        problem = _problem_of(partial(nlp.pipe, [text]))
        if problem:
            failures.append(f"{text[:40]!a}: {problem}")
    problem = _problem_of(partial(nlp.pipe, texts))
    return [*failures, f"all together: {problem}"] if problem else failures


def _problem_of(read: Callable[[], Iterable[Doc]]) -> str:
    """What is wrong with reading some texts; "" where nothing is."""
    try:
        return next(filter(None, map(flaw_of, read())), "")
    except Exception as err:  # whatever it is, it is what is counted here
        return f"{type(err).__name__}: {err}"


def flaw_of(doc: Doc) -> str:
    """doc (Doc): An annotated doc.
    RETURNS (str): What no doc should come out with; "" where there is nothing.
    """
    if any(not ent.text.strip() for ent in doc.ents):
        return "an entity of whitespace"
    for group in doc.spans.values():
        scores = numpy.asarray(group.attrs["scores"])
        if len(scores) != len(group):
            return f"{len(scores)} probabilities for {len(group)} spans"
        if not ((scores >= 0.0) & (scores <= 1.0)).all():  # so is NaN
            return "a probability that is none"
        if any(ent._.confidence is None for ent in doc.ents):
            return "an entity without a probability"
    return ""


def failed(data: Dict[str, Any]) -> int:
    """data (Dict[str, Any]): What was measured.
    RETURNS (int): How many failures there are in all pipelines.
    """
    return sum(row["failures"] for row in data["rows"])


def tables(data: Dict[str, Any]) -> str:
    """data (Dict[str, Any]): What was measured.
    RETURNS (str): A table in Markdown.
    """
    rows = [[row["pipeline"], str(row["failures"])] for row in data["rows"]]
    parts = [
        f"Of {data['texts']:,} texts (empty, whitespace, emoji, control characters, random ones, "
        f"one of {LONG:,} tokens), each alone and all together, so many made a pipeline fail, or "
        "came out with an annotation that makes no sense:",
        markdown(["pipeline", "failures"], rows),
    ]
    for row in data["rows"]:
        parts += [f"{row['pipeline']}: `{line}`" for line in row["first"]]
    return "\n\n".join(parts)
