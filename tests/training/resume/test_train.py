"""Trainings without a stop end as spaCy's, and those with stops as if there had been none."""

import pytest
from spacy.util import registry

from spacy_lstm.training.readers.records import DataError

from ...pipelines import shared_pipeline, textcat_pipeline
from ...pipelines import train as train_pipeline
from .trainings import (
    config_of,
    crash,
    equal,
    project_config,
    run,
    run_spacys,
    spacys_own,
    write_texts,
)


@pytest.fixture
def texts(tmp_path):
    return write_texts(tmp_path)


@pytest.mark.parametrize("name", ["textcat", "ner", "shared"])
def test_project_configs(name, texts, tmp_path):
    config = project_config(name, texts)
    run_spacys(config, tmp_path / "spacy")
    crash(config, tmp_path / "ours", 2)
    crash(config, tmp_path / "ours", 3, resume=True)
    assert "Going on after step 4" in run(config, tmp_path / "ours", resume=True)
    assert equal(tmp_path / "spacy", tmp_path / "ours")
    assert not (tmp_path / "ours" / "checkpoints").exists()


ENCODERS = {
    "cnn": None,
    "torch": {
        "@architectures": "spacy.TorchBiLSTMEncoder.v1",
        "width": 24,
        "depth": 2,
        "dropout": 0.1,
    },
}


@pytest.mark.parametrize(("encoder", "n_steps"), [("cnn", 1), ("cnn", 4), ("torch", 6)])
def test_spacys_own_components(encoder, n_steps, texts, tmp_path):
    config = spacys_own(texts, ENCODERS[encoder])
    run_spacys(config, tmp_path / "spacy")
    crash(config, tmp_path / "ours", n_steps)
    run(config, tmp_path / "ours", resume=True)
    assert equal(tmp_path / "spacy", tmp_path / "ours")


def test_streamed_texts_that_are_changed_at_random(texts, tmp_path):
    config = spacys_own(texts)
    # Both the augmenter and the entity recognizer draw from Python's generator, by turns.
    augmenter = {"@augmenters": "spacy.lower_case.v1", "level": 0.5}
    config["corpora"]["train"]["augmenter"] = augmenter
    config["training"]["max_epochs"] = -1
    config["training"]["batcher"] = {
        "@batchers": "spacy.batch_by_padded.v1",
        "size": 20,
        "buffer": 6,
        "discard_oversize": False,
    }
    run_spacys(config, tmp_path / "spacy")
    crash(config, tmp_path / "ours", 3)
    crash(config, tmp_path / "ours", 3, resume=True)
    run(config, tmp_path / "ours", resume=True)
    assert equal(tmp_path / "spacy", tmp_path / "ours")


@pytest.mark.parametrize("optimizer", ["RAdam.v1", "SGD.v1"])
def test_other_optimizers_and_frozen_components(optimizer, texts, tmp_path):
    source = shared_pipeline()
    train_pipeline(source)
    source.to_disk(tmp_path / "source")
    frozen = ["tok2vec"]
    config = config_of(
        shared_pipeline(), texts, frozen_components=frozen, annotating_components=frozen
    )
    config["components"]["tok2vec"] = {"source": str(tmp_path / "source")}
    config["training"]["optimizer"] = {"@optimizers": optimizer, "learn_rate": 0.01}
    run_spacys(config, tmp_path / "spacy")
    crash(config, tmp_path / "ours", 4)
    run(config, tmp_path / "ours", resume=True)
    assert equal(tmp_path / "spacy", tmp_path / "ours")


@pytest.fixture
def config(texts):
    return config_of(textcat_pipeline(), texts, max_steps=4, eval_frequency=2)


def files(folder):
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "log.jsonl"
    }


def test_resume_without_a_checkpoint_begins_and_of_a_finished_training_does_nothing(
    config, tmp_path
):
    assert "Initial learn rate" in run(config, tmp_path / "out", resume=True)
    before = files(tmp_path / "out")
    stdout = run(config, tmp_path / "out", resume=True)
    assert "finished" in stdout
    assert "Pipeline" not in stdout
    assert files(tmp_path / "out") == before
    # As `spacy train`: it is trained anew.
    assert "Initial learn rate" in run(config, tmp_path / "out")


def test_an_unfinished_training_is_not_replaced_by_mistake(config, tmp_path):
    crash(config, tmp_path / "out", 3)
    before = files(tmp_path / "out")
    with pytest.raises(DataError, match="L751.*after step 2.*--resume.*--overwrite"):
        run(config, tmp_path / "out")
    assert files(tmp_path / "out") == before
    run(config, tmp_path / "out", overwrite=True)
    run(config, tmp_path / "other")
    assert equal(tmp_path / "out", tmp_path / "other")


@pytest.mark.parametrize("finished", [True, False])
def test_another_config_or_corpus(finished, config, texts, tmp_path):
    if finished:
        run(config, tmp_path / "out")
    else:
        crash(config, tmp_path / "out", 3)
    other = config.copy()
    other["training"]["dropout"] = 0.25
    with pytest.raises(DataError, match=r"L752.*: training.dropout was 0.1, and is 0.25\. Run"):
        run(other, tmp_path / "out", resume=True)
    content = texts.read_bytes()
    texts.write_bytes(content + b"more")
    with pytest.raises(DataError, match="L752.*the content of corpora.dev.path has changed; the"):
        run(config, tmp_path / "out", resume=True)
    texts.write_bytes(content)
    # Where it can't go on, it begins anew.
    assert "Initial learn rate" in run(other, tmp_path / "out", resume=True, overwrite=True)
    assert "finished" in run(other, tmp_path / "out", resume=True)


def test_texts_that_a_reader_gives_in_another_way(config, tmp_path):
    n_reads = []

    @registry.readers("tests.Fickle.v1")
    def make_reader(path: str):
        corpus = registry.readers.get("spacy.Corpus.v1")(path, gold_preproc=False)

        def read(nlp):
            n_reads.append(1)
            yield from list(corpus(nlp))[: -len(n_reads)]

        return read

    path = config["corpora"]["train"]["path"]
    config["corpora"]["train"] = {"@readers": "tests.Fickle.v1", "path": path}
    crash(config, tmp_path / "out", 4)
    with pytest.raises(DataError, match="L756.*after 4 batches there were"):
        run(config, tmp_path / "out", resume=True)


def test_a_reader_of_dev_that_counts_goes_on(config, texts, tmp_path):
    counts = []

    class Counting:
        def __init__(self, path):
            self.corpus = registry.readers.get("spacy.Corpus.v1")(path, gold_preproc=False)
            self.epoch = 0

        def __call__(self, nlp):
            counts.append(self.epoch)
            self.epoch += 1
            return self.corpus(nlp)

    @registry.readers("tests.Counting.v1")
    def make_reader(path: str):
        return Counting(path)

    config["corpora"]["dev"] = {"@readers": "tests.Counting.v1", "path": str(texts)}
    crash(config, tmp_path / "out", 3)
    assert counts == [0, 1]
    run(config, tmp_path / "out", resume=True)
    assert counts == [0, 1, 2]


def test_other_surroundings_and_a_lost_best_pipeline_are_told(config, tmp_path, monkeypatch):
    crash(config, tmp_path / "out", 3)
    (tmp_path / "out" / "model-best").rename(tmp_path / "elsewhere")
    versions = {"device": "cpu", "torch": "1.0"}
    monkeypatch.setattr("spacy_lstm.training.resume.start.surroundings", lambda: versions)
    with (
        pytest.warns(UserWarning, match=r"LW752.*and goes on with .*torch 1\.0"),
        pytest.warns(UserWarning, match="LW753.*model-best"),
    ):
        run(config, tmp_path / "out", resume=True)


def test_parameters_outside_of_the_pipeline(config, tmp_path, monkeypatch):
    from thinc.api import Linear

    from spacy_lstm.pipeline.textcat import LSTMTextCategorizer

    other = Linear(2, 2).initialize()
    finish_update = LSTMTextCategorizer.finish_update

    def finish_both(self, sgd):
        finish_update(self, sgd)
        other.set_grad("W", other.get_param("W") * 0.1)
        other.finish_update(sgd)

    monkeypatch.setattr(LSTMTextCategorizer, "finish_update", finish_both)
    with pytest.raises(DataError, match=r"L757.*: 1 of the parameters.*\(textcat\)"):
        run(config, tmp_path / "out")
