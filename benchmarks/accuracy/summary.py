"""All corpora in one table, with what is to be reached."""

import statistics
from typing import Dict, List, Optional, Tuple

from cells import Results, markdown, spread

from .cellwise import NOT_YET, differences, is_complete, points, summed_up
from .experiments import Experiment
from .models import ACCURACY, LINEAR_ALONE, LONG, OURS, SPEED
from .targets import LEAST_GAIN, TARGETS
from .tasks import TEXTCAT

RECIPES = (SPEED, ACCURACY, LONG)


def summary(experiments: Dict[str, Experiment], results: Dict[str, Results]) -> str:
    """experiments (Dict[str, Experiment]): The corpora with all models, by name.
    results (Dict[str, Results]): What is known of each.
    RETURNS (str): A page in Markdown.
    """
    rows, gains = [], []
    for name, experiment in experiments.items():
        known = results[name]
        ours = [summed_up(experiment, known, recipe, "test") for recipe in RECIPES]
        peer = best_peer(experiment, known)
        target = TARGETS.get(name)
        task = experiment.corpus.task
        rows.append(
            [
                f"[{name}]({name}.md)" if known else name,
                task.scores[task.main],
                *ours,
                f"{peer[1]:.1f} ({peer[0]})" if peer else NOT_YET,
                f"{target.least:.1f}" if target else "the best",
                f"{target.aim:.1f}" if target else "",
                verdict(experiment, known),
            ]
        )
        if task is TEXTCAT:
            gain = differences(experiment, known, ACCURACY, LINEAR_ALONE, "test")
            complete = all(is_complete(experiment, known, row) for row in (ACCURACY, LINEAR_ALONE))
            reached = NOT_YET
            if complete:
                reached = "reached" if statistics.mean(gain) >= LEAST_GAIN else "missed"
            shown = spread(gain, sign=True) if gain else NOT_YET
            gains.append([name, str(len(gain)), shown, reached])
    recipes = [recipe.removeprefix("spacy-lstm, ") for recipe in RECIPES]
    header = ["corpus", "score", *recipes, "best other", "at least", "aim", "reached?"]
    return "\n\n".join(
        [
            "# Accuracy",
            "Test, mean ± standard deviation over seeds or folds, by `python benchmarks/accuracy "
            "all`: one thread, chosen on dev, no pretrained vectors.",
            markdown(header, rows),
            f"The whole minus its linear part alone (at least {LEAST_GAIN:+.1f}), in points:",
            markdown(["corpus", "pairs", "test", "reached?"], gains),
        ]
    )


def best_peer(experiment: Experiment, results: Results) -> Optional[Tuple[str, float]]:
    """experiment (Experiment): A corpus with all models.
    results (Results): What is known.
    RETURNS (Optional[Tuple[str, float]]): The best of the models that aren't ours and are measured
        completely, and its mean on test, if there is any.
    """
    means: List[Tuple[float, str]] = [
        (statistics.mean(points(cells, "test", experiment.corpus.task.main)), name)
        for name, cells in results.items()
        if name not in OURS and is_complete(experiment, results, name)
    ]
    if not means:
        return None
    mean, name = max(means)
    return name, mean


def verdict(experiment: Experiment, results: Results) -> str:
    """experiment (Experiment): A corpus with all models.
    results (Results): What is known.
    RETURNS (str): Whether the recipe `accuracy` reaches what it should.
    """
    if not is_complete(experiment, results, ACCURACY):
        return NOT_YET
    mean = statistics.mean(points(results[ACCURACY], "test", experiment.corpus.task.main))
    target, peer = TARGETS.get(experiment.name), best_peer(experiment, results)
    if target is not None:
        if mean >= target.aim:
            return "aim reached"
        return "reached" if mean >= target.least else f"missed by {target.least - mean:.1f}"
    if peer is None:
        return NOT_YET
    return "reached" if mean > peer[1] else f"missed by {peer[1] - mean:.1f}"
