"""Train a pipeline on a preprocessed corpus, as `spacy lstm train` does, once the corpus is checked
and the config that fits it is found."""

import shlex
from pathlib import Path
from typing import Annotated, Any, Dict

import typer
from check import Found, check, check_config
from common import PROJECT, run
from models import load_model
from public import language_of
from wasabi import msg

from spacy_lstm.cli.calibrate import calibrate, print_calibrations
from spacy_lstm.cli.train import train_config
from spacy_lstm.errors import Errors
from spacy_lstm.training.readers.records import DataError
from spacy_lstm.training.resume.train import is_unfinished

CONFIGS = PROJECT / "configs"
# By how many categories apply to a text, and whether names are to be learned.
AUTO = {
    ("one", False): "textcat",
    ("any", False): "textcat_multilabel",
    ("one", True): "shared",
    ("any", True): "textcat_multilabel",
    ("none", True): "ner",
}
LEARN = ("auto", "categories", "names")
LOOK = 100  # steps from one look at dev to the next, in all configs


def choose_config(found: Found, learn: str, corpus: Path) -> str:
    """Choose the config that fits a corpus.

    found (Found): What is in the corpus.
    learn (str): What is to be learned of it: one of `LEARN`; "auto" is all that is there.
    corpus (Path): The folder of the corpus, for messages.
    RETURNS (str): The name of the config.
    RAISES (DataError): If that isn't there.
    """
    named = bool(found.names["train"])
    if learn == "categories" and found.categories == "none":
        raise DataError(Errors.L410.format(path=corpus))
    if learn == "names" and not named:
        raise DataError(Errors.L411.format(path=corpus))
    if learn == "names":
        return AUTO["none", True]
    return AUTO[found.categories, named and learn == "auto"]


def find_config(name: str, configs: Path = CONFIGS) -> Path:
    """Find the config to train with.

    name (str): Its name.
    configs (Path): The folder of the configs.
    RETURNS (Path): Its file.
    RAISES (DataError): If there is none.
    """
    path = configs / f"{name}.cfg"
    if not path.is_file():
        options = ", ".join(["auto", *sorted(file.stem for file in configs.glob("*.cfg"))])
        raise DataError(Errors.L405.format(name="config", value=name, options=options))
    return path


def limit_steps(max_steps: int) -> Dict[str, Any]:
    """End a training after so many steps, with at least one look at dev: else model-best would be
    what there was before the first step.

    max_steps (int): The most steps; 0 is no limit.
    RETURNS (Dict[str, Any]): Settings of the config.
    """
    limits = {"training.max_steps": max_steps} if max_steps else {}
    if 0 < max_steps < LOOK:
        limits["training.eval_frequency"] = max_steps
    return limits


def calibrate_names(model: Path, dev: Path, gpu_id: int) -> None:
    """Make the confidences of names agree with how often they are right on dev, as the command
    `spacy lstm calibrate` does: training makes them too high. Where they decide what is a name
    (`mode = "posterior"`), the threshold of the best F-score on dev is set too.

    model (Path): The folder of the trained pipeline, which is written anew.
    dev (Path): The annotated texts.
    gpu_id (int): The number of the GPU, or -1 for the CPU.
    RAISES (DataError): If dev has no annotation of names.
    """
    nlp = load_model(model, gpu_id)
    if any(nlp.get_pipe_meta(name).factory == "lstm_ner" for name in nlp.pipe_names):
        print_calibrations(calibrate(nlp, str(model), dev, None))


def main(
    corpus: Annotated[Path, typer.Argument(help="The folder of train, dev and test.spacy.")],
    output: Annotated[Path, typer.Argument(help="The folder where the model will be written.")],
    config: Annotated[
        str, typer.Option(help="The name of a file in configs/; auto chooses by the corpus.")
    ] = "auto",
    learn: Annotated[
        str, typer.Option(help=f"What auto learns: {', '.join(LEARN)} (all that is there).")
    ] = "auto",
    lang: Annotated[str, typer.Option(help="The language, as for preprocess.")] = "auto",
    seed: Annotated[int, typer.Option(help="The seed of the training.")] = 0,
    gpu_id: Annotated[int, typer.Option(help="The number of the GPU; -1 is the CPU.")] = -1,
    max_steps: Annotated[
        int,
        typer.Option(min=0, help="The most steps; 0 goes on until nothing gets better on dev."),
    ] = 0,
) -> None:
    """Train a pipeline, after a look at its training data."""
    if learn not in LEARN:
        raise DataError(Errors.L405.format(name="learn", value=learn, options=", ".join(LEARN)))
    found = check(corpus, output, gpu_id)
    msg.good(found.report)
    path = find_config(choose_config(found, learn, corpus) if config == "auto" else config)
    check_config(path, corpus, found)
    overrides: Dict[str, Any] = {
        "paths.train": str(corpus / "train.spacy"),
        "paths.dev": str(corpus / "dev.spacy"),
        "nlp.lang": language_of(corpus.name, lang),
        "system.seed": seed,
        **limit_steps(max_steps),
    }
    options = [f"--{name} {shlex.quote(str(value))}" for name, value in overrides.items()]
    # A training that was stopped goes on, if it is the same one.
    resume = is_unfinished(output)
    if resume:
        options = ["--resume", "--overwrite", *options]
    print(f"spacy lstm train {path} --output {output} --gpu-id {gpu_id} {' '.join(options)}")
    train_config(path, output, overrides, gpu_id=gpu_id, resume=resume, overwrite=True)
    calibrate_names(output / "model-best", corpus / "dev.spacy", gpu_id)


if __name__ == "__main__":
    run(main)
