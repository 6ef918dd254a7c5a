"""What is compared: linear models, CRFsuite, our recipes and their parts, spaCy's own."""

import numpy
import pytest
import spacy
from scipy.sparse import csr_matrix
from spacy.tokens import Doc, Span

from spacy_lstm.training.recipes import Recipe

from .tiny import cats_docs, ents_docs, same_everywhere  # isort: skip

from accuracy import configs, crfsuite, linear, models, pipelines
from accuracy.corpora import CORPORA
from accuracy.tasks import MULTILABEL, TEXTCAT
from accuracy.variants import ABLATIONS, ADVERSARIAL

SST2, TOPICS, WNUT17 = (CORPORA[name] for name in ("sst2", "bundled_topics", "wnut17"))


def test_features_of_a_word():
    assert crfsuite.shape("McDonald's-2024") == "XxXx'x-d"
    assert crfsuite.word_features("Ab1") == [
        "word=Ab1",
        "lower=ab1",
        "shape=Xxd",
        "prefix=A",
        "suffix=1",
        "prefix=Ab",
        "suffix=b1",
        "prefix=Ab1",
        "suffix=Ab1",
        "title",
        "digit",
    ]
    assert crfsuite.word_features("2-3")[-3:] == ["digit", "hyphen", "no letter"]


def test_features_of_neighbours():
    first, _, third = crfsuite.features_of(["to", "York", "!"])
    assert {"bias", "word=to", "-2:none", "-1:none", "1:word=York", "1:title", "2:word=!"} <= set(
        first
    )
    assert {"word=!", "-1:word=York", "-2:lower=to", "1:none", "2:none"} <= set(third)
    assert not any(feature.startswith("0:") for feature in first + third)


def test_tags_are_those_of_the_names():
    doc = Doc(spacy.blank("en").vocab, words=["Ann", "Lee", "Bo", "ate", "it"])
    people = [Span(doc, 0, 2, label="PER"), Span(doc, 2, 3, label="PER")]
    doc.set_ents(people, missing=[doc[4:5]], default="outside")
    assert crfsuite.tags_of(doc) == ["B-PER", "I-PER", "B-PER", "O", "O"]


def test_words_and_pairs_of_neighbours():
    doc = spacy.blank("en").make_doc("A  Good day")
    assert linear.words_of([doc]) == [["a", "good", "day"]]
    assert linear.with_bigrams(["a", "good", "day"]) == ["a", "good", "day", "a good", "good day"]


def test_log_count_ratios_and_their_interpolation():
    counts = csr_matrix([[1, 1, 0], [1, 0, 0], [0, 1, 1]])
    truth = numpy.array([[True], [True], [False]])
    fitted = linear.fit(counts, truth, "nbsvm", 1.0)
    # p = 1 + (2, 1, 0), q = 1 + (0, 1, 1), each as shares (Wang & Manning 2012).
    p, q = numpy.array([3, 2, 1]) / 6, numpy.array([1, 2, 2]) / 5
    assert fitted.ratios[:, 0] == pytest.approx(numpy.log(p / q))
    own = fitted.ratios * fitted.weights
    assert fitted.interpolated(1.0) == pytest.approx(own)
    mean = numpy.abs(fitted.weights).mean()
    assert fitted.interpolated(0.25) == pytest.approx(0.75 * mean * fitted.ratios + 0.25 * own)
    assert (linear.fit(counts, truth, "tfidf", 1.0).ratios == 1.0).all()


@pytest.mark.parametrize("kind", ["tfidf", "nbsvm"])
@pytest.mark.parametrize("task", [TEXTCAT, MULTILABEL])
def test_linear_models_learn(kind, task):
    found = linear.measure_linear(same_everywhere(cats_docs()), task, kind)
    assert found["dev"][task.main] == found["test"][task.main] == 1.0
    assert found["chosen"]["C"] in linear.STRENGTHS
    assert found["chosen"]["beta"] in linear.BETAS[kind]
    assert found["megabytes"] > 0


def test_crfsuite_learns():
    found = crfsuite.measure_crf(same_everywhere(ents_docs()))
    assert found["test"]["f"] == 1.0
    assert found["chosen"]["c1"] in crfsuite.C1
    assert found["megabytes"] > 0


def test_recipes_are_those_of_init_config():
    config = configs.ours(TOPICS, Recipe.accuracy)
    assert config["nlp"]["pipeline"] == ["textcat_multilabel"]
    spanish = configs.ours(CORPORA["conll2002_esp"], Recipe.long)
    assert (spanish["nlp"]["lang"], spanish["nlp"]["pipeline"]) == ("es", ["sentencizer", "ner"])
    assert configs.stock(CORPORA["conll2002_esp"], "accuracy")["nlp"]["lang"] == "es"


@pytest.mark.parametrize("corpus", [SST2, TOPICS, WNUT17])
def test_parts_are_those_of_the_recipe(corpus):
    whole, alone, bilstm = (
        make(corpus)["components"][corpus.task.component]["model"]
        for make in (
            lambda corpus: configs.ours(corpus, Recipe.accuracy),
            configs.linear_alone,
            configs.bilstm_alone,
        )
    )
    assert whole["linear_model"]
    assert bilstm == {**whole, "linear_model": None}
    if corpus is WNUT17:
        nothing = {"@architectures": configs.NO_VECTORS}
        summed = {"@architectures": "spacy_lstm.CRFTagger.v1", "network_share": None}
        assert alone == {**whole, "tok2vec": nothing, **summed}
    else:
        assert alone == whole["linear_model"]


@pytest.mark.parametrize("corpus", [SST2, WNUT17])
def test_each_ablation_changes_the_recipe(corpus):
    recipe = configs.ours(corpus, Recipe.accuracy)
    for variation in ABLATIONS[corpus.task.component].values():
        assert configs.varied(corpus, variation) != recipe
    assert configs.ours(corpus, Recipe.accuracy) == recipe  # nothing is left behind


def test_ablations_that_do_nothing_are_errors():
    dropout = configs.ours(SST2, Recipe.accuracy)["training"]["dropout"]
    with pytest.raises(ValueError, match="training.dropout .* already"):
        configs.varied(SST2, {"training.dropout": dropout})
    for path in ("training.dropuot", "training.dropout.rate", "nothing.here"):
        with pytest.raises(KeyError, match=path.split(".")[0]):
            configs.varied(SST2, {path: 1})


def shortened(make):
    def short(corpus):
        config = make(corpus)
        config["training"].update(max_steps=40, eval_frequency=20, max_epochs=0)
        return config

    return short


@pytest.mark.parametrize(
    ("corpus", "make"),
    [
        (SST2, lambda corpus: configs.ours(corpus, Recipe.accuracy)),
        (SST2, lambda corpus: configs.stock(corpus, "efficiency")),
        (WNUT17, configs.linear_alone),
        (WNUT17, lambda corpus: configs.adversarial(corpus, ADVERSARIAL["embeddings, ε = 1"])),
    ],
    ids=["accuracy", "efficiency", "linear alone", "adversarial"],
)
def test_pipelines_learn_and_are_measured(corpus, make):
    entities = corpus is WNUT17
    docs = same_everywhere(ents_docs() if entities else cats_docs())
    model = models.pipeline(shortened(make), 1.0, attacked=entities)
    found = model.measure(docs, corpus, 0)
    assert found["test"][corpus.task.main] > 0.8
    assert found["dev"] == found["test"]
    times = [cpu for cpu, _ in found["curve"]]
    assert times == sorted(times)
    assert len(times) == 3  # after steps 0, 20 and 40
    assert found["megabytes"] > 0.01
    if entities:
        assert set(found["chosen"]) == {"temperature", "threshold"}
        assert found["attacks"]["clean"] == pytest.approx(found["test"]["f"], abs=1e-4)
        assert list(found["attacks"]) == ["clean", "typos", "swaps", "lower", "upper", "title"]
    else:
        assert (found["chosen"], "attacks" in found) == ({}, False)


def test_settings_tell_apart_what_is_measured_in_another_way():
    config = configs.ours(SST2, Recipe.accuracy)
    ways = [(True, False), (False, False), (True, True)]
    found = [pipelines.settings(config, blis=b, attacked=a) for b, a in ways]
    assert all(found[i] != found[j] for i, j in [(0, 1), (0, 2), (1, 2)])
