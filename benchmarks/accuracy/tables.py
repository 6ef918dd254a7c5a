"""The results of each experiment as tables in Markdown."""

import statistics
from typing import Dict, List

from cells import Results, Scores, markdown, spread

from .cellwise import NOT_YET, differences, mean_of, points, summed_up
from .experiments import SIZES, Experiment, at_size, curve_models
from .models import ACCURACY, EFFICIENCY
from .published import PUBLISHED
from .sections import section
from .tasks import NER
from .variants import ADVERSARIAL, ALONE


def table_of(experiment: Experiment, results: Results) -> str:
    """experiment (Experiment): What was measured.
    results (Results): What is known of it.
    RETURNS (str): A page in Markdown.
    """
    tables = {
        "corpus": corpus_tables,
        "curve": curve_tables,
        "ablation": ablation_tables,
        "robustness": robustness_tables,
    }[experiment.kind](experiment, results)
    command = f"By `python benchmarks/accuracy {experiment.name}`"
    over = f"mean ± standard deviation over {experiment.corpus.trial}s"
    return "\n\n".join(
        [f"# {experiment.name}", f"{command}: {over}, one thread, chosen on dev.", *tables]
    )


def corpus_tables(experiment: Experiment, results: Results) -> List[str]:
    """experiment (Experiment): All models on a corpus.
    results (Results): What is known.
    RETURNS (List[str]): The models, the differences of the recipe `accuracy` to the others, and
        what is published.
    """
    corpus, task = experiment.corpus, experiment.corpus.task
    first, *others = task.scores.items()
    entities = task is NER
    header = ["model", f"{corpus.trial}s", f"{first[1]}, dev", f"{first[1]}, test"]
    header += [f"{name}, test" for _, name in others]
    header += ["training", "CPU", *(["CPU to spaCy's best dev"] if entities else [])]
    rows, gains = [], []
    for name, cells in results.items():
        scores = [summed_up(experiment, results, name, split) for split in ("dev", "test")]
        scores += [spread(points(cells, "test", key)) for key, _ in others]
        times = [f"{mean_of(cells, key):.0f} s" for key in ("train_seconds", "train_cpu_seconds")]
        times += [until(cells, results.get(EFFICIENCY, {}))] if entities else []
        speed, size = mean_of(cells, "words_per_second"), mean_of(cells, "megabytes")
        rows.append([name, str(len(cells)), *scores, *times, f"{speed:,.0f}", f"{size:.1f} MB"])
        gain = differences(experiment, results, ACCURACY, name, "test")
        if name != ACCURACY and gain:
            gains.append([name, str(len(gain)), spread(gain, sign=True)])
    tables = [section("models", markdown([*header, "words/s", "size"], rows))]
    if gains:
        tables.append(f"{ACCURACY} minus the others, of the same {corpus.trial}, in points:")
        tables.append(markdown(["model", f"{corpus.trial}s", f"{first[1]}, test"], gains))
    known = [p for p in PUBLISHED if p.corpus == corpus.name]
    if known:
        tables.append("Published:")
        cited = [[p.model, f"{p.score:.1f}", p.uses, p.source] for p in known]
        tables.append(markdown(["model", f"{first[1]}, test", "learns from", "source"], cited))
    return tables


def until(cells: Dict[str, Scores], peer: Dict[str, Scores]) -> str:
    """cells (Dict[str, Scores]): The cells of a row.
    peer (Dict[str, Scores]): Those of spaCy's own.
    RETURNS (str): The mean CPU time of a training until it was as good on dev as spaCy's best with
        the same seed or fold, and how many never were.
    """
    times = [
        next((cpu for cpu, score in cell["curve"] if score >= best_of(peer[column])), None)
        for column, cell in cells.items()
        if column in peer and "curve" in cell
    ]
    reached = [time for time in times if time is not None]
    if not reached:
        return "never" if times else NOT_YET
    some = "" if len(reached) == len(times) else f" ({len(reached)} of {len(times)})"
    return f"{statistics.mean(reached):.0f} s{some}"


def best_of(cell: Scores) -> float:
    """cell (Scores): A cell.
    RETURNS (float): The best score on dev in the course of its training.
    """
    return max(score for _, score in cell["curve"])


def curve_tables(experiment: Experiment, results: Results) -> List[str]:
    """experiment (Experiment): A learning curve.
    results (Results): What is known.
    RETURNS (List[str]): The scores on test, by model and number of texts; and the plot.
    """
    name = experiment.corpus.task.scores[experiment.corpus.task.main]
    rows = [
        [model, *(summed_up(experiment, results, at_size(model, n), "test") for n in SIZES)]
        for model in curve_models(experiment.corpus)
    ]
    header = [f"{name}, test", *(f"{n:,} texts" if n else "all texts" for n in SIZES)]
    table = section("table", markdown(header, rows))
    return [table, f"![Learning curve]({experiment.name}.svg)"]


def ablation_tables(experiment: Experiment, results: Results) -> List[str]:
    """experiment (Experiment): An ablation.
    results (Results): What is known.
    RETURNS (List[str]): The recipe with each change, and the difference to it as it is.
    """
    rows = []
    for name in results:
        row = [name]
        for split in ("dev", "test"):
            gain = differences(experiment, results, name, ACCURACY, split)
            known = name != ACCURACY and bool(gain)
            row.append(summed_up(experiment, results, name, split))
            row.append(spread(gain, sign=True) if known else NOT_YET)
        rows.append(row)
    score = experiment.corpus.task.scores[experiment.corpus.task.main]
    header = ["recipe", f"{score}, dev", "difference", "test", "difference"]
    return [section("table", markdown(header, rows))]


def robustness_tables(experiment: Experiment, results: Results) -> List[str]:
    """experiment (Experiment): Adversarial training.
    results (Results): What is known.
    RETURNS (List[str]): The scores on clean and attacked texts, and the time of training as a
        multiple of that without: of the recipe, and of its BiLSTM alone.
    """
    kinds = list(next((cell["attacks"] for row in results.values() for cell in row.values()), {}))
    rows = []
    for name, cells in results.items():
        row = [name, summed_up(experiment, results, name, "dev")]
        for kind in kinds:
            row.append(spread([100 * cell["attacks"][kind] for cell in cells.values()]))
        ratio = NOT_YET
        plain = (ALONE if name.startswith(ALONE) else "") + next(iter(ADVERSARIAL))
        if plain in results:
            own, base = (mean_of(c, "train_cpu_seconds") for c in (cells, results[plain]))
            ratio = f"{own / base:.1f}"
        rows.append([*row, ratio])
    score = experiment.corpus.task.scores[experiment.corpus.task.main]
    header = ["adversarial", f"{score}, dev", *(f"test, {kind}" for kind in kinds)]
    return [section("table", markdown([*header, "training, times as long"], rows))]
