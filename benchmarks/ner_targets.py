"""What `lstm_ner` must show, and what was measured: said plainly where it is missed."""

from typing import Any, Callable, Dict, Optional

import ner_documents
import ner_hostile
import ner_partial
import ner_stages
from cells import markdown
from ner_speed import MARGINALS, POSTERIOR, STOCK, STOCK_FAST, VITERBI
from speed_targets import Target, verdict

Data = Dict[str, Any]
Find = Callable[[Data], Optional[float]]


def _ratio(ours: str, peer: str) -> Find:
    def find(data: Data) -> Optional[float]:
        rows = data.get("speed", {}).get("words", [])
        found = {(row["ours"], row["peer"]): row["ratio"][0] for row in rows}
        return found.get((ours, peer))

    return find


def _in_section(section: str, find: Callable[[Any], Optional[float]]) -> Find:
    return lambda data: find(data[section]) if section in data else None


def _share_of_crf(data: Data) -> float:
    return max(map(ner_stages.share_of_crf, data["stages"].values()))


def _error(data: Data) -> Optional[float]:
    errors = [row["after"]["ents_ece"] for row in data["rows"]]
    return None if None in errors else max(errors)


def _lost(way: str) -> Callable[[Any], float]:
    def find(data: Data) -> float:
        by_seed = (row for rows in data["corpora"].values() for row in rows)
        return max(ner_documents.lost(row, way) for row in by_seed)

    return find


TARGETS = (
    *(
        Target(peer, f"{ours}, text → `doc.ents`, words/s", least, None, _ratio(ours, peer))
        for peer, ours, least in (
            (STOCK, VITERBI, 8.0),
            (STOCK, MARGINALS, 6.0),
            (STOCK, POSTERIOR, 6.0),
            (STOCK_FAST, VITERBI, 4.0),
            (STOCK_FAST, MARGINALS, 4.0),
            (STOCK_FAST, POSTERIOR, 4.0),
        )
    ),
    Target(
        "the whole, from text to `doc.ents`",
        "the CRF, the most of all pipelines",
        20,
        None,
        _in_section("speed", _share_of_crf),
        " %",
        True,
    ),
    Target(
        "how often entities are right",
        "calibration error after `calibrate`, the most of all seeds",
        0.03,
        None,
        _in_section("calibration", _error),
        "",
        True,
    ),
    Target(
        "the same texts, fully annotated",
        "F1 where half is missing",
        95,
        None,
        _in_section("partial", ner_partial.kept),
        " %",
    ),
    *(
        Target(
            "sentence by sentence",
            f"F1 lost on documents: {way}, the most of all",
            1.0,
            None,
            _in_section("documents", _lost(way)),
            " points",
            True,
        )
        for way in (ner_documents.WHOLE, ner_documents.KNOWN, ner_documents.RESET)
    ),
    Target(
        "hostile texts",
        "failures",
        0,
        None,
        _in_section("hostile", ner_hostile.failed),
        "",
        True,
    ),
)


def tables(data: Data) -> str:
    """data (Dict[str, Any]): What was measured, by section.
    RETURNS (str): A table in Markdown.
    """
    rows = []
    for target in TARGETS:
        measured = target.find(data)
        bound = "≤" if target.less else "≥"
        rows.append(
            [
                target.against,
                target.measure,
                f"{bound} {target.least:g}{target.unit}",
                "" if measured is None else f"{measured:.3g}{target.unit}",
                verdict(target, measured),
            ]
        )
    return markdown(["against", "measure", "target", "measured", "verdict"], rows)
