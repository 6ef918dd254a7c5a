"""spaCy's own commands on pipelines with our components."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import spacy
import srsly
from spacy.cli.evaluate import evaluate
from spacy.cli.find_threshold import find_threshold
from spacy.tokens import DocBin
from spacy.training.initialize import init_nlp
from spacy.training.pretrain import pretrain
from spacy.util import load_config
from thinc.api import Config

from .commands import spacy_command
from .pipelines import examples, shared_pipeline, textcat_pipeline, train

ROOT = Path(__file__).resolve().parent.parent
CONFIG = ROOT / "project" / "configs" / "textcat.cfg"


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "data.spacy"
    DocBin(docs=[eg.reference for eg in examples(spacy.blank("en"))]).to_disk(path)
    return path


def saved(nlp, tmp_path):
    train(nlp)
    tmp_path.mkdir(exist_ok=True)
    nlp.to_disk(tmp_path / "model")
    return tmp_path / "model"


def test_evaluate(data, tmp_path):
    model = saved(textcat_pipeline(), tmp_path)
    scores = evaluate(str(model), data, tmp_path / "scores.json", silent=True)
    assert scores["cats_micro_f"] == 1.0
    assert srsly.read_json(tmp_path / "scores.json")["cats_score"] == 1.0


def test_find_threshold_for_multilabel_only(data, tmp_path):
    model = saved(textcat_pipeline("lstm_textcat_multilabel"), tmp_path)
    best, score, _ = find_threshold(
        str(model),
        data,
        pipe_name="textcat",
        threshold_key="threshold",
        scores_key="cats_macro_f",
        n_trials=5,
        silent=True,
    )
    assert 0 < best < 1
    assert score == 1.0
    exclusive = saved(textcat_pipeline(), tmp_path / "exclusive")
    with pytest.raises(SystemExit):
        find_threshold(
            str(exclusive),
            data,
            pipe_name="textcat",
            threshold_key="threshold",
            scores_key="cats_macro_f",
            n_trials=5,
            silent=True,
        )


@pytest.mark.parametrize("make", [textcat_pipeline, shared_pipeline])
def test_debug_model(make, data, tmp_path):
    nlp = make()
    nlp.config.to_disk(tmp_path / "config.cfg")
    for component in nlp.pipe_names:
        result = spacy_command(
            "debug",
            "model",
            tmp_path / "config.cfg",
            component,
            "-P0",
            "-P3",
            "--paths.train",
            data,
            "--paths.dev",
            data,
        )
        assert result.returncode == 0, result.stdout + result.stderr


def test_init_labels_and_train_from_them(data, tmp_path):
    result = spacy_command(
        "init", "labels", CONFIG, tmp_path / "labels", "--paths.train", data, "--paths.dev", data
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert srsly.read_json(tmp_path / "labels" / "textcat.json") == ["NEG", "POS"]
    config = load_config(CONFIG, interpolate=False)
    config["paths"].update(train=str(data), dev=str(data))
    config["initialize"]["components"]["textcat"] = {
        "labels": {
            "@readers": "spacy.read_labels.v1",
            "path": str(tmp_path / "labels" / "textcat.json"),
        }
    }
    assert init_nlp(config).get_pipe("textcat").labels == ("NEG", "POS")


def test_pretrain(tmp_path):
    nlp = shared_pipeline()
    texts = tmp_path / "texts.jsonl"
    srsly.write_jsonl(texts, [{"text": eg.reference.text} for eg in examples(nlp)])
    config = Config().from_str(nlp.config.to_str(), interpolate=False)
    config["paths"]["raw_text"] = str(texts)
    settings = load_config(
        Path(spacy.__file__).parent / "default_config_pretraining.cfg", interpolate=False
    )
    config["pretraining"] = settings["pretraining"]
    config["pretraining"]["max_epochs"] = 1
    config["pretraining"]["objective"] = {
        "@architectures": "spacy.PretrainCharacters.v1",
        "maxout_pieces": 2,
        "hidden_size": 8,
        "n_characters": 2,
    }
    config["corpora"]["pretrain"] = {"@readers": "spacy.JsonlCorpus.v1", "path": str(texts)}
    (tmp_path / "out").mkdir()
    pretrain(config.interpolate(), tmp_path / "out", use_gpu=-1, silent=True)
    weights = (tmp_path / "out" / "model-last.bin").read_bytes()
    encoder = shared_pipeline(seed=5).get_pipe("tok2vec").model
    encoder.initialize(X=[nlp.make_doc("a text")])
    before = encoder.to_bytes()
    encoder.from_bytes(weights)
    assert encoder.to_bytes() != before


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # spaCy's
def test_package_names_us_as_a_requirement(tmp_path):
    model = saved(textcat_pipeline(), tmp_path)
    result = spacy_command("package", model, tmp_path, "--name", "feelings", "--build", "none")
    assert result.returncode == 0, result.stdout + result.stderr
    (meta,) = tmp_path.glob("en_feelings-*/meta.json")
    requirements = srsly.read_json(meta)["requirements"]
    assert any(line.replace("_", "-").startswith("spacy-lstm>=0.1") for line in requirements)


def test_wheel(tmp_path):
    """What users install: entry points and types, and no tests."""
    # A copy, so that nothing is left behind among the sources.
    source = tmp_path / "source"
    source.mkdir()
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in ("spacy_lstm", "tests", "project/scripts"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, source / name, ignore=ignored)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path]
    subprocess.run([*map(str, command), str(source)], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"spacy_lstm"}
    assert "spacy_lstm/py.typed" in names
    assert "spacy_lstm/training/recipes/ner_accuracy.cfg" in names
    assert "spacy_lstm/report/page.html.jinja" in names
    assert "spacy_lstm/serve/page/page.html.jinja" in names
    assert "spacy_lstm/serve/page/page.css" in names
    assert any(name.endswith("entry_points.txt") for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
