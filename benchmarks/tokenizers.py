"""Speed of NLTK's tokenizers in a pipeline, beside NLTK alone and spaCy's own tokenizer.

    python benchmarks/tokenizers.py

One process and one thread, on the texts of corpus/, each of them several times. The first pass
isn't counted, and of the others the median is shown: spaCy's own tokenizer keeps the words that it
has split, so it is seen at its best.
"""

import statistics
import sys
import time
from pathlib import Path
from typing import Any, Callable, List

import nltk.tokenize
import spacy

from spacy_lstm.pipeline.nltk_tokenizer import KINDS, NLTKTokenizer
from spacy_lstm.training.readers.xml_texts import read_xml

ROOT = Path(__file__).resolve().parent.parent
PASSES = 5


def bundled_texts() -> List[str]:
    """RETURNS (List[str]): The training texts of the bundled corpus."""
    folder = ROOT / "corpus" / "bundled" / "train"
    return [record.text for record in read_xml(folder, tag="text", attribute="sentiment")]


def seconds(split: Callable[[str], Any], texts: List[str]) -> float:
    """split (Callable[[str], Any]): A tokenizer.
    texts (List[str]): The texts.
    RETURNS (float): The median time for all texts.
    """
    times = []
    for _ in range(PASSES + 1):
        start = time.perf_counter()
        for text in texts:
            split(text)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def main() -> None:
    nlp = spacy.blank("en")
    own: Any = nlp.tokenizer
    texts = bundled_texts()
    n_chars = sum(map(len, texts))
    print(f"{len(texts)} texts, {n_chars:,} characters; Python {sys.version.split()[0]}, ", end="")
    print(f"spaCy {spacy.__version__}, NLTK {nltk.__version__}\n")
    print("| tokenizer | tokens | tokens/s | NLTK alone, tokens/s |")
    print("| --- | --- | --- | --- |")
    n_tokens = sum(len(own(text)) for text in texts)
    print(f"| spaCy's own | {n_tokens:,} | {n_tokens / seconds(own, texts):,.0f} | |")
    for kind in KINDS:
        tokenizer = NLTKTokenizer(nlp.vocab, kind=kind)
        n_tokens = sum(len(tokenizer(text)) for text in texts)
        speed = n_tokens / seconds(tokenizer, texts)
        nltks = getattr(nltk.tokenize, KINDS[kind].name)().tokenize
        alone = n_tokens / seconds(nltks, texts)
        print(f"| {kind} | {n_tokens:,} | {speed:,.0f} | {alone:,.0f} |")


if __name__ == "__main__":
    main()
