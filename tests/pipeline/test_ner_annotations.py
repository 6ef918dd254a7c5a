"""What an entity recognizer writes on a `Doc`, beside what is there already."""

import numpy
import pytest
import spacy
from spacy.tokens import Doc, DocBin, Span, SpanGroup

from spacy_lstm.layers.crf_posterior import posterior
from spacy_lstm.pipeline.ner_spans import confidence

from ..ner_pipelines import (
    TEXTS,
    entities,
    ner_examples,
    ner_model,
    ner_pipeline,
    scores,
    shared_ner_pipeline,
    train_ner,
)

SCHEMES = ["BILUO", "BIO"]
ANNA, BERLIN = (0, 1, "PERSON"), (3, 4, "PLACE")


def trained(scheme="BILUO", **settings):
    nlp = ner_pipeline(model=ner_model(scheme=scheme), **settings)
    train_ner(nlp)
    return nlp


def run(nlp, text, ents=(), **more):
    doc = nlp.make_doc(text)
    doc.set_ents(
        [Span(doc, *ent) for ent in ents],
        **{key: [doc[a:b] for a, b in value] for key, value in more.items()},
        default="missing",
    )
    return nlp.get_pipe("ner")(doc)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_all_tokens_are_set(scheme):
    nlp = trained(scheme)
    doc = nlp(TEXTS[2][0])
    assert [token.ent_iob_ for token in doc] == ["O", "O", "O", "B", "I", "I", "O"]
    assert [token.ent_iob_ for token in nlp("nobody called")] == ["O", "O"]
    assert nlp("nobody called").has_annotation("ENT_IOB")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("label", ["PERSON", "PLACE", "UNKNOWN"])
@pytest.mark.parametrize("mode", ["marginals", "posterior"])
def test_entities_that_are_there_are_kept(scheme, label, mode):
    nlp = trained(scheme, mode=mode, threshold=0.3)
    text = TEXTS[0][0]
    doc = run(nlp, text, [(2, 4, label)])
    assert entities(doc) == [ANNA, (2, 4, label)]
    assert entities(run(nlp, text, [(0, 4, label)])) == [(0, 4, label)]
    assert entities(run(nlp, text, [(1, 3, label)])) == [ANNA, (1, 3, label), BERLIN]
    # Two of the same label, side by side.
    doc = run(nlp, text, [(1, 2, label), (2, 3, label)])
    assert entities(doc) == [ANNA, (1, 2, label), (2, 3, label), BERLIN]
    assert set(scores(doc)) == {ANNA, BERLIN}


def test_what_is_known_of_kept_entities_is_kept():
    nlp = trained()
    doc = nlp.make_doc(TEXTS[0][0])
    span = Span(doc, 3, 4, "PLACE", kb_id="Q64", span_id="berlin")
    doc.set_ents([span], default="missing")
    nlp.get_pipe("ner")(doc)
    assert entities(doc) == [ANNA, BERLIN]
    assert doc.ents[1].kb_id_ == "Q64"
    assert doc.ents[1].id_ == "berlin"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_blocked_tokens_get_no_entity(scheme):
    nlp = trained(scheme)
    doc = run(nlp, TEXTS[1][0], blocked=[(1, 2), (3, 5)])
    assert all(not doc[i].ent_type for i in (1, 3, 4))
    assert [doc[i].ent_iob for i in (1, 3, 4)] == [3, 3, 3]
    assert not any(ent.start <= 1 < ent.end for ent in doc.ents)


def test_tokens_outside_and_missing_are_free():
    nlp = trained()
    text = TEXTS[0][0]
    assert entities(run(nlp, text, outside=[(0, 1), (3, 4)])) == [ANNA, BERLIN]
    assert entities(run(nlp, text, missing=[(0, 4)])) == [ANNA, BERLIN]


def test_agrees_with_spacy_on_what_is_kept():
    """spaCy's own component, untrained, as to which tokens may be in entities at all."""
    ours = trained()
    theirs = spacy.blank("en")
    theirs.add_pipe("ner")
    theirs.initialize(lambda: ner_examples(theirs))
    rng = numpy.random.default_rng(0)
    for _ in range(30):
        words = [f"w{i}" for i in range(8)]
        first, second = sorted(rng.choice(8, 2, replace=False).tolist())
        kept = []
        for nlp in (ours, theirs):
            doc = Doc(nlp.vocab, words)
            doc.set_ents(
                [Span(doc, first, second, "PLACE")], blocked=[doc[second:8]], default="missing"
            )
            nlp.get_pipe("ner")(doc)
            assert (first, second, "PLACE") in entities(doc)
            kept.append([(doc[i].ent_iob, doc[i].ent_type_) for i in range(first, 8)])
        assert kept[0] == kept[1]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_entity_goes_over_the_beginning_of_a_sentence(scheme):
    nlp = trained(scheme)
    words = TEXTS[2][0].split()
    whole = Doc(nlp.vocab, words, sent_starts=[True, *[False] * 6])
    assert entities(nlp.get_pipe("ner")(whole)) == [(3, 6, "PLACE")]
    cut = Doc(nlp.vocab, words, sent_starts=[True, *[False] * 3, True, False, False])
    nlp.get_pipe("ner")(cut)
    assert not any(ent.start < 4 < ent.end for ent in cut.ents)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_entity_begins_or_ends_on_whitespace(scheme):
    nlp = ner_pipeline(model=ner_model(scheme=scheme))
    doc = Doc(nlp.vocab, ["\n", "New", "\n", "York", "\n"])
    reference = doc.copy()
    reference.ents = [Span(reference, 1, 4, "PLACE")]
    train_ner(nlp, [spacy.training.Example(doc, reference)], steps=20)
    # Let the model want nothing but entities.
    nlp.get_pipe("ner").model.get_ref("output_layer").get_param("b")[0] = -100
    again = nlp.get_pipe("ner")(Doc(nlp.vocab, [token.text for token in doc]))
    assert again.ents
    assert not any(ent[0].is_space or ent[-1].is_space for ent in again.ents)
    if scheme == "BILUO":
        assert entities(again) == [(1, 4, "PLACE")]
    else:
        assert not any(token.is_space for ent in again.ents for token in ent)


# Probabilities


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("make", [ner_pipeline, shared_ner_pipeline])
def test_scores_are_exact_marginals(scheme, make):
    nlp = make()
    if scheme == "BIO":
        tok2vec = nlp.get_pipe_config("ner")["model"]["tok2vec"]
        nlp.remove_pipe("ner")
        nlp.add_pipe("lstm_ner", name="ner", config={"model": ner_model(tok2vec, scheme="BIO")})
    train_ner(nlp, steps=12)
    pipe = nlp.get_pipe("ner")
    docs = list(nlp.pipe(["", *(text for text, _ in TEXTS)]))
    assert sum(len(doc.ents) for doc in docs) > 4
    for doc in docs:
        assert set(scores(doc)) == set(entities(doc))
        for (start, end, label), score in scores(doc).items():
            rows = numpy.array([[0, start, end, pipe.labels.index(label)]])
            exact = posterior(pipe.score_tags([doc])).span_marginals(rows)[0]
            assert score == pytest.approx(float(exact), abs=1e-5)
            assert confidence(doc[start:end]) is None  # without the label
            assert Span(doc, start, end, label)._.confidence == score


def test_confidence_of_other_spans_and_docs():
    nlp = trained()
    doc = nlp(TEXTS[0][0])
    assert doc.ents[0]._.confidence > 0.9
    assert Span(doc, 1, 2, "PLACE")._.confidence is None
    assert nlp.make_doc("Anna")[:]._.confidence is None
    # A group that somebody has added to is no longer trusted, and other groups never were.
    doc.spans["mine"] = SpanGroup(doc, spans=[doc.ents[0]], attrs={"scores": [0.5]})
    assert doc.ents[0]._.confidence > 0.9
    doc.spans["lstm_ner"].append(doc.ents[0])
    assert doc.ents[0]._.confidence is None


def test_the_extension_leaves_a_taken_name_alone():
    Span.set_extension("confidence", default="mine", force=True)
    try:
        nlp = trained()
        doc = nlp(TEXTS[0][0])
        assert doc.ents[0]._.confidence == "mine"
        assert confidence(doc.ents[0]) > 0.9
    finally:
        Span.set_extension("confidence", getter=confidence, force=True)


def test_a_second_run_changes_nothing():
    nlp = trained()
    doc = nlp(TEXTS[1][0])
    before = scores(doc)
    nlp.get_pipe("ner")(doc)
    assert entities(doc) == TEXTS[1][1]
    assert scores(doc) == before


def test_scores_survive_serialization():
    nlp = trained()
    doc = nlp(TEXTS[1][0])
    (again,) = DocBin().from_bytes(DocBin(docs=[doc]).to_bytes()).get_docs(nlp.vocab)
    for copy in (again, Doc(nlp.vocab).from_bytes(doc.to_bytes()), doc.copy()):
        assert [ent._.confidence for ent in copy.ents] == [ent._.confidence for ent in doc.ents]


def test_threshold_drops_what_is_less_sure():
    nlp = trained()
    doc = nlp("Anna met Ben Moss in Rio")
    known = scores(doc)
    middle = (min(known.values()) + max(known.values())) / 2
    assert len(known) > 1
    assert min(known.values()) < middle
    nlp.get_pipe("ner").cfg["threshold"] = middle
    doc = nlp("Anna met Ben Moss in Rio")
    assert entities(doc) == [ent for ent in sorted(known) if known[ent] >= middle]
    assert all(token.ent_iob in (1, 2, 3) for token in doc)
    assert set(scores(doc)) == set(entities(doc))
    again = ner_pipeline().from_bytes(nlp.to_bytes())
    assert entities(again("Anna met Ben Moss in Rio")) == entities(doc)
    quiet = ner_pipeline(spans_key=None, threshold=1.0)
    train_ner(quiet, steps=3)
    assert all(not doc.ents and not doc.spans for doc in quiet.pipe(text for text, _ in TEXTS))


def test_threshold_of_a_saved_pipeline_can_be_set_in_its_config(tmp_path):
    nlp = trained()
    nlp.to_disk(tmp_path)
    strict = spacy.load(tmp_path, config={"components": {"ner": {"threshold": 1.0}}})
    assert entities(nlp(TEXTS[0][0])) == [ANNA, BERLIN]
    assert entities(strict(TEXTS[0][0])) == []


def test_two_recognizers_with_one_key():
    nlp = trained()
    other = trained()
    nlp.add_pipe("ner", source=other, name="more")
    doc = nlp(TEXTS[1][0])
    assert entities(doc) == TEXTS[1][1]
    assert all(ent._.confidence > 0.5 for ent in doc.ents)


def test_candidates():
    nlp = ner_pipeline(candidates=True, candidate_threshold=0.02, spans_key="maybe")
    train_ner(nlp, steps=6)
    pipe = nlp.get_pipe("ner")
    docs = list(nlp.pipe(["", *(text for text, _ in TEXTS)]))
    n_others = 0
    for doc in docs:
        group = scores(doc, "maybe")
        assert set(entities(doc)) <= set(group)
        assert list(group) == sorted(group)
        rows = numpy.array(
            [
                [0, start, end, label]
                for start in range(len(doc))
                for end in range(start + 1, len(doc) + 1)
                for label in range(2)
            ]
        ).reshape(-1, 4)
        exact = posterior(pipe.score_tags([doc])).span_marginals(rows) if len(doc) else []
        expected = {
            (start, end, pipe.labels[label]): float(p)
            for (_, start, end, label), p in zip(rows.tolist(), exact, strict=True)
            if p >= 0.02
        }
        wanted = {**expected, **{ent: group[ent] for ent in entities(doc)}}
        assert group == pytest.approx(wanted, abs=1e-5)
        n_others += len(set(group) - set(entities(doc)))
    assert n_others > 3


def test_temperature_changes_probabilities_only():
    nlp = ner_pipeline()
    train_ner(nlp, steps=15)
    sure = list(nlp.pipe(text for text, _ in TEXTS))
    nlp.get_pipe("ner").cfg["temperature"] = 3.0
    unsure = list(nlp.pipe(text for text, _ in TEXTS))
    assert [entities(doc) for doc in sure] == [entities(doc) for doc in unsure]
    pairs = [
        (scores(a)[ent], scores(b)[ent])
        for a, b in zip(sure, unsure, strict=True)
        for ent in entities(a)
    ]
    assert pairs
    assert all(a > b for a, b in pairs)


# Readings


@pytest.mark.parametrize("make", [ner_pipeline, shared_ner_pipeline])
def test_readings(make):
    nlp = make()
    train_ner(nlp, steps=12)
    pipe = nlp.get_pipe("ner")
    doc = nlp("Anna met Ben")
    readings = pipe.readings(doc, k=4)
    assert len(readings) == 4
    probabilities = [p for _, p in readings]
    assert probabilities == sorted(probabilities, reverse=True)
    assert tuple(readings[0][0]) == doc.ents
    named = [tuple((s.start, s.end, s.label_) for s in spans) for spans, _ in readings]
    assert len(set(named)) == 4
    # All of them together: the marginal of an entity is the sum over the readings that have it.
    everything = pipe.readings(doc, k=10_000)
    assert sum(p for _, p in everything) == pytest.approx(1, abs=1e-4)
    for ent in doc.ents:
        total = sum(p for spans, p in everything if ent in spans)
        assert ent._.confidence == pytest.approx(total, abs=1e-4)


def test_readings_of_little():
    nlp = ner_pipeline()
    assert nlp.get_pipe("ner").readings(nlp.make_doc("Anna")) == [([], 1.0)]
    train_ner(nlp, steps=3)
    assert nlp.get_pipe("ner").readings(nlp.make_doc("")) == [([], 1.0)]
    # One token: nothing, or one of two labels.
    assert len(nlp.get_pipe("ner").readings(nlp.make_doc("Anna"), k=10)) == 3
    assert len(nlp.get_pipe("ner").readings(nlp.make_doc("\n"), k=10)) == 1
    with pytest.raises(ValueError, match="L002"):
        nlp.get_pipe("ner").readings(nlp.make_doc("Anna"), k=0)


# Sentences


def sentences(nlp):
    words = [*TEXTS[0][0].split(), *TEXTS[2][0].split()]
    return Doc(nlp.vocab, words, sent_starts=[i in (0, 4) for i in range(len(words))])


def test_reset_reads_each_sentence_alone():
    nlp = ner_pipeline(reset="sentence", candidates=True, candidate_threshold=0.001)
    train_ner(nlp, steps=12)
    pipe = nlp.get_pipe("ner")
    first, second = (nlp(TEXTS[i][0]) for i in (0, 2))
    both = pipe(sentences(nlp))
    moved = [(start + 4, end + 4, label) for start, end, label in entities(second)]
    assert entities(both) == entities(first) + moved
    expected = dict(scores(first))
    for (start, end, label), p in scores(second).items():
        expected[(start + 4, end + 4, label)] = p
    assert scores(both) == pytest.approx(expected, abs=1e-5)
    readings = pipe.readings(both, k=3)
    each = [pipe.readings(doc, k=3) for doc in (first, second)]
    products = sorted((a * b for _, a in each[0] for _, b in each[1]), reverse=True)
    assert [p for _, p in readings] == pytest.approx(products[:3], rel=1e-4)
    assert tuple(readings[0][0]) == both.ents


def test_reset_learns_each_sentence_alone():
    nlp = ner_pipeline(reset="sentence")
    train_ner(nlp, steps=3)
    reference = sentences(nlp)
    spans = [*TEXTS[0][1], *((a + 4, b + 4, label) for a, b, label in TEXTS[2][1])]
    reference.ents = [Span(reference, *span) for span in spans]
    both = nlp.update([spacy.training.Example(sentences(nlp), reference)], sgd=False)["ner"]
    data = ner_examples(nlp)
    assert both == pytest.approx(nlp.update([data[0], data[2]], sgd=False)["ner"], rel=1e-4)
    reference.ents = [Span(reference, 2, 6, "PLACE")]
    with pytest.warns(UserWarning, match="LW621.*1 of 1"):
        nlp.update([spacy.training.Example(sentences(nlp), reference)])


@pytest.mark.parametrize("reset", [None, "sentence"])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_an_entity_over_two_sentences_is_kept(reset, scheme):
    nlp = ner_pipeline(model=ner_model(scheme=scheme), reset=reset)
    train_ner(nlp)
    doc = sentences(nlp)
    doc.set_ents([Span(doc, 2, 6, "PLACE")], default="missing")
    nlp.get_pipe("ner")(doc)
    assert (2, 6, "PLACE") in entities(doc)
    assert ANNA in entities(doc)


def test_reset_needs_an_encoder_of_its_own():
    with pytest.raises(ValueError, match="L626.*'tok2vec'"):
        shared_ner_pipeline(reset="sentence")
