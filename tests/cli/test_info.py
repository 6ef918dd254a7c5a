"""`spacy lstm info`: what it counts, and what it prints."""

import io
import json
import subprocess
import sys

import numpy
import pytest
import spacy
from rich.console import Console
from spacy.cli._util import app
from spacy.training import Example
from spacy.util import load_config
from thinc.api import Linear, Model, chain, list2ragged
from typer.testing import CliRunner

from spacy_lstm.cli.layers import Describer, Layer, Part, Parts, Weight, as_dict, totals
from spacy_lstm.cli.load import load_parts
from spacy_lstm.cli.tables import print_parts

from ..commands import spacy_command
from ..pipelines import EMBED, shared_pipeline, textcat_pipeline, train
from ..projects import PROJECT

TEXTBOOK = PROJECT / "configs" / "textbook.cfg"
# A token's vector: 20,000 rows of 128 numbers, and a maxout layer of 3 pieces with its norm.
EMBED_SIZE = 20_000 * 128 + (3 * 128 * 128 + 3 * 128) + 2 * 128
# Four gates over an input and a state of 128, each with a bias.
LSTM_SIZE = 4 * 128 * (128 + 128) + 4 * 128
DENSE_SIZE = (64 * 128 + 64) + (64 + 1)


def call(*args):
    return CliRunner().invoke(app, ["lstm", "info", *map(str, args)])


def printed(parts, width=80, encoding="utf8"):
    raw = io.BytesIO()
    file_ = io.TextIOWrapper(raw, encoding=encoding)
    print_parts(parts, Console(file=file_, width=width, highlight=False))
    file_.flush()
    return raw.getvalue().decode(encoding)


def find(layer, name):
    """All layers of this name in the JSON."""
    found = [layer] if layer["name"] == name else []
    return found + [match for inner in layer["layers"] for match in find(inner, name)]


def test_textbook_config_has_the_sizes_of_a_hand_made_sum():
    result = call(TEXTBOOK, "--json")
    assert result.exit_code == 0, result.output
    info = json.loads(result.stdout)
    assert info["n_params"] == EMBED_SIZE + LSTM_SIZE + DENSE_SIZE == 2_749_697
    assert info["n_bytes"] == 4 * info["n_params"]
    assert (info["dtypes"], info["n_unknown"], info["vectors"]) == (["float32"], 0, None)
    [component] = info["components"]
    assert (component["name"], component["factory"]) == ("textcat", "lstm_textcat_multilabel")
    [lstm] = find(component["model"], "lstm_encoder")
    assert lstm["role"] == "encode"
    assert lstm["dims"] == {"nI": 128, "nO": 128}
    assert {w["name"]: w["shape"] for w in lstm["weights"]} == {
        "W0_forward": [512, 128],
        "R0_forward": [512, 128],
        "b0_forward": [512],
    }
    assert lstm["n_params"] == LSTM_SIZE


def test_table_of_the_textbook():
    text = printed(load_parts(str(TEXTBOOK)))
    lines = [line.split() for line in text.splitlines()]
    assert ["╰─lstm_encoder", "128", "128", "W0_forward", "512×128", "65,536"] in [
        [cell for cell in line if cell != "│"] for line in lines
    ]
    assert ["├─relu", "128", "64", "W", "64×128", "8,192"] in lines
    assert ["╰─linear", "64", "1", "W", "1×64", "64"] in lines
    assert ["sum", "(11.0", "MB", "float32)", "2,749,697"] in lines
    assert text.rstrip().endswith("textbook.cfg: 2,749,697 parameters, 11.0 MB float32")
    assert max(map(len, text.splitlines()[:-1])) <= 80


@pytest.mark.parametrize("encoding", ["utf8", "cp1252", "ascii"])
def test_prints_in_any_encoding(encoding):
    text = printed(load_parts(str(TEXTBOOK)), encoding=encoding)
    assert ("├─relu" in text) == (encoding == "utf8")
    assert ("|-relu" in text) == (encoding != "utf8")
    assert "2,749,697" in text


def test_what_a_config_leaves_open():
    path = PROJECT / "configs" / "textcat.cfg"
    parts = load_parts(str(path))
    weights = parts.weights
    encoder = load_config(path)["components"]["textcat"]["model"]["tok2vec"]
    rows = encoder["embed"]["embed"]["embed"]["embed"]["rows"]
    embed = sum(rows) * 64 + 3 * 64 * 256 + 3 * 64 + 2 * 64
    embed += 64  # of the words that are hidden
    # The LSTM isn't made: its input is as wide as the number of labels makes it.
    assert totals(weights)["n_params"] == embed
    assert totals(weights)["n_unknown"] == 4 + 6
    text = printed(parts)
    assert "10 arrays that depend on the training data (?)" in text
    assert any(line.split()[-2:] == ["?", "?"] for line in text.splitlines() if "linear" in line)


def test_listeners_and_the_encoder_they_share(tmp_path):
    nlp = shared_pipeline()
    train(nlp, steps=0)
    nlp.to_disk(tmp_path / "model")
    parts = load_parts(str(tmp_path / "model"))
    assert [part.name for part in parts.components] == ["tok2vec", "textcat"]
    encoder, head = (totals(part.weights)["n_params"] for part in parts.components)
    bilstm = 2 * (4 * 12 * (16 + 12) + 4 * 12) + 2 * 24  # with layer normalization
    assert encoder == (300 + 50) * 16 + (3 * 16 * 32 + 3 * 16) + 2 * 16 + bilstm
    assert head == (2 * 24 + 2) + (2 * 1024 + 2)  # a dense layer, and one over n-grams
    assert totals(parts.weights)["n_params"] == encoder + head
    text = printed(parts)
    [line] = [line for line in text.splitlines() if "listens to" in line]
    assert "tok2vec-listener (listens to 'tok2vec')" in line
    assert line.split()[-1] == "24"


def spacys_own():
    torch_encoder = {
        "@architectures": "spacy.TorchBiLSTMEncoder.v1",
        "width": 16,
        "depth": 1,
        "dropout": 0.0,
    }
    nlp = spacy.blank("en")
    tok2vec = {"@architectures": "spacy.Tok2Vec.v2", "embed": EMBED, "encode": torch_encoder}
    model = {"@architectures": "spacy.Tagger.v2", "tok2vec": tok2vec}
    nlp.add_pipe("tagger", config={"model": model})
    for name in ("parser", "ner", "textcat", "spancat", "sentencizer"):
        nlp.add_pipe(name)
    annotation = {
        "tags": ["A", "B", "C"],
        "heads": [0, 0, 0],
        "deps": ["ROOT", "x", "y"],
        "entities": [(0, 1, "P")],
        "cats": {"a": 1.0, "b": 0.0},
        "spans": {"sc": [(0, 1, "X")]},
    }
    example = Example.from_dict(nlp.make_doc("a b c"), annotation)
    nlp.initialize(lambda: [example])
    return nlp


def test_spacys_own_pipelines(tmp_path):
    nlp = spacys_own()
    nlp.to_disk(tmp_path / "model")
    parts = load_parts(str(tmp_path / "model"))
    for part in parts.components:
        pipe = nlp.get_pipe(part.name)
        if part.name == "sentencizer":
            assert part.layer is None
            continue
        arrays = {
            (node.id, name): node.get_param(name).size
            for node in pipe.model.walk()
            for name in node.param_names
            if node.has_param(name)
        }
        expected = sum(arrays.values())
        if part.name == "tagger":  # torch keeps two biases a direction
            expected += 2 * (4 * 8 * (16 + 8) + 2 * 4 * 8)
        assert totals(part.weights)["n_params"] == expected > 0, part.name
    for width in (80, 120):
        text = printed(parts, width)
        assert "pytorch (torch: LSTM)" in text
        assert "weight_ih_l0_reverse" in text
        assert "it isn't a trained component" in text
        assert "…" not in text
        assert max(map(len, text.splitlines()[:-1])) <= width


def test_static_vectors(tmp_path):
    nlp = textcat_pipeline()
    train(nlp, steps=0)
    nlp.vocab.set_vector("film", numpy.ones(7, dtype="float32"))
    nlp.to_disk(tmp_path / "model")
    parts = load_parts(str(tmp_path / "model"))
    assert parts.vectors.shape == nlp.vocab.vectors.shape
    assert parts.vectors.shape[1] == 7
    assert "Static vectors, which aren't trained:" in printed(parts)
    assert as_dict(parts)["vectors"]["shape"] == list(parts.vectors.shape)
    assert all(weight.name != "vectors" for weight in parts.weights)


def test_what_is_shared_counts_once():
    shared = Linear(3, 3)
    model: Model = chain(shared, Linear(3, 3), shared)
    model.initialize()
    tied = Linear(3, 3)
    tied.set_param("W", shared.get_param("W"))
    tied.set_param("b", numpy.zeros(3, dtype="float32"))
    describer = Describer()
    first, second = describer.describe(model), describer.describe(tied)
    assert totals(list(first.all_weights()))["n_params"] == 2 * (9 + 3)
    assert first.layers[2].note == "the same as above"
    assert [weight.shared for weight in second.weights] == [True, False]
    parts = Parts("x", [Part("a", "f", first), Part("b", "f", second)])
    assert totals(parts.weights)["n_params"] == 2 * (9 + 3) + 3
    text = printed(parts)
    assert "linear (the same as above)" in text
    assert any(line.split()[-1:] == ["above"] for line in text.splitlines())


def test_adapters_are_left_out_of_the_table_but_not_of_json():
    layer = Describer().describe(chain(chain(list2ragged(), Linear(2, 3)), Linear(4, 2)))
    assert [inner.name for inner in layer.layers] == ["list2ragged>>linear", "linear"]
    text = printed(Parts("x", [Part("a", "f", layer)]))
    assert text.count("chain") == 1
    assert text.count("linear") == 2


def test_markup_in_names_stays_as_it_is():
    weights = [Weight("[red]W[/]", (2,), "float32", 8)]
    parts = Parts("[b]x[/b]", [Part("[i]", "f", Layer("[bold]", "kind", weights=weights))])
    text = printed(parts)
    for name in ("[red]W[/]", "[b]x[/b]", "[i]", "[bold]"):
        assert name in text


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("nowhere", None, "L501"),
        ("nowhere.cfg", None, "L501"),
        ("other.cfg", "[training]\nseed = 0\n", "L503"),
        ("broken.cfg", "no section\n", "L502"),
        (
            "unknown.cfg",
            '[nlp]\nlang = "en"\npipeline = ["x"]\n\n[components.x]\nfactory = "x"\n',
            "L502",
        ),
        ("notes.txt", "some text", "L501"),
    ],
)
def test_what_is_no_pipeline(name, content, code, tmp_path):
    path = tmp_path / name
    if content is not None:
        path.write_text(content, encoding="utf8")
    result = call(path)
    assert result.exit_code == 1
    assert f"[{code}] {path}" in result.stderr
    assert "Traceback" not in result.output
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""


def test_a_folder_that_is_no_pipeline(tmp_path):
    result = call(tmp_path)
    assert result.exit_code == 1
    assert "[L501]" in result.stderr


def test_a_pipeline_whose_component_is_not_installed(tmp_path):
    nlp = spacy.blank("en")
    nlp.to_disk(tmp_path / "model")
    config = (tmp_path / "model" / "config.cfg").read_text("utf8")
    config = config.replace("pipeline = []", 'pipeline = ["x"]')
    config = config.replace("[components]", '[components]\n\n[components.x]\nfactory = "gone"')
    (tmp_path / "model" / "config.cfg").write_text(config, encoding="utf8")
    result = call(tmp_path / "model")
    assert result.exit_code == 1
    assert "[L502]" in result.stderr
    assert "'gone'" in result.stderr


def test_a_component_that_needs_data_is_shown_with_the_reason(tmp_path):
    config = TEXTBOOK.read_text("utf8").replace(
        "include_static_vectors = false", "include_static_vectors = true"
    )
    path = tmp_path / "vectors.cfg"
    path.write_text(config, encoding="utf8")
    result = call(path)
    assert result.exit_code == 0, result.output
    assert "can't be made from the config alone (" in result.stdout
    assert "lstm_encoder" in result.stdout


def python(code, *args):
    command = [sys.executable, "-c", code, *args]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf8", check=True)


def test_spacys_commands_load_nothing_heavy_of_ours():
    code = """
import sys
import spacy.cli
before = set(sys.modules)
from spacy.util import registry
assert "lstm" in registry.cli.get_all()
print(*sorted(set(sys.modules) - before))
"""
    loaded = python(code).stdout.split()
    assert "spacy_lstm.cli.info" in loaded
    heavy = ("torch", "thinc", "nltk", "spacy", "rich", "numpy", "fastapi", "starlette", "uvicorn")
    for name in loaded:
        assert name.split(".")[0] not in heavy, name
        assert not name.startswith(
            ("spacy_lstm.layers", "spacy_lstm.models", "spacy_lstm.pipeline")
        )


def test_command_line_beside_spacys_own(tmp_path):
    command = [sys.executable, "-m", "spacy", "lstm", "info", str(tmp_path / "nowhere")]
    result = subprocess.run(command, capture_output=True, text=True, encoding="utf8")
    assert result.returncode == 1
    assert "[L501]" in result.stderr
    assert "Traceback" not in result.stderr
    result = spacy_command("--help")
    assert result.returncode == 0
    for command in ("lstm", "train", "evaluate", "debug", "init", "project"):
        assert f"\n  {command} " in result.stdout
    result = spacy_command("info", "--silent")
    assert result.returncode == 0, result.stderr
    result = spacy_command("lstm", "--help")
    assert result.returncode == 0
    assert "info" in result.stdout
