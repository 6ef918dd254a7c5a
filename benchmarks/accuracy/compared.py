"""All models on all corpora, and what is published of transformers, for the documentation."""

from typing import Dict, List

from cells import Results, markdown

from .cellwise import NOT_YET, summed_up
from .experiments import Experiment
from .models import ACCURACY
from .published import PUBLISHED, TRANSFORMER
from .sections import section
from .tasks import NER


def compared(experiments: Dict[str, Experiment], results: Dict[str, Results]) -> str:
    """experiments (Dict[str, Experiment]): The corpora with all models, by name.
    results (Dict[str, Results]): What is known of each.
    RETURNS (str): A page in Markdown, with a section for each table, to be included.
    """
    kinds = {
        "categories": [e for e in experiments.values() if e.corpus.task is not NER],
        "entities": [e for e in experiments.values() if e.corpus.task is NER],
    }
    parts = [
        "# All models",
        "Test, mean ± standard deviation over seeds or folds, by `python benchmarks/accuracy all`: "
        "one thread, chosen on dev, no pretrained vectors. Where some are missing, it says how "
        "many there are.",
    ]
    for name, those in kinds.items():
        parts.append(section(name, _models(those, results)))
    parts.append("Transformers, as others have published them:")
    parts.append(section("transformers", _transformers(experiments, results)))
    return "\n\n".join(parts)


def _models(experiments: List[Experiment], results: Dict[str, Results]) -> str:
    known = [e for e in experiments if results[e.name]]
    names = dict.fromkeys(name for e in experiments for name in e.rows)
    rows = []
    for name in names:
        cells = [summed_up(e, results[e.name], name, "test") for e in known]
        if any(cell != NOT_YET for cell in cells):
            rows.append([name, *cells])
    if not rows:
        return "Nothing is measured yet."
    header = [f"{e.name}, {e.corpus.task.scores[e.corpus.task.main]}" for e in known]
    return markdown(["model", *header], rows)


def _transformers(experiments: Dict[str, Experiment], results: Dict[str, Results]) -> str:
    rows = []
    for p in PUBLISHED:
        if TRANSFORMER in p.uses and p.corpus in experiments:
            ours = summed_up(experiments[p.corpus], results[p.corpus], ACCURACY, "test")
            rows.append([p.corpus, p.model, f"{p.score:.1f}", p.uses, p.source, ours])
    return markdown(["corpus", "model", "test", "learns from", "source", ACCURACY], rows)
