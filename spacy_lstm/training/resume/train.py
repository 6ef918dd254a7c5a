"""`train`: spaCy's training, kept from time to time, and gone on with where it was stopped."""

import sys
from pathlib import Path
from typing import IO, Any, Dict, Optional

from spacy.language import Language
from spacy.schemas import ConfigSchemaTraining
from spacy.training.initialize import init_nlp
from spacy.training.loop import (
    DIR_MODEL_LAST,
    create_before_to_disk_callback,
    create_train_batches,
    update_meta,
)
from spacy.util import registry, resolve_dot_names
from thinc.api import Config, fix_random_seed, set_gpu_allocator
from wasabi import Printer

from ..resumed import RESUMED, Resumed
from .batches import Replayable
from .folders import WriteError, writing
from .identity import Identity, identify
from .keeper import Keeper
from .models import recover_models, save_models
from .pace import Pace
from .start import begin_anew, find_checkpoint, is_finished, note_end, warn_of_changes
from .steps import Course, train_steps
from .stop import Stop
from .store import Checkpoint, CheckpointStore

#: The folder of the checkpoints, in the output folder.
CHECKPOINTS = "checkpoints"


def is_unfinished(output: Path) -> bool:
    """output (Path): The output folder of a training.
    RETURNS (bool): Whether there is one that was stopped, and can go on.
    """
    return CheckpointStore(output / CHECKPOINTS).last_step is not None


def train(
    config: Config,
    output: Path,
    *,
    resume: bool = False,
    overwrite: bool = False,
    max_seconds: Optional[float] = None,
    use_gpu: int = -1,
    code: Optional[Path] = None,
    pace: Optional[Pace] = None,
    stdout: IO[str] = sys.stdout,
    stderr: IO[str] = sys.stderr,
) -> Path:
    """Train a pipeline as `spacy train` does, to the same weights, and keep the training in the
    folder `checkpoints` of the output, from where it goes on after it was stopped, to the same
    weights as without a stop.

    config (Config): The config, not interpolated.
    output (Path): The folder for `model-best` and `model-last`, which must be there.
    resume (bool): Whether to go on with a training that was stopped. Where there is none, it begins
        anew; where it has come to its end, nothing is done.
    overwrite (bool): Whether a training that was stopped may be replaced; with `resume`, only where
        it can't go on.
    max_seconds (Optional[float]): Stop after so many seconds, when the step of then is done.
    use_gpu (int): The number of the GPU, which must be in use already; -1 for the CPU.
    code (Optional[Path]): The file with additional code, which must be imported already.
    pace (Optional[Pace]): How often the training is kept; by default so that it costs 2 %.
    stdout (IO[str]): Where it is told of.
    stderr (IO[str]): Where loggers may show their progress.
    RETURNS (Path): The folder of the last pipeline.
    RAISES (Stopped): If it was stopped by SIGINT, SIGTERM or the end of its time.
    RAISES (WriteError): If the disk is full or the folder isn't there any more.
    RAISES (DataError): If it can't go on, or mustn't be replaced.
    """
    stop = Stop(max_seconds)
    store = CheckpointStore(output / CHECKPOINTS)
    identity = identify(config, output, code)
    msg = Printer(no_print=True)
    with writing(output, kept=store.kept):
        recover_models(output)
    if resume and is_finished(output, identity, overwrite=overwrite):
        store.remove()
        stdout.write(msg.good("The training is finished", output / DIR_MODEL_LAST) + "\n")
        return output / DIR_MODEL_LAST
    checkpoint = find_checkpoint(store, output, identity, resume=resume, overwrite=overwrite)
    if checkpoint is None:
        begin_anew(store, output)
    nlp = init_nlp(config, use_gpu=use_gpu)
    with stop.listening():
        _train(
            nlp,
            output,
            checkpoint,
            store=store,
            identity=identity,
            pace=pace or Pace(),
            stop=stop,
            use_gpu=use_gpu,
            stdout=stdout,
            stderr=stderr,
        )
    note_end(output, identity, kept=store.kept)
    store.remove()
    last = output / DIR_MODEL_LAST
    stdout.write(msg.good("Saved pipeline to output directory", last) + "\n")
    return last


def _train(
    nlp: Language,
    output: Path,
    checkpoint: Optional[Checkpoint],
    *,
    store: CheckpointStore,
    identity: Identity,
    pace: Pace,
    stop: Stop,
    use_gpu: int,
    stdout: IO[str],
    stderr: IO[str],
) -> None:
    # In the order of spacy.training.loop.train, for the sake of the random numbers.
    config = nlp.config.interpolate()
    if config["training"]["seed"] is not None:
        fix_random_seed(config["training"]["seed"])
    if use_gpu >= 0 and config["training"]["gpu_allocator"]:
        set_gpu_allocator(config["training"]["gpu_allocator"])
    T = registry.resolve(config["training"], schema=ConfigSchemaTraining)
    train_corpus, dev_corpus = resolve_dot_names(config, [T["train_corpus"], T["dev_corpus"]])
    optimizer, frozen = T["optimizer"], T["frozen_components"]
    before_to_disk = create_before_to_disk_callback(T["before_to_disk"])
    batches = Replayable(create_train_batches(nlp, train_corpus, T["batcher"], T["max_epochs"]))
    course = Course({name: w for name, w in T["score_weights"].items() if w is not None})
    keeper = Keeper(
        nlp,
        optimizer,
        batches,
        dev_corpus,
        frozen,
        course,
        store=store,
        identity=identity,
        pace=pace,
        stop=stop,
    )
    resumed, set_random_states = None, None
    if checkpoint is not None:
        set_random_states = keeper.restore(checkpoint)
        warn_of_changes(checkpoint, output, course.results)
        resumed = Resumed(course.step, course.epoch, course.seconds, course.results)
    _announce(nlp, T, optimizer.learn_rate, resumed, stdout)
    token = RESUMED.set(resumed)
    try:
        with nlp.select_pipes(disable=frozen):
            log_step, finalize_logger = T["logger"](nlp, stdout, stderr)
    finally:
        RESUMED.reset(token)
    if set_random_states is not None:
        set_random_states()
    can_save = True
    try:
        for info, is_best in train_steps(
            nlp, optimizer, batches, dev_corpus, course, T, keeper.between_steps
        ):
            if is_best is not None:
                with nlp.select_pipes(disable=frozen):
                    update_meta(T, nlp, info)
                save_models(
                    nlp, optimizer, before_to_disk, output, is_best=is_best, kept=store.kept
                )
                info["output_path"] = str(output / DIR_MODEL_LAST)
            log_step(info if is_best is not None else None)
    except WriteError:
        can_save = False
        raise
    finally:
        finalize_logger()
        if can_save:
            save_models(nlp, optimizer, before_to_disk, output, is_best=False, kept=store.kept)


def _announce(
    nlp: Language,
    T: Dict[str, Any],
    learn_rate: float,
    resumed: Optional[Resumed],
    stdout: IO[str],
) -> None:
    msg = Printer(no_print=True)
    lines = [f"Pipeline: {nlp.pipe_names}"]
    if T["frozen_components"]:
        lines.append(f"Frozen components: {T['frozen_components']}")
    if T["annotating_components"]:
        lines.append(f"Set annotations on update for: {T['annotating_components']}")
    if resumed is None:
        lines.append(f"Initial learn rate: {learn_rate}")
    else:
        lines.append(f"Going on after step {resumed.step}, with the learn rate {learn_rate}")
    for line in lines:
        stdout.write(msg.info(line) + "\n")
