"""Measure a trained pipeline on the texts that it has never seen."""

import json
from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Dict, Iterable, List

import typer
from common import check_writable, print_table, run, staged
from docbins import count_labels, read_docs, unannotated
from models import applying, heads_of, load_model, threshold_of
from names import name_lines
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from wasabi import msg
from wasabi.util import locale_escape

from spacy_lstm.errors import Errors
from spacy_lstm.training.readers.records import DataError

EXAMPLES = 3  # texts with names that are shown
FEW = 50  # texts: with fewer, one more that is right is 2 points or more


def evaluate(nlp: Language, docs: List[Doc]) -> Dict[str, Any]:
    """Measure a pipeline on annotated docs, by all that it gives and they have: categories, names.

    nlp (Language): The pipeline.
    docs (List[Doc]): The annotated docs.
    RETURNS (Dict[str, Any]): The scores, from 0 to 1; those of each category under "labels", and
        those of each kind of names under "names". A text counts for the accuracy if all of its
        labels are right, and none too many; where categories don't exclude each other, those that
        the pipeline doesn't know aren't asked for.
    RAISES (DataError): If they have nothing that the pipeline gives.
    """
    heads = heads_of(nlp)
    categorized = [doc for doc in docs if heads.categories and doc.cats]
    named = heads.names and any(doc.has_annotation("ENT_IOB") for doc in docs)
    if not categorized and not named:
        raise DataError(Errors.L412.format(heads=" and ".join(heads.gives())))
    results: Dict[str, Any] = {}
    if categorized:
        # Before the scores, so that their speed isn't that of a model that is still warming up.
        results["accuracy"] = accuracy(nlp, categorized)
    scores = nlp.evaluate([Example(unannotated(nlp, doc), doc) for doc in docs])
    if categorized:
        results.update(category_scores(scores, docs), threshold=threshold_of(nlp))
    if named:
        results.update(name_scores(scores, docs))
    return {**results, "n_texts": len(docs), "words_per_second": round(scores["speed"])}


def accuracy(nlp: Language, docs: List[Doc]) -> float:
    """Get the share of texts whose categories are all right.

    nlp (Language): The pipeline.
    docs (List[Doc]): The annotated docs.
    RETURNS (float): The share.
    """
    threshold = threshold_of(nlp)
    predicted = nlp.pipe(unannotated(nlp, doc) for doc in docs)
    hits = sum(
        applying(guess.cats, threshold) == true_labels(doc.cats, threshold, known=guess.cats)
        for guess, doc in zip(predicted, docs, strict=True)
    )
    return hits / len(docs)


def category_scores(scores: Dict[str, Any], docs: List[Doc]) -> Dict[str, Any]:
    """Take the scores of categories out of all.

    scores (Dict[str, Any]): What spaCy's scorer says.
    docs (List[Doc]): The annotated docs.
    RETURNS (Dict[str, Any]): The scores of all categories, and of each under "labels".
    """
    counts = count_labels(docs)
    return {
        "cats_micro_f": scores["cats_micro_f"],
        "cats_macro_f": scores["cats_macro_f"],
        "cats_macro_auc": scores["cats_macro_auc"],
        "labels": {
            label: {**scores["cats_f_per_type"][label], "n_texts": counts.get(label, 0)}
            for label in sorted(scores["cats_f_per_type"])
        },
    }


def name_scores(scores: Dict[str, Any], docs: List[Doc]) -> Dict[str, Any]:
    """Take the scores of names out of all. A name is right if its first and last word and its label
    are.

    scores (Dict[str, Any]): What spaCy's scorer says.
    docs (List[Doc]): The annotated docs.
    RETURNS (Dict[str, Any]): The scores of all names, with how far their confidences can be trusted
        where the pipeline measures that, and those of each kind under "names".
    """
    per_type = scores["ents_per_type"] or {}
    counts = Counter(ent.label_ for doc in docs for ent in doc.ents)
    none = {"p": 0.0, "r": 0.0, "f": 0.0}
    return {
        **{
            key: value
            for key, value in sorted(scores.items())
            if key.startswith("ents_") and key != "ents_per_type"
        },
        "names": {
            label: {**per_type.get(label, none), "n_names": counts[label]}
            for label in sorted({*per_type, *counts})
        },
    }


def true_labels(
    cats: Dict[str, float], threshold: float | None, *, known: Iterable[str]
) -> List[str]:
    """Get the categories that apply by their annotation, which spaCy's scores count in this way.

    cats (Dict[str, float]): The annotated values by category.
    threshold (float | None): The threshold of the pipeline, None where exactly one applies.
    known (Iterable[str]): The categories of the pipeline. If "pos" is its only one, a text that is
        annotated as "neg" rightly gets none.
    RETURNS (List[str]): The categories, sorted.
    """
    if threshold is None:
        return applying(cats, None)
    return sorted(label for label in known if cats.get(label, 0) > 0)


def write_scores(scores: Dict[str, Any], path: Path) -> None:
    """Write scores as JSON.

    scores (Dict[str, Any]): The scores.
    path (Path): The file.
    RAISES (DataError): If it can't be written; a file that was there stays.
    """
    content = json.dumps(scores, indent=2, ensure_ascii=False)
    with staged(path.parent) as folder:
        (folder / path.name).write_text(content + "\n", encoding="utf8")


def report(scores: Dict[str, Any]) -> None:
    """Print scores.

    scores (Dict[str, Any]): As `evaluate` gives them.
    """
    for key, counted, unit in (("labels", "n_texts", "texts"), ("names", "n_names", "names")):
        rows = [
            (label, *(f"{100 * s[score]:.1f}" for score in "prf"), f"{s[counted]:,}")
            for label, s in scores.get(key, {}).items()
        ]
        if rows:
            print_table(rows, header=("label", "precision", "recall", "F", unit))
    speed = f"{scores['words_per_second']:,} words/s"
    if "labels" in scores:
        right, macro_f = 100 * scores["accuracy"], 100 * scores["cats_macro_f"]
        exactly = "" if scores["threshold"] is None else " (all labels of a text right)"
        msg.good(f"Accuracy {right:.1f} %{exactly}, macro F {macro_f:.1f}, {speed}")
    if "names" in scores:
        p, r, f = (100 * scores[f"ents_{name}"] for name in "prf")
        msg.good(f"Names: precision {p:.1f}, recall {r:.1f}, F {f:.1f}, {speed}")
    if scores.get("ents_ece") is not None:
        off, low, high, floor = (
            100 * scores[f"ents_ece{part}"] for part in ("", "_low", "_high", "_floor")
        )
        msg.info(
            f"Confidences of names are off by {off:.1f} points on average ({low:.1f} to "
            f"{high:.1f}; perfect ones would be by {floor:.1f}, for so few names)"
        )
    if scores["n_texts"] < FEW:
        msg.warn(f"On only {scores['n_texts']} texts: on others, the scores may be quite different")


def show_examples(nlp: Language, docs: List[Doc]) -> None:
    """Print the first texts with names, and what the pipeline found in them.

    nlp (Language): The pipeline.
    docs (List[Doc]): The annotated docs.
    """
    chosen = [doc for doc in docs if doc.ents][:EXAMPLES]
    for guess, doc in zip(nlp.pipe(unannotated(nlp, d) for d in chosen), chosen, strict=True):
        print(f"\n{locale_escape(doc.text)}")
        for line in name_lines(guess, doc):
            msg.text(f"  {locale_escape(line)}", color="red" if line.endswith("wrong") else None)


def main(
    model: Annotated[Path, typer.Argument(help="The folder of the pipeline.")],
    test: Annotated[Path, typer.Argument(help="The annotated texts: test.spacy.")],
    output: Annotated[Path, typer.Argument(help="The file for the scores: NAME.json.")],
    gpu_id: Annotated[int, typer.Option(help="The number of the GPU; -1 is the CPU.")] = -1,
) -> None:
    """Measure a trained pipeline on the texts that it has never seen."""
    check_writable(output.parent)
    nlp = load_model(model, gpu_id)
    docs = read_docs(test, nlp.vocab)
    scores = evaluate(nlp, docs)
    write_scores(scores, output)
    report(scores)
    if "names" in scores:
        show_examples(nlp, docs)
    msg.good(f"Wrote {output}")


if __name__ == "__main__":
    run(main)
