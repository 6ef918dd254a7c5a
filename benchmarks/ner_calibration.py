"""Section 2, calibration: how far probabilities are from how often entities are right, before and
after a temperature is fitted on dev."""

from typing import Any, Dict, List

import spacy
from cells import markdown
from ner_trained import SPANISH, Settings, evaluate, our_ner, read_corpus, trained, unmarked
from spacy.training import Example

from spacy_lstm.pipeline.ner_calibrate import calibrate_pipeline

KEYS = ("ents_f", "ents_ece", "ents_ece_low", "ents_ece_high", "ents_ece_floor")


def measure(settings: Settings) -> Dict[str, Any]:
    """settings (Settings): How to measure.
    RETURNS (Dict[str, Any]): The calibration on test, by seed.
    """
    corpus = read_corpus(SPANISH)
    rows = []
    for seed in settings.seeds:
        nlp = spacy.load(trained(our_ner(SPANISH), corpus, seed, settings))
        before = evaluate(nlp, corpus["test"])
        [fitted] = calibrate_pipeline(nlp, [Example(unmarked(doc), doc) for doc in corpus["dev"]])
        after = evaluate(nlp, corpus["test"])
        rows.append(
            {
                "seed": seed,
                "temperature": fitted.after.temperature,
                "before": {key: before[key] for key in KEYS},
                "after": {key: after[key] for key in KEYS},
            }
        )
    return {"source": SPANISH, "rows": rows}


def tables(data: Dict[str, Any]) -> str:
    """data (Dict[str, Any]): What was measured.
    RETURNS (str): A table in Markdown.
    """
    rows: List[List[str]] = []
    for row in data["rows"]:
        for when, temperature in (("before", 1.0), ("after", row["temperature"])):
            f, error, low, high, floor = (row[when][key] for key in KEYS)
            rows.append(
                [
                    str(row["seed"]),
                    when,
                    f"{temperature:.3f}",
                    f"{100 * f:.1f}",
                    *(
                        ["", "", ""]
                        if error is None
                        else [f"{error:.4f}", f"{low:.4f} to {high:.4f}", f"{floor:.4f}"]
                    ),
                ]
            )
    header = ["seed", "", "temperature", "F", "calibration error", "95 %", "floor"]
    return "\n\n".join(
        [
            f"The expected calibration error of the entities found in {data['source']} (test), "
            "before and after `spacy lstm calibrate` on dev. The floor is what perfect "
            "probabilities would get with so many entities.",
            markdown(header, rows),
        ]
    )
