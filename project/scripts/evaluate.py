"""Measure a trained pipeline on the texts that it has never seen."""

import json
from pathlib import Path
from typing import Annotated, Any, Dict, Iterable, List

import typer
from common import check_writable, print_table, run, staged
from docbins import count_labels, read_docs
from models import applying, load_model, threshold_of
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from wasabi import msg


def evaluate(nlp: Language, docs: List[Doc]) -> Dict[str, Any]:
    """Measure a pipeline on annotated docs.

    nlp (Language): The pipeline.
    docs (List[Doc]): The annotated docs.
    RETURNS (Dict[str, Any]): The scores, from 0 to 1; those of each label under "labels". A text
        counts for the accuracy if all of its labels are right, and none too many; where categories
        don't exclude each other, those that the pipeline doesn't know aren't asked for.
    """
    threshold = threshold_of(nlp)
    # Before the scores, so that their speed isn't that of a model that is still warming up.
    predicted = nlp.pipe(doc.text for doc in docs)
    hits = sum(
        applying(guess.cats, threshold) == true_labels(doc.cats, threshold, known=guess.cats)
        for guess, doc in zip(predicted, docs, strict=True)
    )
    scores = nlp.evaluate([Example(nlp.make_doc(doc.text), doc) for doc in docs])
    counts = count_labels(docs)
    return {
        "accuracy": hits / len(docs),
        "cats_micro_f": scores["cats_micro_f"],
        "cats_macro_f": scores["cats_macro_f"],
        "cats_macro_auc": scores["cats_macro_auc"],
        "threshold": threshold,
        "labels": {
            label: {**scores["cats_f_per_type"][label], "n_texts": counts.get(label, 0)}
            for label in sorted(scores["cats_f_per_type"])
        },
        "n_texts": len(docs),
        "words_per_second": round(scores["speed"]),
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


def main(
    model: Annotated[Path, typer.Argument(help="The folder of the pipeline.")],
    test: Annotated[Path, typer.Argument(help="The annotated texts: test.spacy.")],
    output: Annotated[Path, typer.Argument(help="The file for the scores: NAME.json.")],
    gpu_id: Annotated[int, typer.Option(help="The number of the GPU; -1 is the CPU.")] = -1,
) -> None:
    """Measure a trained pipeline on the texts that it has never seen."""
    check_writable(output.parent)
    nlp = load_model(model, gpu_id)
    scores = evaluate(nlp, read_docs(test, nlp.vocab))
    write_scores(scores, output)
    rows = [
        (label, *(f"{100 * s[key]:.1f}" for key in ("p", "r", "f")), f"{s['n_texts']:,}")
        for label, s in scores["labels"].items()
    ]
    print_table(rows, header=("label", "precision", "recall", "F", "texts"))
    accuracy, macro_f = 100 * scores["accuracy"], 100 * scores["cats_macro_f"]
    speed = f"{scores['words_per_second']:,} words/s"
    exactly = "" if scores["threshold"] is None else " (all labels of a text right)"
    msg.good(f"Accuracy {accuracy:.1f} %{exactly}, macro F {macro_f:.1f}, {speed}")
    msg.good(f"Wrote {output}")


if __name__ == "__main__":
    run(main)
