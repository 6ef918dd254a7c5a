"""What the benchmark of claims makes of texts and figures. The figures are its own to measure."""

import json
import sys
from pathlib import Path

import numpy
import pytest
import spacy
from spacy.tokens import Doc, Span, SpanGroup
from typer import BadParameter

from .adversarial_heads import WORDS
from .ner_pipelines import TEXTS, annotated, ner_model, ner_pipeline, train_ner

ROOT = Path(__file__).resolve().parent.parent
# As for `python benchmarks/NAME.py`, so that the files find each other.
sys.path.insert(0, str(ROOT / "benchmarks"))

import ner_claims  # noqa: E402
import ner_documents  # noqa: E402
import ner_hostile  # noqa: E402
import ner_partial  # noqa: E402
import ner_speed  # noqa: E402
import ner_stages  # noqa: E402
import ner_targets  # noqa: E402
import ner_trained  # noqa: E402
from ner_trained import SPANISH, WIKIGOLD, Settings  # noqa: E402


def some_docs():
    nlp = spacy.blank("en")
    return [annotated(nlp, text, spans) for text, spans in TEXTS]


def triples(doc):
    return [(ent.start, ent.end, ent.label_) for ent in doc.ents]


def test_half_of_the_annotation_is_forgotten():
    docs = some_docs()
    halves = ner_partial.masked(docs, 0)
    assert sum(len(doc.ents) for doc in docs) == 11
    assert sum(len(doc.ents) for doc in halves) == 6
    n_missing = 0
    for doc, half in zip(docs, halves, strict=True):
        assert set(triples(half)) <= set(triples(doc))
        stretches = ner_partial._outside(doc)
        for start, end in [*((s, e) for s, e, _ in triples(doc)), *stretches]:
            known = {token.ent_iob_ != "" for token in half[start:end]}
            assert len(known) == 1  # all or nothing
            n_missing += (start, end) in stretches and known == {False}
    # One before, between and after the entities, where there are any tokens.
    assert sum(len(ner_partial._outside(doc)) for doc in docs) == 10
    assert n_missing == 5
    assert list(map(triples, halves)) == list(map(triples, ner_partial.masked(docs, 0)))
    assert list(map(triples, halves)) != list(map(triples, ner_partial.masked(docs, 1)))


def test_what_is_missing_is_taken_for_outside():
    halves = ner_partial.masked(some_docs(), 0)
    assert any(token.ent_iob_ == "" for doc in halves for token in doc)
    wholes = ner_partial.closed(halves)
    assert list(map(triples, wholes)) == list(map(triples, halves))
    assert all(token.ent_iob_ != "" for doc in wholes for token in doc)


def test_documents_are_the_same_texts():
    docs = some_docs()
    for doc in docs:
        for token in doc:
            token.is_sent_start = token.i == 0
    chunks = ner_documents.in_chunks(docs, size=3)
    assert [len(list(chunk.sents)) for chunk in chunks] == [3, 3, 2]
    again = ner_documents.in_sentences(chunks)
    assert [doc.text.strip() for doc in again] == [doc.text for doc in docs]
    assert list(map(triples, again)) == list(map(triples, docs))
    by_way = {ner_documents.SENTENCES: 80.0, ner_documents.WHOLE: 78.5}
    assert ner_documents.lost(by_way) == 1.5


def test_nine_labels_come_from_the_text_of_an_entity():
    docs = [*some_docs(), *some_docs()]
    changed = ner_speed.with_many_labels({"train": docs})["train"]
    labels = {(ent.text, ent.label_) for doc in changed for ent in doc.ents}
    assert len(labels) == len({text for text, _ in labels}) == 6
    assert {label for _, label in labels} <= {f"L{n}" for n in range(9)}
    assert [ent.text for doc in changed for ent in doc.ents] == [
        ent.text for doc in docs for ent in doc.ents
    ]
    assert {ent.label_ for doc in docs for ent in doc.ents} == {"PERSON", "PLACE"}


def test_the_pipeline_is_told_no_entities():
    [doc, *_] = ner_documents.in_chunks(some_docs())
    plain = ner_trained.unmarked(doc)
    assert plain.text == doc.text
    assert not plain.has_annotation("ENT_IOB")
    assert not plain.has_annotation("SENT_START")
    marked = ner_trained.unmarked(doc, with_sentences=True)
    assert [s.text for s in marked.sents] == [s.text for s in doc.sents]


@pytest.mark.parametrize("linear_model", [None, WORDS])
def test_each_stage_is_measured(linear_model):
    for mode in ("marginals", "viterbi", "posterior"):
        nlp = ner_pipeline(mode=mode, model=ner_model(linear_model=linear_model))
        train_ner(nlp, steps=1)
        found = ner_stages.measure(nlp, [text for text, _ in TEXTS], 1)
        assert set(found) == {*ner_stages.STAGES, ner_stages.WHOLE}
        assert found["encode"] > 0.0
        assert found[ner_stages.CRF] > 0.0
        assert (found[ner_stages.LINEAR] > 0.0) == (linear_model is not None)
    assert ner_stages.share_of_crf({ner_stages.CRF: 3.0, ner_stages.WHOLE: 12.0}) == 25.0


def test_hostile_texts_are_many_and_the_same_each_time():
    texts = ner_hostile.hostile_texts(0, n_texts=80, n_tokens=50)
    assert len(texts) == 80
    assert "Madrid " * 50 in texts
    assert "" in texts
    assert texts == ner_hostile.hostile_texts(0, n_texts=80, n_tokens=50)
    assert len(set(texts)) > 70


def test_failures_are_counted():
    nlp = spacy.blank("en")

    @spacy.Language.component("fails_on_x")
    def fails_on_x(doc):
        if "x" in doc.text:
            raise RuntimeError("an x")
        return doc

    nlp.add_pipe("fails_on_x")
    found = ner_hostile.find_failures(nlp, ["a", "x", "\x00x", "b"])
    assert found == [
        "'x': RuntimeError: an x",
        "'\\x00x': RuntimeError: an x",
        "all together: RuntimeError: an x",
    ]
    assert ner_hostile.find_failures(nlp, ["a", "b"]) == []
    assert ner_hostile.failed({"rows": [{"failures": 3}, {"failures": 1}]}) == 4


@pytest.mark.parametrize(
    ("scores", "flaw"),
    [
        ([0.5], ""),
        ([], "0 probabilities for 1 spans"),
        ([1.5], "a probability that is none"),
        ([float("nan")], "a probability that is none"),
    ],
)
def test_flaws_are_found(scores, flaw):
    ner_pipeline()  # adds span._.confidence
    doc = annotated(spacy.blank("en"), "Anna called", [(0, 1, "PERSON")])
    attrs = {"scores": numpy.array(scores), "lstm_ner": True}
    doc.spans["lstm_ner"] = SpanGroup(doc, spans=list(doc.ents), attrs=attrs)
    assert ner_hostile.flaw_of(doc) == flaw


def test_entities_of_whitespace_or_without_a_probability_are_flaws():
    ner_pipeline()
    doc = Doc(spacy.blank("en").vocab, words=["\n", "a"])
    doc.ents = [Span(doc, 0, 1, "PERSON")]
    assert ner_hostile.flaw_of(doc) == "an entity of whitespace"
    doc.ents = [Span(doc, 1, 2, "PERSON")]
    attrs = {"scores": numpy.zeros(0), "lstm_ner": True}
    doc.spans["lstm_ner"] = SpanGroup(doc, spans=[], attrs=attrs)
    assert ner_hostile.flaw_of(doc) == "an entity without a probability"


def test_pipelines_are_trained_once(tmp_path, monkeypatch):
    trainings = []

    def train_pipeline(config, folder, seed):
        trainings.append((config["training"]["max_steps"], seed))
        assert (folder / "train.spacy").exists()
        return spacy.blank("es")

    monkeypatch.setattr(ner_trained, "train_pipeline", train_pipeline)
    monkeypatch.setattr(ner_trained, "KEPT", tmp_path)
    corpus = {"train": some_docs(), "dev": some_docs()[:2]}

    def train(seed=0, steps=None, corpus=corpus):
        config = ner_trained.our_ner(SPANISH)
        return ner_trained.trained(config, corpus, seed, Settings([seed], steps=steps))

    first = train()
    assert spacy.load(first).lang == "es"
    assert train() == first
    assert len(trainings) == 1
    half = {**corpus, "train": ner_partial.masked(corpus["train"], 0)}
    others = [train(seed=1), train(steps=3), train(corpus=half)]
    assert len({first, *others}) == 4
    assert [steps for steps, _ in trainings] == [
        trainings[0][0],
        trainings[0][0],
        3,
        trainings[0][0],
    ]
    assert [seed for _, seed in trainings] == [0, 1, 0, 0]


GOOD = {
    "machine": {"processor": "one"},
    "speed": {
        "source": "texts",
        "steps": 200,
        "gold": 7.0,
        "found": {ner_speed.VITERBI: 6.5},
        "words": [
            {
                "ours": ours,
                "peer": peer,
                "ratio": [ratio, ratio, ratio],
                "words_per_second": 5e4,
                "peer_words_per_second": 5e3,
            }
            for ours, ratio in ((ner_speed.VITERBI, 9.0), (ner_speed.MARGINALS, 5.0))
            for peer in (ner_speed.STOCK, ner_speed.STOCK_FAST)
        ],
        "stages": {
            "ours": {**dict.fromkeys((*ner_stages.STAGES, ner_stages.WHOLE), 1.0), "CRF": 0.125}
        },
    },
    "calibration": {
        "source": SPANISH,
        "rows": [
            {
                "seed": 0,
                "temperature": 1.5,
                "before": dict.fromkeys(("ents_f", "ents_ece"), 0.5)
                | dict.fromkeys(("ents_ece_low", "ents_ece_high", "ents_ece_floor"), 0.1),
                "after": dict.fromkeys(("ents_f", "ents_ece"), 0.03)
                | dict.fromkeys(("ents_ece_low", "ents_ece_high", "ents_ece_floor"), 0.1),
            }
        ],
    },
    "partial": {
        "source": SPANISH,
        "seeds": [0, 1],
        "f": {
            ner_partial.FULL: [80.0, 80.0],
            ner_partial.MISSING: [76.0, 72.0],
            ner_partial.OUTSIDE: [50.0, 50.0],
        },
    },
    "documents": {
        "corpora": {
            WIKIGOLD: [
                {
                    ner_documents.SENTENCES: 70.0,
                    ner_documents.WHOLE: 69.5,
                    ner_documents.KNOWN: 69.5,
                    ner_documents.RESET: 70.0,
                }
            ]
        }
    },
    "hostile": {
        "texts": 1000,
        "rows": [{"pipeline": "marginals", "failures": 1, "first": ["'x': an x"]}],
    },
}


def test_targets_are_reached_or_missed():
    verdicts = [target.find(GOOD) for target in ner_targets.TARGETS]
    assert verdicts == [9.0, 5.0, None, 9.0, 5.0, None, 12.5, 0.03, 92.5, 0.5, 0.5, 0.0, 1]
    table = ner_targets.tables(GOOD)
    missed = [line.count("missed") for line in table.splitlines()[2:]]
    assert missed == [0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1]
    assert "| ≤ 20 % | 12.5 % | reached |" in table
    assert ner_targets.tables({}).count("not measured") == len(ner_targets.TARGETS)


def test_sections_that_are_not_measured_again_are_kept(tmp_path, monkeypatch, capsys):
    asked = []

    def run_section(section, options):
        asked.append((section, options))
        return GOOD[section]

    monkeypatch.setattr(ner_claims, "run_section", run_section)
    monkeypatch.setattr(ner_claims, "RESULTS", tmp_path)
    monkeypatch.setattr(ner_trained, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(ner_trained, "missing_corpora", list)
    ner_claims.main(section=["speed", "partial"], seeds=[3], pairs=2)
    ner_claims.main(section=["hostile"])
    assert asked[0] == ("speed", {"seeds": [3], "steps": None, "pairs": 2})
    assert asked[2] == ("hostile", {"seeds": [0], "steps": None, "pairs": 5})
    kept = json.loads((tmp_path / "ner_claims.json").read_text("utf8"))
    assert set(kept) == {"machine", "speed", "partial", "hostile"}
    text = (tmp_path / "ner_claims.md").read_text("utf8")
    assert "9.00× (9.00–9.00)" in text
    assert "| half is missing | 76.0 | 72.0 | 74.0 | 92 % |" in text
    assert "marginals: `'x': an x`" in text
    # A page of docs/ includes a section, or a table, by these marks.
    for name in ("speed", "speed_words", "partial", "hostile"):
        marks = [f"<!-- --8<-- [{end}:{name}] -->" for end in ("start", "end")]
        assert all(text.count(mark) == 1 for mark in marks)
        assert "|" in text.split(marks[0])[1].split(marks[1])[0]
    # A short run doesn't overwrite what is published.
    ner_claims.main(steps=5)
    assert set(json.loads((tmp_path / "kept" / "ner_claims.json").read_text("utf8"))) == set(GOOD)
    assert json.loads((tmp_path / "ner_claims.json").read_text("utf8")) == kept


def test_it_is_said_how_to_make_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(ner_trained, "CORPORA", tmp_path)
    with pytest.raises(BadParameter, match="conll2002_esp isn't there.*run preprocess"):
        ner_claims.main()
    with pytest.raises(BadParameter, match="no section 'sped'"):
        ner_claims.main(section=["sped"])
