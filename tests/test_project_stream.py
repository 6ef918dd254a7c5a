"""The spaCy project on files that are never held in memory as a whole."""

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest
import spacy
from spacy.tokens import DocBin
from spacy.training import Corpus
from spacy.vocab import Vocab

from spacy_lstm.training.docs import make_doc
from spacy_lstm.training.readers.records import DataError, Entity, Record
from spacy_lstm.training.splits import SPLITS, split_of_text

from .projects import ENV, PROJECT, check, docbins, run_on, stream, write

WORDS = ["soup", "train", "novel", "goal", "rent", "nurse", "café", "R&amp;D", "😀"]


def rows(n, seed=0):
    rng = random.Random(seed)
    for i in range(n):
        text = " ".join(rng.choices(WORDS, k=rng.randint(1, 12)))
        yield {"text": f"{text} {i // 2}", "label": "ab"[i // 2 % 2]}  # each text twice


def jsonl(path, n, **more):
    return write(path, "".join(json.dumps({**row, **more}) + "\n" for row in rows(n)))


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr(stream, "PART", 500)


def test_streamed_is_what_is_read_at_once(tmp_path, small_parts):
    source = jsonl(tmp_path / "a.jsonl", 600)
    counts = run_on(source, tmp_path / "out", stream_above=0.0)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        f"{split}.spacy" for split in sorted(SPLITS)
    ]
    expected = {split: Counter() for split in SPLITS}
    texts = {split: [] for split in SPLITS}
    for row in rows(600):
        text = row["text"].replace("&amp;", "&")
        split = split_of_text(text, 0)
        texts[split].append(text)
        expected[split][row["label"]] += 1
    assert counts == expected
    nlp = spacy.blank("en")
    for split in SPLITS:
        path = tmp_path / "out" / f"{split}.spacy"
        examples = list(Corpus(path)(nlp))  # as `spacy train` reads it
        assert [eg.text for eg in examples] == texts[split]
        docs = list(docbins.iter_docs(path))
        assert [doc.text for doc in docs] == texts[split]
        assert docbins.count_labels(docs) == expected[split]
        assert all(docbins.is_exclusive(doc) for doc in docs)
    assert len(list((tmp_path / "out" / "train.spacy").iterdir())) > 3
    assert (
        "2 labels, one for each text" in check.check(tmp_path / "out", tmp_path / "training").report
    )


def test_shares_of_a_streamed_split():
    counts = Counter(split_of_text(f"text {i}", 0, dev=0.2, test=0.05) for i in range(20000))
    assert counts["dev"] / 20000 == pytest.approx(0.2, abs=0.01)
    assert counts["test"] / 20000 == pytest.approx(0.05, abs=0.005)
    assert split_of_text("\ud800", 0) in SPLITS
    others = [split_of_text(f"text {i}", -1) for i in range(100)]
    assert others != [split_of_text(f"text {i}", 0) for i in range(100)]


@pytest.mark.parametrize("moment", ["a part", "a note", "the last move"])
def test_interrupted_and_resumed(tmp_path, small_parts, monkeypatch, moment):
    source = jsonl(tmp_path / "a.jsonl", 600)
    run_on(source, tmp_path / "whole", stream_above=0.0)
    write_whole, move_all = stream._write_whole, stream.move_all
    calls = Counter()

    def interrupted(path, content):
        calls[path.name == "state.json"] += 1
        if moment == "a part" and calls[False] == 5:
            path.with_name(path.name + ".tmp").write_bytes(content[:10])
            raise KeyboardInterrupt
        if moment == "a note" and calls[True] == 3:
            raise KeyboardInterrupt
        write_whole(path, content)

    def interrupted_move(new, target, old):
        if moment == "the last move":
            target.mkdir(exist_ok=True)
            (new / "dev.spacy").rename(target / "dev.spacy")
            raise KeyboardInterrupt
        move_all(new, target, old)

    monkeypatch.setattr(stream, "_write_whole", interrupted)
    monkeypatch.setattr(stream, "move_all", interrupted_move)
    with pytest.raises(KeyboardInterrupt):
        run_on(source, tmp_path / "out", stream_above=0.0)
    if moment != "the last move":
        assert not (tmp_path / "out").exists()
    monkeypatch.setattr(stream, "_write_whole", write_whole)
    monkeypatch.setattr(stream, "move_all", move_all)
    made = []
    monkeypatch.setattr(stream, "make_doc", lambda *args: made.append(1) or make_doc(*args))
    run_on(source, tmp_path / "out", stream_above=0.0)
    assert len(made) < 600  # what was done wasn't done again
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
    assert not list(tmp_path.glob(".out*"))


def test_another_file_or_setting_starts_anew(tmp_path, small_parts, monkeypatch):
    source = jsonl(tmp_path / "a.jsonl", 600)
    run_on(source, tmp_path / "whole", stream_above=0.0, seed=1)

    def full(path, content):
        if path.name == "000002.spacy":
            raise OSError(28, "No space left on device")
        stream_write(path, content)

    stream_write = stream._write_whole
    monkeypatch.setattr(stream, "_write_whole", full)
    with pytest.raises(DataError, match=r"^\[L323\].*No space left"):
        run_on(source, tmp_path / "out", stream_above=0.0)
    assert not (tmp_path / "out").exists()
    monkeypatch.setattr(stream, "_write_whole", stream_write)
    run_on(source, tmp_path / "out", stream_above=0.0, seed=1)
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_killed_at_any_moment(tmp_path):
    source = jsonl(tmp_path / "a.jsonl", 600)
    code = (
        "import sys; sys.path.insert(0, sys.argv.pop(1)); import stream, preprocess, common; "
        "stream.PART = 200; common.run(preprocess.main)"
    )

    def run(output, seconds=None):
        command = [sys.executable, "-c", code, str(PROJECT / "scripts"), "mine", str(output)]
        command += ["--source", str(source), "--stream-above", "0"]
        process = subprocess.Popen(command, env=ENV, stdout=subprocess.PIPE, text=True)
        if seconds is not None:
            started = time.monotonic()
            note = output.parent / f".{output.name}-partial" / "state.json"
            while not note.exists() and time.monotonic() - started < 60:
                time.sleep(0.01)
            time.sleep(seconds)
            process.kill()
        printed = process.communicate()[0]
        return process.returncode, printed

    assert run(tmp_path / "whole")[0] == 0
    codes = [run(tmp_path / "out", seconds)[0] for seconds in (0.0, 0.2)]
    assert codes[0] == -signal.SIGKILL
    assert set(codes) <= {-signal.SIGKILL, 0}
    returned, printed = run(tmp_path / "out")
    assert returned == 0, printed
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_a_file_with_an_error_at_its_end_writes_nothing(tmp_path):
    source = jsonl(tmp_path / "a.jsonl", 50)
    with source.open("a") as file_:
        file_.write('{"text": "x"}\n')
    with pytest.raises(DataError, match=r"^\[L308\].*a\.jsonl, line 51:"):
        run_on(source, tmp_path / "out", stream_above=0.0)
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]


def test_what_a_stream_refuses(tmp_path):
    source = jsonl(tmp_path / "a.jsonl", 50)
    with pytest.raises(DataError, match=r"^\[L406\].*duplicates"):
        run_on(source, tmp_path / "out", stream_above=0.0, duplicates="drop")
    jsonl(tmp_path / "a.jsonl", 50, label="a")
    with pytest.raises(DataError, match=r"^\[L312\]"):
        run_on(source, tmp_path / "out", stream_above=0.0)
    write(source, "\n")
    with pytest.raises(DataError, match=r"^\[L303\]"):
        run_on(source, tmp_path / "out", stream_above=0.0)


def test_a_file_takes_the_place_of_parts_and_parts_that_of_a_file(tmp_path):
    source = jsonl(tmp_path / "a.jsonl", 100)
    run_on(source, tmp_path / "out")
    assert (tmp_path / "out" / "duplicates.jsonl").stat().st_size > 0
    whole = contents(tmp_path / "out")
    run_on(source, tmp_path / "out", stream_above=0.0)
    assert (tmp_path / "out" / "train.spacy").is_dir()
    assert not (tmp_path / "out" / "duplicates.jsonl").exists()
    run_on(source, tmp_path / "out")
    assert contents(tmp_path / "out") == whole
    shutil.rmtree(tmp_path / "out")
    write(tmp_path / "out" / "train.spacy" / "notes.txt", "mine")
    with pytest.raises(DataError, match=r"^\[L323\].*train\.spacy is a folder there"):
        run_on(source, tmp_path / "out")
    assert contents(tmp_path / "out") == {"train.spacy/notes.txt": b"mine"}


def test_few_and_any_number_of_categories(tmp_path):
    lines = [{"text": f"t {i}", "cats": {"a": i % 2, "b": i % 3 == 0}} for i in range(300)]
    source = write(tmp_path / "a.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(DataError, match=r"^\[L310\]"):
        run_on(source, tmp_path / "out", stream_above=0.0)
    counts = run_on(source, tmp_path / "out", stream_above=0.0, categories="any", limit=2)
    assert all(2 <= n <= 5 for by_label in counts.values() for n in by_label.values())
    docs = list(docbins.iter_docs(tmp_path / "out" / "dev.spacy"))
    assert docbins.count_labels(docs) == counts["dev"]


def test_pack_is_a_docbin(tmp_path):
    nlp = spacy.blank("en")
    records = [
        Record("Ann didn't  go. She ran", {"a": 1.0}, "", (Entity(0, 3, "PERSON"),)),
        Record("Tansy-Thorns", {}, "", (Entity(0, 7, "ORG"),)),
        Record("a b c", {"b": 0.5}, "", words=("a", "b", "c"), sent_starts=(0, 2)),
    ]
    docs = [make_doc(nlp, record, ["a", "b"]) for record in records]
    docbins.Pack(docs).to_disk(tmp_path / "a.spacy")
    DocBin(docs=docs).to_disk(tmp_path / "b.spacy")
    ours, spacys = (docbins.read_docs(tmp_path / f"{name}.spacy", Vocab()) for name in "ab")
    for doc, expected in zip(ours, spacys, strict=True):
        assert doc.to_json() == expected.to_json()
        assert [t.ent_iob for t in doc] == [t.ent_iob for t in expected]
        assert doc.has_unknown_spaces == expected.has_unknown_spaces
        assert [t.is_sent_start for t in doc] == [t.is_sent_start for t in expected]


def test_names_first_and_categories_later(tmp_path):
    named = {"text": "Ann is here", "labels": [[0, 3, "PERSON"]]}
    lines = [{**named, "text": f"Ann is here {i}"} for i in range(3)]
    lines += [{"text": f"t {i}", "label": "ab"[i % 2]} for i in range(100)]
    source = write(tmp_path / "a.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    for stream_above in (0.0, 50.0):
        # One category is expected of each text, so those without one are named, not dropped.
        with pytest.raises(DataError, match=r"^\[L310\].*a\.jsonl, line 1:"):
            run_on(source, tmp_path / "out", stream_above=stream_above)
