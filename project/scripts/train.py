"""Train a pipeline on a preprocessed corpus, as `spacy train` does, once the corpus is checked and
the config that fits it is found."""

import shlex
from pathlib import Path
from typing import Annotated, Any, Dict

import typer
from check import check, check_config
from common import PROJECT, run
from spacy.cli.train import train as spacy_train
from wasabi import msg

from spacy_lstm.errors import Errors
from spacy_lstm.training.readers.records import DataError

CONFIGS = PROJECT / "configs"
AUTO = {"one": "textcat", "any": "textcat_multilabel"}  # by how many categories apply to a text
FEW_STEPS = {"training.max_steps": 20, "training.eval_frequency": 10}


def find_config(name: str, categories: str, corpus: Path, configs: Path = CONFIGS) -> Path:
    """Find the config to train with.

    name (str): Its name, or "auto".
    categories (str): How many categories apply to each text of the corpus.
    corpus (Path): The folder of the corpus, for messages.
    configs (Path): The folder of the configs.
    RETURNS (Path): Its file.
    RAISES (DataError): If there is none.
    """
    if name == "auto" and categories not in AUTO:
        raise DataError(Errors.L407.format(path=corpus))
    path = configs / f"{AUTO[categories] if name == 'auto' else name}.cfg"
    if not path.is_file():
        options = ", ".join(["auto", *sorted(file.stem for file in configs.glob("*.cfg"))])
        raise DataError(Errors.L405.format(name="config", value=name, options=options))
    return path


def main(
    corpus: Annotated[Path, typer.Argument(help="The folder of train, dev and test.spacy.")],
    output: Annotated[Path, typer.Argument(help="The folder where the model will be written.")],
    config: Annotated[
        str, typer.Option(help="The name of a file in configs/; auto chooses by the categories.")
    ] = "auto",
    lang: Annotated[str, typer.Option(help="The language, as for preprocess.")] = "en",
    seed: Annotated[int, typer.Option(help="The seed of the training.")] = 0,
    gpu_id: Annotated[int, typer.Option(help="The number of the GPU; -1 is the CPU.")] = -1,
    few_steps: Annotated[bool, typer.Option(help="A few steps only: does everything run?")] = False,
) -> None:
    """Train a pipeline, after a look at its training data."""
    found = check(corpus, output, gpu_id)
    msg.good(found.report)
    path = find_config(config, found.categories, corpus)
    check_config(path, corpus, sorted(found.labels["train"]))
    overrides: Dict[str, Any] = {
        "paths.train": str(corpus / "train.spacy"),
        "paths.dev": str(corpus / "dev.spacy"),
        "nlp.lang": lang,
        "system.seed": seed,
        **(FEW_STEPS if few_steps else {}),
    }
    options = [f"--{name} {shlex.quote(str(value))}" for name, value in overrides.items()]
    print(f"spacy train {path} --output {output} --gpu-id {gpu_id} {' '.join(options)}")
    spacy_train(path, output, use_gpu=gpu_id, overrides=overrides)


if __name__ == "__main__":
    run(main)
