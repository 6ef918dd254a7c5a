"""Preprocess a file of any size, in memory that doesn't grow with it.

The file is read twice: once to check and to count everything, so that nothing is written of a file
with an error in its last line, and once to write. What is written goes aside in parts; after each,
the place that was reached is noted, so that a run that is interrupted, at whatever moment, goes on
from there. Only when all is there it is moved to where it belongs, in one go.
"""

import json
import os
import shutil
import time
from collections import Counter
from itertools import chain, islice
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Tuple

from common import move_all, writing
from corpora import expected_categories, reader_of
from docbins import SUFFIX, Pack
from sentences import Marker, marker
from settings import Settings
from spacy.language import Language
from splits import Counts, check_labels, take_few
from tqdm import tqdm
from wasabi import msg

import spacy_lstm
from spacy_lstm.errors import Errors
from spacy_lstm.training.docs import blank, make_doc
from spacy_lstm.training.readers.records import DataError, Record
from spacy_lstm.training.splits import SPLITS, counted_labels, split_of_text

# A part is written after so many tokens: some seconds of work, and some 50 MB of memory.
PART = 1_000_000

Reader = Callable[[], Iterator[Record]]


class State(NamedTuple):
    """How far a run has come.

    identity (Dict[str, Any]): The file and the settings: another run must not go on with it.
    categories (str): How many categories apply to each text.
    counts (Dict[str, Dict[str, int]]): The number of texts by split and label, in the whole file.
    n_texts (int): The number of texts in the whole file.
    n_done (int): How many are written.
    n_parts (int): In how many parts.
    """

    identity: Dict[str, Any]
    categories: str
    counts: Dict[str, Dict[str, int]]
    n_texts: int
    n_done: int = 0
    n_parts: int = 0


def stream(source: Path, output: Path, settings: Settings, skipped: Counter[str]) -> Counts:
    """Write a large file as train.spacy, dev.spacy and test.spacy, folders of parts. A text's split
    is chosen by a checksum of it. If an earlier run on the same file was interrupted, go on.

    source (Path): The file.
    output (Path): The folder to write.
    settings (Settings): How it is read, and texts become docs.
    skipped (Counter[str]): Here is counted what an export holds and isn't a text to learn from.
    RETURNS (Counts): The number of texts by split and label.
    RAISES (DataError): If a text can't be used, or there are too few labels; then nothing is
        written to `output`.
    """
    if settings.duplicates == "drop":
        megabytes = source.stat().st_size / 1e6
        raise DataError(Errors.L406.format(path=source, n=megabytes, most=settings.stream_above))
    aside = output.parent / f".{output.name}-partial"
    started = time.perf_counter()
    with writing(aside):
        state = _resume(aside, _identity(source, settings))
        n_before = state.n_done if state else 0
        if state is None:
            shutil.rmtree(aside, ignore_errors=True)
            state = scan(reader_of(source, settings, skipped), source, settings)
            for split in SPLITS:
                (aside / "new" / f"{split}{SUFFIX}").mkdir(parents=True)
            _save(state, aside)
        else:
            msg.info(f"Going on after {n_before:,} of {state.n_texts:,} texts")
        try:
            state = write_parts(reader_of(source, settings), state, aside, settings)
        except KeyboardInterrupt:
            msg.info("Interrupted. The same command goes on from the last part")
            raise
        (aside / "old").mkdir(exist_ok=True)
        move_all(aside / "new", output, aside / "old")
        shutil.rmtree(aside)
    seconds = time.perf_counter() - started
    share = (state.n_texts - n_before) / state.n_texts
    rate = share * source.stat().st_size / 1e6 / seconds
    msg.good(f"{state.n_texts - n_before:,} texts in {seconds:.0f} s, {rate:.1f} MB/s")
    return {split: Counter(state.counts[split]) for split in SPLITS}


def scan(read: Reader, source: Path, settings: Settings) -> State:
    """Check and count all texts.

    read (Reader): What reads the texts.
    source (Path): The file.
    settings (Settings): How it is read and split.
    RETURNS (State): What was found.
    RAISES (DataError): If a text can't be used, or there are too few labels.
    """
    records = read()
    first = next(records, None)
    if first is None:
        raise DataError(Errors.L303.format(path=source))
    categories = settings.categories
    if categories == "auto":
        # By as many texts as it takes: the first ones may have only names, and later ones more.
        categories = expected_categories(reader_of(source, settings)())
    counts: Counts = {split: Counter() for split in SPLITS}
    n_texts = 0
    most = blank(settings.lang).max_length  # an unknown language is found before a long scan
    with _bar("Checking", None) as bar:
        placed = _placed(chain([first], records), settings)
        for split, record in take_few(placed, settings.limit, categories):
            if len(record.text) > most:
                message = Errors.L327.format(where=record.where, n=len(record.text), most=most)
                raise DataError(message)
            counts[split].update(counted_labels(record, categories))
            n_texts += 1
            bar.update()
    check_labels(counts, source, categories=categories)
    plain = {split: dict(sorted(counter.items())) for split, counter in counts.items()}
    return State(_identity(source, settings), categories, plain, n_texts)


def write_parts(read: Reader, state: State, aside: Path, settings: Settings) -> State:
    """Write the texts that aren't written yet, and note the place after each part.

    read (Reader): What reads the texts.
    state (State): How far an earlier run has come.
    aside (Path): The folder for the parts and the note.
    settings (Settings): How texts become docs.
    RETURNS (State): The state when all is written.
    """
    if state.n_done == state.n_texts:
        return state
    labels = sorted(state.counts["train"]) if state.categories != "none" else []
    mark = marker(settings.sentences, settings.lang, (record.text for record in read()))
    placed = take_few(_placed(read(), settings), settings.limit, state.categories)
    with _bar("Writing", state.n_texts) as bar:
        bar.update(sum(1 for _ in islice(placed, state.n_done)))
        while state.n_done < state.n_texts:
            # A new vocabulary for each part, so that it doesn't grow with the file. (In a memory
            # zone, spaCy's tokenizer wouldn't remember words, and be slow.)
            bins, n = _next_part(placed, blank(settings.lang), labels, mark, bar)
            for split, doc_bin in bins.items():
                if len(doc_bin):
                    path = aside / "new" / f"{split}{SUFFIX}" / f"{state.n_parts:06}{SUFFIX}"
                    _write_whole(path, doc_bin.to_bytes())
            state = state._replace(n_done=state.n_done + n, n_parts=state.n_parts + 1)
            _save(state, aside)
    return state


def _next_part(
    placed: Iterator[Tuple[str, Record]],
    nlp: Language,
    labels: List[str],
    mark: Marker,
    bar: Any,
) -> Tuple[Dict[str, Pack], int]:
    bins = {split: Pack() for split in SPLITS}
    n_tokens = n_texts = 0
    for split, record in placed:
        doc = mark(make_doc(nlp, record, labels))
        bins[split].add(doc)
        n_tokens += len(doc)
        n_texts += 1
        bar.update()
        if n_tokens >= PART:
            break
    return bins, n_texts


def _placed(records: Iterator[Record], settings: Settings) -> Iterator[Tuple[str, Record]]:
    for record in records:
        yield (
            split_of_text(record.text, settings.seed, dev=settings.dev, test=settings.test),
            record,
        )


def _identity(source: Path, settings: Settings) -> Dict[str, Any]:
    stat = source.stat()
    return {
        "version": spacy_lstm.__version__,
        "source": str(source.resolve()),
        "size": stat.st_size,
        "changed": stat.st_mtime_ns,
        "settings": settings.as_dict(),
    }


def _resume(aside: Path, identity: Dict[str, Any]) -> State | None:
    note = aside / "state.json"
    if not note.exists():
        return None
    state = State(**json.loads(note.read_text("utf8")))
    if state.identity != identity:
        return None
    # Parts that were written after the last note are written again.
    for path in (aside / "new").glob(f"*/*{SUFFIX}"):
        if int(path.stem) >= state.n_parts:
            path.unlink()
    return state


def _save(state: State, aside: Path) -> None:
    _write_whole(aside / "state.json", json.dumps(state._asdict()).encode("utf8"))


def _write_whole(path: Path, content: bytes) -> None:
    # Under another name until it is whole and on the disk: even a cut of power leaves no half.
    temporary = path.with_name(f"{path.name}.tmp")
    with temporary.open("wb") as file_:
        file_.write(content)
        file_.flush()
        os.fsync(file_.fileno())
    temporary.replace(path)


def _bar(what: str, total: int | None) -> Any:
    # No bar where nobody watches: in a log file it would be a mess of control codes.
    return tqdm(desc=what, total=total, unit=" texts", unit_scale=True, disable=None)
