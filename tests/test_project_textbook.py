"""The project with a pipeline that has one output for two categories, as that of the textbook."""

import json
import re

import pytest
from spacy.tokens import DocBin

from spacy_lstm.training.readers.records import DataError
from spacy_lstm.training.splits import SPLITS

from .pipelines import NEGATIVE, POSITIVE, examples, textcat_pipeline
from .projects import PROJECT, call, check, evaluate, train, try_it, write

TEXTBOOK = PROJECT / "configs" / "textbook.cfg"


@pytest.fixture(scope="module")
def nlp():
    nlp = textcat_pipeline("lstm_textcat_multilabel")
    nlp.config["initialize"]["components"] = {"textcat": {"labels": ["POS"]}}
    data = examples(nlp)
    optimizer = nlp.initialize(lambda: data)
    optimizer.learn_rate = 0.01
    for _ in range(20):
        nlp.update(data, sgd=optimizer)
    return nlp


def save_docs(nlp, path, *wrong):
    """The texts of the pipeline, and some that are annotated wrongly as positive."""
    doc_bin = DocBin()
    docs = [eg.reference for eg in examples(nlp)]
    for text in wrong:
        docs.append(nlp.make_doc(text))
        docs[-1].cats = {"NEG": 0.0, "POS": 1.0}
    for doc in docs:
        doc_bin.add(doc)
    doc_bin.to_disk(path)


def test_a_negative_text_is_right_if_no_category_applies(nlp, tmp_path, monkeypatch, capsys):
    assert nlp.get_pipe("textcat").labels == ("POS",)
    nlp.to_disk(tmp_path / "model")
    save_docs(nlp, tmp_path / "test.spacy", *NEGATIVE[:5])
    output = tmp_path / "metrics.json"
    paths = [str(path) for path in (tmp_path / "model", tmp_path / "test.spacy", output)]
    assert call(evaluate.main, monkeypatch, *paths) == 0
    scores = json.loads(output.read_text("utf8"))
    assert scores["accuracy"] == 20 / 25
    assert list(scores["labels"]) == ["POS"]
    assert scores["labels"]["POS"]["r"] == 10 / 15
    assert scores["labels"]["POS"]["n_texts"] == 15
    capsys.readouterr()

    assert call(try_it.main, monkeypatch, paths[0], POSITIVE[0]) == 0
    shown = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    assert [line.split()[0] for line in shown.splitlines()[2:]] == ["POS"]
    assert call(try_it.main, monkeypatch, paths[0], NEGATIVE[0]) == 0
    assert "no category has 50 %" in capsys.readouterr().out


def test_true_labels():
    cats = {"neg": 1.0, "pos": 0.0, "other": 0.5}
    assert evaluate.true_labels(cats, 0.5, known=["neg", "pos"]) == ["neg"]
    assert evaluate.true_labels(cats, 0.5, known=["pos", "new"]) == []
    assert evaluate.true_labels(cats, None, known=["pos"]) == ["neg"]


def test_a_config_names_categories_that_the_corpus_has(nlp, tmp_path, monkeypatch, capsys):
    for split in SPLITS:
        save_docs(nlp, tmp_path / f"{split}.spacy")
    found = check.check(tmp_path, tmp_path / "out")
    assert sorted(found.labels["train"]) == ["NEG", "POS"]
    config = write(tmp_path / "mine.cfg", TEXTBOOK.read_text("utf8").replace('"pos"', '"POS"'))
    check.check_config(config, tmp_path, found)
    check.check_config(PROJECT / "configs" / "textcat.cfg", tmp_path, found)
    with pytest.raises(DataError, match=r"^\[L408\].*textbook.*textcat.*'pos'.*are: NEG, POS\."):
        check.check_config(TEXTBOOK, tmp_path, found)
    with pytest.raises(DataError, match=r"^\[L301\].*nowhere"):
        check.check_config(tmp_path / "nowhere.cfg", tmp_path, found)
    broken = write(tmp_path / "broken.cfg", "no section\n")
    with pytest.raises(DataError, match=r"^\[L502\].*broken"):
        check.check_config(broken, tmp_path, found)
    tagger = '[components.t]\nfactory = "tagger"\n\n[initialize.components.t]\nlabels = ["X"]\n'
    others = write(
        tmp_path / "tagger.cfg",
        f"[components]\n\n[initialize]\n\n[initialize.components]\n\n{tagger}",
    )
    check.check_config(others, tmp_path, found)
    command = [str(tmp_path), str(tmp_path / "out"), "--config", "textbook"]
    assert call(train.main, monkeypatch, *command) == 1
    assert "[L408]" in capsys.readouterr().out
    assert not (tmp_path / "out").exists()
