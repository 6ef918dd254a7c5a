"""`spacy lstm calibrate`."""

import io

import pytest
import spacy
import srsly
from rich.console import Console
from spacy.tokens import DocBin

from spacy_lstm.cli.calibrate import calibrate, print_calibrations
from spacy_lstm.pipeline.calibration import CalibrationError
from spacy_lstm.pipeline.ner_calibrate import Calibration, Fit
from spacy_lstm.training.readers.records import DataError

from ..commands import spacy_command
from ..ner_pipelines import found, ner_pipeline, shared_ner_pipeline, train_ner
from ..pipeline.test_calibration import noisy
from ..pipelines import textcat_pipeline, train


@pytest.fixture
def dev(tmp_path):
    path = tmp_path / "dev.spacy"
    DocBin(docs=[eg.reference for eg in noisy(spacy.blank("en"))]).to_disk(path)
    return path


def saved(nlp, path):
    train_ner(nlp)
    nlp.to_disk(path)
    return path


def test_the_command(dev, tmp_path):
    model = saved(shared_ner_pipeline(), tmp_path / "model")
    before = spacy.load(model)
    result = spacy_command("lstm", "calibrate", model, dev, "--output", tmp_path / "calibrated")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "48 texts" in result.stdout
    lines = [line.split() for line in result.stdout.splitlines()]
    (first,) = [line for line in lines if line[:1] == ["before"]]
    (second,) = [line for line in lines if line[:1] == ["after"]]
    after = spacy.load(tmp_path / "calibrated")
    temperature = after.get_pipe("ner").cfg["temperature"]
    assert float(first[1]) == 1.0
    assert float(second[1]) == pytest.approx(temperature, abs=0.001)
    assert float(second[2]) < float(first[2])
    assert temperature > 1.5
    assert found(after) == found(before)
    assert spacy.load(model).get_pipe("ner").cfg["temperature"] == 1.0


def test_in_its_place(dev, tmp_path):
    model = saved(ner_pipeline(), tmp_path / "model")
    (result,) = calibrate(spacy.load(model), str(model), dev, None)
    cfg = srsly.read_json(model / "ner" / "cfg")
    assert cfg["temperature"] == result.after.temperature > 1.5


def test_what_can_be_wrong(dev, tmp_path):
    path = saved(ner_pipeline(), tmp_path / "model")
    nlp = spacy.load(path)
    other = textcat_pipeline()
    train(other, steps=1)
    with pytest.raises(DataError, match=r"L631.*textcat"):
        calibrate(other, "it", dev, tmp_path / "out")
    with pytest.raises(DataError, match=r"L633.*--output"):
        calibrate(nlp, "en_names", dev, None)
    with pytest.raises(DataError, match=r"L634.*nothing.spacy"):
        calibrate(nlp, str(path), tmp_path / "nothing.spacy", None)
    (tmp_path / "text.spacy").write_text("no DocBin")
    with pytest.raises(DataError, match=r"L634.*text.spacy"):
        calibrate(nlp, str(path), tmp_path / "text.spacy", None)
    DocBin(docs=[nlp.make_doc("Anna")]).to_disk(tmp_path / "bare.spacy")
    with pytest.raises(DataError, match=r"L632.*bare.spacy"):
        calibrate(nlp, str(path), tmp_path / "bare.spacy", None)
    doc = nlp.make_doc("Anna")
    doc.ents = [spacy.tokens.Span(doc, 0, 1, "WITCH")]
    DocBin(docs=[doc]).to_disk(tmp_path / "witch.spacy")
    with pytest.raises(DataError, match=r"L623.*WITCH"):
        calibrate(nlp, str(path), tmp_path / "witch.spacy", None)
    assert not (tmp_path / "out").exists()
    result = spacy_command("lstm", "calibrate", tmp_path / "no", dev)
    assert result.returncode == 1
    assert "L501" in result.stderr


def test_the_table():
    error = CalibrationError(0.1, 0.05, 0.2, 0.04)
    before, after = Fit(1.0, 2.5, 0.0, 0.25, error), Fit(1.25, 2.25, 0.125, None, None)
    calibration = Calibration("n[e]r", 12, before, after)
    console = Console(record=True, width=100, file=io.StringIO())
    print_calibrations([calibration], console)
    lines = [line.split() for line in console.export_text().splitlines()]
    assert ["n[e]r", "(12", "texts)"] in lines
    assert ["before", "1.000", "2.5000", "0.1000", "0.0500", "to", "0.2000", "0.0400"] in lines
    assert ["after", "1.250", "2.2500"] in lines
    assert ["threshold", "0.000", "→", "0.125"] in lines
    assert ["F-score", "25.0", "→", "none"] in lines


def test_the_table_says_nothing_of_a_threshold_that_stays():
    fit = Fit(1.0, 2.5, 0.3, 0.25, None)
    console = Console(record=True, width=80, file=io.StringIO())
    print_calibrations([Calibration("ner", 12, fit, fit)], console)
    assert "threshold" not in console.export_text()
