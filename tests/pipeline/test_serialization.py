"""What is saved is loaded again, and nothing else."""

import json
import os
import pickle
import shutil

import numpy
import pytest
import spacy
import srsly
import torch
from spacy.tokens import DocBin

from spacy_lstm.files.manifest import dump_manifest
from spacy_lstm.layers import precision
from spacy_lstm.pipeline.serialization import SavedPipe

from ..fixtures.saved import COMPONENTS, FOLDER, FORMATS, TEXTS, build, predictions

NAMES = [*COMPONENTS, "tokenizer"]
LATEST = FORMATS[-1]


@pytest.fixture(scope="module")
def other():
    """Another run of the same training."""
    return build(seed=1)


@pytest.fixture(scope="module")
def nlp():
    return spacy.load(LATEST)


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(LATEST, tmp_path / "model")
    return tmp_path / "model"


def files(folder, name):
    return {path.name: path.read_bytes() for path in (folder / name).iterdir()}


def agree(found, expected):
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        if name == "labels":
            assert found[name] == value
        else:
            numpy.testing.assert_allclose(found[name], value, rtol=1e-4, atol=1e-5)


def sign(folder, name):
    content = files(folder, name)
    kind = json.loads(content.pop("format.json"))["component"]
    (folder / name / "format.json").write_bytes(dump_manifest(kind, content))


def edit_model(folder, name, edit):
    path = folder / name / "model"
    message = srsly.msgpack_loads(path.read_bytes())
    edit(message)
    path.write_bytes(srsly.msgpack_dumps(message))
    sign(folder, name)


@pytest.mark.parametrize("path", FORMATS, ids=lambda path: path.name)
def test_every_format_loads_for_ever(path):
    agree(predictions(spacy.load(path)), srsly.read_json(path / "predictions.json"))


def test_round_trips(nlp, tmp_path):
    expected = predictions(nlp)
    nlp.to_disk(tmp_path)
    assert predictions(spacy.load(tmp_path)) == expected
    copy = spacy.blank("en", config=nlp.config).from_bytes(nlp.to_bytes())
    assert predictions(copy) == expected
    docs = list(nlp.pipe(TEXTS))
    stored = DocBin(docs=docs, store_user_data=True).to_bytes()
    restored = DocBin().from_bytes(stored).get_docs(copy.vocab)
    assert [doc.cats for doc in restored] == [doc.cats for doc in docs]


def test_nothing_is_unpickled(monkeypatch, nlp, tmp_path):
    def refuse(*args, **kwargs):
        raise AssertionError("code could run here")

    for name in NAMES:
        for content in files(LATEST, name).values():
            with pytest.raises((pickle.UnpicklingError, ValueError, EOFError, LookupError)):
                pickle.loads(content)
    data = nlp.to_bytes()
    for owner, name in (
        (pickle, "loads"),
        (pickle, "load"),
        (pickle, "Unpickler"),
        (torch, "load"),
        (numpy, "load"),
    ):
        monkeypatch.setattr(owner, name, refuse)
    spacy.load(LATEST).from_bytes(data)


@pytest.mark.parametrize("name", NAMES)
def test_a_damaged_missing_or_mixed_up_file_is_refused(name, nlp, folder, other, tmp_path):
    pipe = nlp.tokenizer if name == "tokenizer" else nlp.get_pipe(name)
    other.to_disk(tmp_path / "other")
    elsewhere = "ner" if name == "textcat" else "textcat"
    good = files(folder, name)
    for file, content in good.items():
        path = folder / name / file
        # What both runs have alike may be exchanged.
        foreign = {files(tmp_path / "other", name)[file], files(folder, elsewhere)[file]}
        flipped = bytes([content[0] ^ 1]) + content[1:]
        for harm in {b"", content[:-1], content + b" " * 9, flipped, *foreign} - {content}:
            path.write_bytes(harm)
            if file == "format.json" and json_or_none(harm) == json_or_none(content):
                continue
            with pytest.raises(ValueError, match=r"\[L80[1-8]\]"):
                pipe.from_disk(folder / name, exclude=["vocab"])
        path.unlink()
        with pytest.raises(ValueError, match=r"\[L80[13]\].*(missing|isn't there)"):
            pipe.from_disk(folder / name, exclude=["vocab"])
        path.write_bytes(content)
    pipe.from_disk(folder / name, exclude=["vocab"])
    agree(predictions(nlp), srsly.read_json(folder / "predictions.json"))


def json_or_none(data):
    try:
        return json.loads(data)
    except ValueError:
        return None


def test_after_an_error_the_component_is_as_before(nlp, other, folder):
    pipe = other.get_pipe("ner")
    before = other.to_bytes()
    edit_model(folder, "ner", lambda message: message["params"][-1].clear())
    with pytest.raises(ValueError, match="L806"):
        pipe.from_disk(folder / "ner", exclude=["vocab"])
    assert other.to_bytes() == before
    content = srsly.msgpack_loads(nlp.get_pipe("ner").to_bytes(exclude=["vocab"]))
    content["model"] = content["model"][:-1]
    with pytest.raises(ValueError, match="L803"):
        pipe.from_bytes(srsly.msgpack_dumps(content), exclude=["vocab"])
    assert other.to_bytes() == before


def test_a_newer_format_says_what_to_install(folder):
    path = folder / "ner" / "format.json"
    path.write_text(json.dumps({"format": 2, "written_by": "9.1.0", "layers": {}}))
    with pytest.raises(ValueError, match=r"L804.*format 2.*pip install \"spacy-lstm>=9\.1\.0\""):
        spacy.load(folder)


def test_the_checksum_can_not_get_lost_unseen(folder):
    (folder / "textcat" / "format.json").unlink()
    with pytest.raises(ValueError, match=r"L803.*format\.json.*is missing"):
        spacy.load(folder)


def test_a_component_of_another_kind_is_refused(nlp, folder):
    shutil.copytree(folder / "textcat", folder / "multilabel", dirs_exist_ok=True)
    with pytest.raises(ValueError, match=r"L808.*'lstm_textcat', and 'multilabel' is a"):
        spacy.load(folder)


def test_exclude(nlp, other, tmp_path):
    pipe = other.get_pipe("ner")
    labels = pipe.labels
    nlp.get_pipe("ner").to_disk(tmp_path / "whole")
    weights = pipe.model.to_bytes()
    pipe.from_disk(tmp_path / "whole", exclude=["model", "vocab"])
    assert pipe.model.to_bytes() == weights
    pipe.from_disk(tmp_path / "whole", exclude=["cfg"])
    assert pipe.labels == labels
    assert pipe.model.to_bytes() == nlp.get_pipe("ner").model.to_bytes()
    nlp.get_pipe("ner").to_disk(tmp_path / "part", exclude=["model", "vocab"])
    assert sorted(os.listdir(tmp_path / "part")) == ["cfg", "format.json"]
    pipe.from_disk(tmp_path / "part", exclude=["model", "vocab"])
    with pytest.raises(ValueError, match=r"L801.*exclude"):
        pipe.from_disk(tmp_path / "part", exclude=["vocab"])
    data = nlp.get_pipe("ner").to_bytes(exclude=["cfg", "vocab"])
    assert set(srsly.msgpack_loads(data)) == {"model", "format.json"}
    pipe.from_bytes(data, exclude=["cfg"])


def test_what_is_no_folder_or_file(nlp, folder, tmp_path):
    pipe: SavedPipe = nlp.get_pipe("ner")
    with pytest.raises(ValueError, match=r"L801.*no folder"):
        pipe.from_disk(tmp_path / "nowhere")
    (folder / "ner" / "model").unlink()
    os.mkfifo(folder / "ner" / "model")  # would be waited for without end
    with pytest.raises(ValueError, match=r"L801.*no file"):
        pipe.from_disk(folder / "ner", exclude=["vocab"])
    for data in (b"", b"\x80", b"\xc1", srsly.msgpack_dumps({"other": b""})):
        with pytest.raises(ValueError, match="L80[15]"):
            pipe.from_bytes(data)


def test_a_file_larger_than_the_config_allows_is_not_read(folder, nlp):
    path = folder / "ner" / "model"
    with path.open("r+b") as file:
        file.truncate(1 << 40)  # takes no room on the disk
    manifest = folder / "ner" / "format.json"
    found = json.loads(manifest.read_bytes())
    found["files"]["model"]["size"] = 1 << 40
    manifest.write_text(json.dumps(found))
    with pytest.raises(ValueError, match=r"L802.*1,099,511,627,776 bytes"):
        nlp.get_pipe("ner").from_disk(folder / "ner", exclude=["vocab"])
    with (folder / "ner" / "cfg").open("r+b") as file:
        file.truncate(1 << 30)
    with pytest.raises(ValueError, match="L802"):
        nlp.get_pipe("ner").from_disk(folder / "ner", exclude=["vocab"])


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("labels", "PER"),
        ("labels", ["PER", "PER"]),
        ("labels", [f"L{i}" for i in range(100000)]),
        ("labels", [1, 2]),
        ("temperature", 0),
        ("temperature", 10**400),
        ("temperature", "warm"),
        ("threshold", 1.5),
        ("rare_labels", None),
    ],
)
def test_settings_that_can_not_be_right(setting, value, folder, nlp):
    path = folder / "ner" / "cfg"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), setting: value}))
    sign(folder, "ner")
    with pytest.raises(ValueError, match=r"L806.*ner"):
        nlp.get_pipe("ner").from_disk(folder / "ner", exclude=["vocab"])


def test_format_0_is_checked_without_checksums(tmp_path):
    shutil.copytree(FORMATS[0], tmp_path / "model")
    path = tmp_path / "model" / "textcat" / "model"
    message = srsly.msgpack_loads(path.read_bytes())
    message["params"][-1] = {name: value[:1] for name, value in message["params"][-1].items()}
    path.write_bytes(srsly.msgpack_dumps(message))
    with pytest.raises(ValueError, match=r"L806.*the shape of"):
        spacy.load(tmp_path / "model")


def in_precision(chosen):
    heads = ("ner", "textcat")
    return {f"components.{name}.model.tok2vec.encode.precision": chosen for name in heads}


@pytest.mark.parametrize("has_onednn", [True, False])
def test_other_hardware_gives_the_same(has_onednn, nlp, monkeypatch):
    """Where bfloat16 isn't fast, and without oneDNN."""
    precision.fast_bfloat16.cache_clear()
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: has_onednn)
    monkeypatch.setattr(precision, "has_onednn_bfloat16", lambda: False)
    loaded = spacy.load(LATEST, config=in_precision("auto"))
    assert "auto" in [node.attrs.get("precision") for node in loaded.get_pipe("ner").model.walk()]
    agree(predictions(loaded), predictions(nlp))
    precision.fast_bfloat16.cache_clear()


def test_bfloat16_without_its_instructions_is_near(nlp, monkeypatch):
    monkeypatch.setattr(precision, "has_onednn_bfloat16", lambda: False)
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    found, expected = (
        predictions(spacy.load(LATEST, config=in_precision("bfloat16"))),
        predictions(nlp),
    )
    for name in ("textcat", "ner.emissions"):
        assert found[name] != expected[name]
        numpy.testing.assert_allclose(found[name], expected[name], rtol=0, atol=0.05)


def test_fixtures_are_small():
    sizes = [path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()]
    assert sum(sizes) < 100_000
