"""Trainings that are killed at random moments, and resumed each time: are their weights, bit for
bit, those of a training without a stop?"""

import json
import multiprocessing
import random
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import perf_counter
from typing import Any, Dict, List, NamedTuple, Optional

import spacy
from spacy.tokens import Doc, DocBin, Span
from spacy.util import load_config
from thinc.api import Config

CONFIG = Path(__file__).resolve().parents[2] / "project" / "configs" / "shared.cfg"
EMBED = "components.tok2vec.model.embed"
SMALL = {
    f"{EMBED}.width": 16,
    f"{EMBED}.char_width": 8,
    f"{EMBED}.embed.embed.embed.width": 16,
    f"{EMBED}.embed.embed.embed.rows": [300, 50, 100, 50],
    "components.tok2vec.model.encode.width": 32,
    "components.ner.model.linear_model.length": 512,
}
MODELS = ("model-best", "model-last")
WORDS = [f"{start}{end}" for start in "bdfgklmnprst" for end in ("a", "en", "ilo", "ut")]


class Killed(NamedTuple):
    """What came of it.

    n_kills (int): How often a training was killed by SIGKILL.
    n_with_checkpoint (int): How often there was a checkpoint to go on from.
    n_trainings (int): How many trainings came to their end.
    n_equal (int): How many of them came out as the one without a stop: the files of both pipelines,
        and the log but for its times.
    problems (List[str]): What was wrong with the others.
    """

    n_kills: int
    n_with_checkpoint: int
    n_trainings: int
    n_equal: int
    problems: List[str]


def kill_trainings(config: Config, folder: Path, *, n_kills: int, seed: int = 0) -> Killed:
    """Kill trainings until there were enough kills, and see how they come out.

    config (Config): The config of the training, not interpolated.
    folder (Path): Where all of it is written.
    n_kills (int): How often to kill.
    seed (int): Of the moments.
    RETURNS (Killed): What came of it.
    RAISES (RuntimeError): If the training fails without being killed.
    """
    rng = random.Random(seed)
    reference = folder / "reference"
    begin = perf_counter()
    process = _start(config, reference)
    process.join()
    longest = perf_counter() - begin
    if process.exitcode != 0:
        raise RuntimeError(f"the training ended with {process.exitcode}: see {reference}")
    n_done, n_with_checkpoint, problems = 0, 0, []
    n_trainings = 0
    while n_done < n_kills:
        output = folder / f"training-{n_trainings}"
        while True:
            process = _start(config, output)
            process.join(rng.uniform(0.0, 0.9 * longest) if n_done < n_kills else None)
            if not process.is_alive():
                break
            process.kill()
            process.join()
            n_done += 1
            n_with_checkpoint += any(output.glob("checkpoints/step-*"))
        n_trainings += 1
        problem = (
            f"exit code {process.exitcode}" if process.exitcode else compare(reference, output)
        )
        if problem:
            problems.append(f"{output.name}: {problem}")
    n_equal = n_trainings - len(problems)
    return Killed(n_done, n_with_checkpoint, n_trainings, n_equal, problems)


def compare(one: Path, other: Path) -> Optional[str]:
    """Compare what two trainings wrote.

    one (Path): The output folder of one.
    other (Path): That of the other.
    RETURNS (Optional[str]): What differs, or None.
    """
    for model in MODELS:
        names = [
            sorted(file.relative_to(folder) for file in folder.rglob("*") if file.is_file())
            for folder in (one / model, other / model)
        ]
        if not names[0] or names[0] != names[1]:
            return f"{model} has other files"
        for name in names[0]:
            if (one / model / name).read_bytes() != (other / model / name).read_bytes():
                return f"{model}/{name.as_posix()} differs"
    return None if _read_log(one) == _read_log(other) else "log.jsonl differs"


def _read_log(output: Path) -> List[Dict[str, Any]]:
    lines = (output / "log.jsonl").read_text(encoding="utf8").splitlines()
    records = [json.loads(line) for line in lines]
    for record in records:
        del record["seconds"]
        record["scores"].pop("speed", None)
    return records


def make_config(folder: Path, *, n_texts: int = 200, **settings: Any) -> Config:
    """Make a training whose steps are short: categories and names on one encoder, as in the
    project, but small, on texts made up of syllables.

    folder (Path): Where the texts are written.
    n_texts (int): How many there are.
    settings (Any): Settings of `[training]`.
    RETURNS (Config): The config.
    """
    path = folder / "texts.spacy"
    write_texts(path, n_texts)
    overrides = {**SMALL, "paths.train": str(path), "paths.dev": str(path)}
    config = load_config(CONFIG, overrides=overrides, interpolate=False)
    config["training"].update(settings)
    config["training"]["batcher"] = {"@batchers": "spacy.batch_by_sequence.v1", "size": 8}
    return config


def write_texts(path: Path, n_texts: int, seed: int = 0) -> None:
    """Write texts with categories and names.

    path (Path): The file.
    n_texts (int): How many.
    seed (int): Of the words.
    """
    rng = random.Random(seed)
    vocab = spacy.blank("en").vocab
    docs = DocBin(store_user_data=True)
    for _ in range(n_texts):
        words = rng.choices(WORDS, k=rng.randint(2, 12))
        doc = Doc(vocab, words=words)
        positive = float(words[0] < words[-1])
        doc.cats = {"POS": positive, "NEG": 1.0 - positive}
        doc.ents = [Span(doc, i, i + 1, w[0]) for i, w in enumerate(words) if w[0] in "bd"]
        docs.add(doc)
    docs.to_disk(path)


def _start(config: Config, output: Path) -> BaseProcess:
    output.mkdir(exist_ok=True)
    context = multiprocessing.get_context("forkserver")
    # Read once, by the process that the others are forked from.
    context.set_forkserver_preload(["spacy_lstm.training.resume.train"])
    process = context.Process(target=_train, args=(config.to_str(interpolate=False), output))
    process.start()
    return process


def _train(config: str, output: Path) -> None:
    import torch

    from spacy_lstm.training.resume.pace import Pace
    from spacy_lstm.training.resume.train import train

    torch.set_num_threads(1)
    with (output / "log.txt").open("a", encoding="utf8") as log:
        train(
            Config().from_str(config, interpolate=False),
            output,
            resume=True,
            # Half of the time, so that many kills hit a checkpoint that is being written.
            pace=Pace(share=0.5, least=0.0),
            stdout=log,
            stderr=log,
        )
