"""`spacy lstm init-config`: a complete config, with the reasons for its settings."""

import os
from pathlib import Path
from typing import Annotated, Optional

import typer

from ..training.readers.records import DataError
from ..training.recipes import Recipe


def init_config_command(
    output: Annotated[
        Path,
        typer.Argument(help="The file of the config (.cfg), or - to print it.", allow_dash=True),
    ],
    lang: Annotated[str, typer.Option("--lang", "-l", help="The code of the language.")] = "en",
    pipeline: Annotated[
        str,
        typer.Option(
            "--pipeline",
            "-p",
            help="The components in their order, with commas between them: textcat, "
            "textcat_multilabel, ner, and any of spaCy's others, as tagger or parser. The encoder "
            "that they share is added where they are several; tok2vec adds it for one, too.",
        ),
    ] = "textcat,ner",
    optimize: Annotated[
        Recipe,
        typer.Option(
            "--optimize",
            "-o",
            help="speed: the models that nlp.add_pipe makes. accuracy: the best scores. long: as "
            "accuracy, for long documents.",
        ),
    ] = Recipe.speed,
    vectors: Annotated[
        Optional[str],
        typer.Option(help="A pipeline with word vectors, by its name or folder, to use them."),
    ] = None,
    gpu: Annotated[bool, typer.Option("--gpu", "-G", help="Train on a GPU.")] = False,
    force: Annotated[
        bool, typer.Option("--force", "-F", help="Overwrite the file if it is there already.")
    ] = False,
) -> None:
    """Write a complete config for `spacy train`, with a comment on each choice.

    Its settings are those that were found to be good for the components; all of them are yours to
    change.
    """
    try:
        if str(output) == "-":
            typer.echo(make(lang, pipeline, optimize, vectors, gpu), nl=False)
            return
        check_output(output, force)
        write_whole(output, make(lang, pipeline, optimize, vectors, gpu))
    except DataError as err:
        typer.secho(str(err), fg="red", err=True)
        raise typer.Exit(1) from err
    typer.echo(f"The config is in {output}. Train with it:")
    typer.echo(
        f"python -m spacy train {output} --output model --paths.train train.spacy "
        f"--paths.dev dev.spacy{' --gpu-id 0' if gpu else ''}"
    )


def make(lang: str, pipeline: str, optimize: Recipe, vectors: Optional[str], gpu: bool) -> str:
    """Make the text of a config, and warn where its vectors aren't here.

    lang (str): The code of the language.
    pipeline (str): The names of the components, with commas between them.
    optimize (Recipe): What the pipeline is to be best at.
    vectors (Optional[str]): The name or folder of a pipeline with word vectors.
    gpu (bool): Whether it is trained on a GPU.
    RETURNS (str): The text.
    RAISES (DataError): If no config can be made of that.
    """
    from spacy.util import is_package

    from ..errors import Warnings
    from ..training.recipes.build import make_config

    names = [name.strip() for name in pipeline.split(",") if name.strip()]
    text = make_config(lang=lang, pipeline=names, optimize=optimize, vectors=vectors, gpu=gpu)
    if vectors is not None and not is_package(vectors) and not Path(vectors).is_dir():
        typer.secho(Warnings.LW681.format(name=vectors), fg="yellow", err=True)
    return text


def check_output(path: Path, force: bool) -> None:
    """Check, before anything else is done, that a file may be written.

    path (Path): The file.
    force (bool): Whether it may be there already.
    RAISES (DataError): If it is there already, or no file.
    """
    from ..errors import Errors

    if path.exists() and not path.is_file():
        raise DataError(Errors.L687.format(path=path, reason="it is there, and no file"))
    if path.exists() and not force:
        raise DataError(Errors.L686.format(path=path))


def write_whole(path: Path, text: str) -> None:
    """Write a file, whole or not at all. Its folder is made if it isn't there.

    path (Path): The file.
    text (str): What is to be in it.
    RAISES (DataError): If it can't be written; then it is as it was before.
    """
    from ..errors import Errors

    target = path.resolve()
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf8", newline="\n")
        part.replace(target)
    except OSError as err:
        reason = err.strerror or err
        raise DataError(Errors.L687.format(path=path, reason=reason)) from err
    finally:
        part.unlink(missing_ok=True)
