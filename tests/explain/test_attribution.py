"""Which words matter: completeness, methods, choices, and that nothing is changed."""

import json

import numpy
import pytest
import spacy
from spacy.tokens import Span

from spacy_lstm.explain import explain, network, occlusion
from spacy_lstm.explain.encoders import find_encoder
from spacy_lstm.explain.gradients import MIN_STEPS, Path, gradient_x_input
from spacy_lstm.explain.heads import find_head
from spacy_lstm.explain.targets import CategoryTarget
from spacy_lstm.models.embed import DistinctEmbed

from ..ner_pipelines import TEXTS, ner_model, ner_pipeline, shared_ner_pipeline, train_ner
from ..pipelines import (
    CNN,
    EMBED,
    ENCODE,
    TOK2VEC,
    blank,
    listener,
    textcat_model,
    textcat_pipeline,
    train,
)
from .pipes import NAMES, NERS, TEXT, TEXTCATS, trained

CHARS = {
    "@architectures": "spacy_lstm.CharEmbed.v1",
    "width": 16,
    "char_width": 8,
    "embed": {"@architectures": "spacy_lstm.DistinctEmbed.v1", "embed": EMBED},
}
DROPPED = {"@architectures": "spacy_lstm.WordDropout.v1", "embed": EMBED, "rate": 0.2}
LOG_ODDS = {"@architectures": "spacy_lstm.LogOddsEmbed.v1", "embed": DROPPED}


def state(nlp):
    """All that a pipeline learns with and is set to, as bytes."""
    found = []
    for _, pipe in nlp.pipeline:
        for node in pipe.model.walk():
            found += [node.get_param(name).tobytes() for name in node.param_names]
            found += [node.get_grad(name).tobytes() for name in node.grad_names]
            found += [node.name, node._func, repr(node.attrs), list(node.grad_names)]
    return found


@pytest.mark.parametrize("kind", [*TEXTCATS, *NERS])
@pytest.mark.parametrize("baseline", ["zeros", "mean", "unknown"])
def test_integrated_gradients_are_complete(kind, baseline):
    nlp = trained(kind)
    text = NAMES if kind in NERS else TEXT
    result = explain(nlp, text, baseline=baseline)
    total = result.scores.sum()
    assert total == pytest.approx(result.score - result.baseline_score, rel=0.01, abs=0.0005)
    assert result.relative_gap <= 0.01
    assert result.n_steps >= MIN_STEPS
    doc = nlp(text)
    if kind in TEXTCATS:
        assert result.label == max(doc.cats, key=doc.cats.get)
        assert result.probability == pytest.approx(doc.cats[result.label], abs=1e-5)
    else:
        best = max(doc.ents, key=lambda ent: ent._.confidence)
        assert (*result.span, result.label) == (best.start, best.end, best.label_)
        assert result.probability == pytest.approx(best._.confidence, rel=1e-4)


@pytest.mark.parametrize("embed", [CHARS, DROPPED, LOG_ODDS])
def test_with_other_embeddings(embed):
    model = textcat_model({**TOK2VEC, "embed": embed})
    nlp = textcat_pipeline(model=model)
    train(nlp, steps=5)
    for baseline in ("zeros", "unknown"):
        assert explain(nlp, TEXT, baseline=baseline).relative_gap <= 0.01
    if embed in (DROPPED, LOG_ODDS):
        layer = nlp.get_pipe("textcat").model.get_ref("tok2vec").get_ref("embed")
        dropped = layer if embed is DROPPED else layer.layers[0]
        unknown = numpy.zeros(layer.get_dim("nO"), dtype="float32")
        unknown[: dropped.get_dim("nO")] = dropped.get_param("unknown")
        given = explain(nlp, TEXT, baseline=unknown)
        assert given.baseline == "given"
        assert given.baseline_score == explain(nlp, TEXT, baseline="unknown").baseline_score


def test_with_static_vectors():
    nlp = blank()
    words = sorted({word for text, _ in TEXTS for word in text.split()})
    nlp.vocab.reset_vectors(shape=(len(words), 6))
    rng = numpy.random.default_rng(0)
    for word in words:
        nlp.vocab.set_vector(word, rng.normal(size=6).astype("float32"))
    embed = {**EMBED, "include_static_vectors": True}
    tok2vec = {
        **TOK2VEC,
        "embed": {"@architectures": "spacy_lstm.DistinctEmbed.v1", "embed": embed},
    }
    nlp.add_pipe("lstm_ner", name="ner", config={"model": ner_model(tok2vec)})
    train_ner(nlp, steps=10)
    layer = nlp.get_pipe("ner").model.get_ref("tok2vec").get_ref("embed")
    assert layer.name == DistinctEmbed(layer.layers[0]).name
    assert explain(nlp, NAMES, span=(0, 1), label="PERSON").relative_gap <= 0.01


def test_in_bfloat16_gradients_are_those_of_float32():
    model = textcat_model({**TOK2VEC, "encode": {**ENCODE, "precision": "bfloat16"}})
    nlp = textcat_pipeline(model=model)
    train(nlp, steps=5)
    assert explain(nlp, TEXT).relative_gap <= 0.01


def test_gradient_times_input_is_the_slope_at_the_text():
    """The end of the path, by a difference of scores: how they change with one token's vector."""
    nlp = trained("two labels")
    head = find_head(nlp, None)
    target = CategoryTarget(nlp, head, "POS")
    piece = target.piece(nlp.make_doc(TEXT))
    net = network.Network(target, find_encoder(nlp, "textcat"), piece)
    net.linear = None  # which isn't moved
    result = gradient_x_input(Path(net, "zeros", net.vectors * 0))
    moved = numpy.tile(net.vectors, (10, 1, 1))
    for i in range(5):
        moved[i, i] *= 1.01
        moved[5 + i, i] *= 0.99
    scores = net.run(moved, None).scores
    numpy.testing.assert_allclose(result.tokens, (scores[:5] - scores[5:]) / 0.02, atol=5e-3)
    assert explain(nlp, TEXT, label="POS", method="gradient_x_input").n_steps == 2


def test_a_sentence_is_read_alone_where_the_component_does_so():
    nlp = ner_pipeline(reset="sentence")
    nlp.add_pipe("sentencizer", first=True)
    train_ner(nlp)
    alone = explain(nlp, "Ben Moss saw New York .", label="PERSON")
    result = explain(nlp, "It rains . Ben Moss saw New York . Good .", label="PERSON", span=(3, 5))
    numpy.testing.assert_allclose(result.scores[3:9], alone.scores, rtol=1e-4, atol=1e-5)
    assert not result.scores[:3].any()
    assert not result.scores[9:].any()
    moved = explain(
        nlp, "It rains . Ben Moss saw New York . Good .", span=(3, 5), method="occlusion"
    )
    numpy.testing.assert_allclose(moved.scores[:2], 0.0, atol=1e-6)
    assert moved.scores[3:5].min() > 0


@pytest.mark.parametrize(
    "kind", ["shared textcat", "two labels", "shared ner", "word features", "pooled word features"]
)
@pytest.mark.parametrize("has_gradients", [False, True])
def test_nothing_is_changed(kind, has_gradients, monkeypatch):
    nlp = trained(kind)
    if has_gradients:  # as after `nlp.update(sgd=False)`
        for _, pipe in nlp.pipeline:
            for node in pipe.model.walk():
                for name in node.param_names:
                    node.set_grad(name, numpy.full_like(node.get_param(name), 0.5))
    text = NAMES if kind in NERS else TEXT
    before, predicted = state(nlp), nlp(text).to_bytes()
    doc = nlp(text)
    for method in ("integrated_gradients", "gradient_x_input", "occlusion"):
        explain(nlp, doc, method=method)
    assert doc.to_bytes() == predicted
    assert state(nlp) == before
    monkeypatch.setattr(network, "join", None)  # fails after the gradients came back
    with pytest.raises(TypeError):
        explain(nlp, text)
    assert state(nlp) == before
    assert nlp(text).to_bytes() == predicted
    for _, pipe in nlp.pipeline:
        for node in pipe.model.walk():
            node._params._grads.clear()


def test_averaged_weights_are_explained_in_their_block():
    nlp = trained("two labels")
    averages = {}
    for node in nlp.get_pipe("textcat").model.walk():
        for name in node.param_names:
            averages[node.id, name] = node.get_param(name) * 0.5
    outside = explain(nlp, TEXT).score
    with nlp.use_params(averages):
        inside = explain(nlp, TEXT)
        assert inside.probability == pytest.approx(nlp(TEXT).cats[inside.label], abs=1e-5)
    assert inside.score != pytest.approx(outside, abs=1e-3)
    assert explain(nlp, TEXT).score == outside


def test_memory_is_bounded_and_chunks_change_nothing(monkeypatch):
    nlp = trained("word features")
    whole = explain(nlp, NAMES)
    monkeypatch.setattr(network, "MAX_TOKENS", 15)
    chunked = explain(nlp, NAMES)
    numpy.testing.assert_allclose(whole.scores, chunked.scores, rtol=0, atol=1e-5)
    monkeypatch.setattr(network, "MAX_TOKENS", 1)
    assert explain(nlp, NAMES, method="gradient_x_input").n_steps == 2


def test_occlusion_in_chunks(monkeypatch):
    nlp = trained("two labels")
    whole = explain(nlp, TEXT, method="occlusion")
    monkeypatch.setattr(occlusion, "MAX_TOKENS", 12)
    chunked = explain(nlp, TEXT, method="occlusion")
    assert chunked.n_steps == whole.n_steps == 6
    numpy.testing.assert_allclose(whole.scores, chunked.scores, rtol=0, atol=1e-5)


def test_texts_of_whitespace_say_nothing():
    result = explain(trained("two labels"), " \n ")
    assert not result.scores.any()
    assert result.score == result.baseline_score


@pytest.mark.parametrize("method", ["integrated_gradients", "occlusion", "gradient_x_input"])
def test_one_token(method):
    result = explain(trained("two labels"), "great", method=method, label="POS")
    assert result.scores.shape == (1,)
    assert result.scores[0] != 0


def test_occlusion_is_what_goes_with_a_token():
    nlp = trained("two labels")
    result = explain(nlp, TEXT, label="POS", method="occlusion")
    words = TEXT.split()
    logits = []
    for i in (None, *range(len(words))):
        p = nlp(" ".join(word for j, word in enumerate(words) if j != i)).cats["POS"]
        logits.append(numpy.log(p / (1 - p)))
    numpy.testing.assert_allclose(result.scores, logits[0] - numpy.array(logits[1:]), atol=1e-3)
    assert result.baseline == "deleted"
    assert result.gap is result.relative_gap is None


def test_occlusion_of_spacys_own_components():
    result = explain(trained("stock textcat"), TEXT, method="occlusion")
    nlp = trained("stock textcat")
    assert result.target == "probability"
    assert result.score == result.probability == pytest.approx(nlp(TEXT).cats[result.label])
    without = nlp("a but tedious story").cats[result.label]
    assert result.scores[1] == pytest.approx(result.score - without, abs=1e-6)
    nlp = trained("stock ner")
    result = explain(nlp, NAMES, method="occlusion")
    first = nlp(NAMES).ents[0]
    assert (result.span, result.label) == ((first.start, first.end), first.label_)
    assert (result.score, result.probability, result.target) == (1.0, None, "presence")
    assert set(result.scores) <= {0.0, 1.0}
    for name in ("stock textcat", "stock ner"):
        with pytest.raises(ValueError, match=r"L864.*none of spacy_lstm's.*occlusion"):
            explain(trained(name), NAMES)


def test_attention():
    nlp = trained("attention")
    with pytest.warns(UserWarning, match=r"LW851.*textcat.*Jain & Wallace"):
        result = explain(nlp, TEXT, method="attention")
    model = nlp.get_pipe("textcat").model
    vectors = model.get_ref("tok2vec").predict([nlp.make_doc(TEXT)])[0]
    query = next(node for node in model.walk() if node.has_param("Q")).get_param("Q")
    weights = numpy.exp(vectors @ query)
    numpy.testing.assert_allclose(result.scores, weights / weights.sum(), rtol=1e-5)
    with pytest.warns(UserWarning, match="LW851"):
        assert explain(nlp, "  ", method="attention").scores.tolist() == [0.0]


@pytest.mark.filterwarnings("ignore:.*LW851")
def test_attention_where_there_is_none():
    with pytest.raises(ValueError, match=r"L865.*textcat.*pooling"):
        explain(trained("two labels"), TEXT, method="attention")


def test_result_is_plain():
    result = explain(trained("biluo"), "Anna met Ben Moss", span=1)
    data = json.loads(json.dumps(result.to_dict()))
    assert data["tokens"] == ["Anna", "met", "Ben", "Moss"]
    assert data["whitespace"] == [" ", " ", " ", ""]
    assert data["span"] == [2, 4]
    assert data["label"] == "PERSON"
    assert data["scores"] == result.scores.tolist()
    assert data["gap"] == result.gap
    assert data["direction"] == "ltr"


def test_which_entity():
    nlp = trained("biluo")
    doc = nlp(NAMES)
    spans = [ent for ent in doc.ents if ent.label_ == "PERSON"]
    assert len(spans) == 2
    by_number = explain(nlp, NAMES, label="PERSON", span=1, method="gradient_x_input")
    assert by_number.span == (spans[1].start, spans[1].end)
    by_span = explain(nlp, NAMES, span=spans[1], method="gradient_x_input")
    by_tokens = explain(nlp, NAMES, span=(2, 4), method="gradient_x_input")
    for other in (by_span, by_tokens):
        numpy.testing.assert_array_equal(other.scores, by_number.scores)
    unseen = explain(nlp, NAMES, span=Span(doc, 1, 2, "PLACE"), method="gradient_x_input")
    assert unseen.label == "PLACE"
    assert unseen.probability < 0.5


def both():
    nlp = blank()
    nlp.add_pipe("ner", source=trained("biluo"))
    nlp.add_pipe("textcat", source=trained("two labels"))
    return nlp


def test_which_component():
    nlp = both()
    assert explain(nlp, NAMES, "textcat", method="gradient_x_input").component == "textcat"
    with pytest.raises(ValueError, match=r"L853.*'ner', 'textcat'.*component = 'ner'"):
        explain(nlp, NAMES)
    with pytest.raises(ValueError, match=r"L854.*'tagger'.*'ner', 'textcat'"):
        explain(nlp, NAMES, "tagger")
    other = blank()
    other.add_pipe("sentencizer")
    with pytest.raises(ValueError, match=r"L852.*sentencizer"):
        explain(other, NAMES)


@pytest.mark.parametrize(
    ("kind", "text", "settings", "message"),
    [
        ("biluo", "", {}, r"L856"),
        ("biluo", NAMES, {"label": "X"}, r"L857.*'ner'.*'X'.*PERSON, PLACE"),
        ("two labels", TEXT, {"label": "X"}, r"L857.*NEG, POS"),
        ("biluo", "nobody called", {}, r"L858.*'ner' finds no entity in the text\."),
        (
            "biluo",
            "Anna met Ben Moss",
            {"label": "PLACE"},
            r"L858.*'PLACE' .*only 'Anna' \(PERSON\)",
        ),
        ("biluo", NAMES, {"span": 7}, r"L859.*number 7.*there are 3"),
        ("biluo", NAMES, {"span": (0, 3)}, r"L860.*0 to 3.*PERSON, PLACE"),
        ("biluo", NAMES, {"span": (3, 9), "label": "PERSON"}, r"L861.*3 to 9.*has 7"),
        ("two labels", TEXT, {"span": 0}, r"L862.*textcat"),
        ("biluo", "Anna  met", {"span": (0, 2), "label": "PERSON"}, r"L863.*PERSON.*0 to 2"),
        ("two labels", TEXT, {"method": "lime"}, r"L855.*'lime'.*'occlusion'"),
        ("two labels", TEXT, {"baseline": "ones"}, r"L866.*ones.*'zeros', 'mean', 'unknown'.*16"),
        ("two labels", TEXT, {"baseline": numpy.ones(3)}, r"L866.*\(3,\).*16"),
        ("two labels", TEXT, {"tolerance": 0}, r"L869.*at least 21.*0 and 1024"),
        ("two labels", TEXT, {"max_steps": 3}, r"L869.*0\.01 and 3"),
    ],
)
def test_what_is_wrong_is_said(kind, text, settings, message):
    with pytest.raises(ValueError, match=message):
        explain(trained(kind), text, **settings)


def test_merged_tokens_are_told():
    nlp = both()
    nlp.add_pipe("entity_ruler", first=True).add_patterns(
        [{"label": "PLACE", "pattern": "New York"}]
    )
    nlp.add_pipe("merge_entities", after="entity_ruler")
    with pytest.raises(ValueError, match=r"L874.*'textcat' merges or splits.*had 7, and has 6"):
        explain(nlp, NAMES, "textcat")


def test_too_few_steps_are_told():
    with pytest.warns(UserWarning, match=r"LW852.*textcat.*max_steps"):
        explain(trained("two labels"), TEXT, tolerance=1e-9, max_steps=21)


def test_an_encoder_without_embedding_is_told():
    nlp = shared_ner_pipeline()
    train_ner(nlp, steps=2)
    nlp.disable_pipe("tok2vec")
    with pytest.raises(ValueError, match=r"L864.*'ner'.*no encoder of spaCy's kind"):
        explain(nlp, NAMES, span=(0, 1), label="PERSON")
    nlp.enable_pipe("tok2vec")
    nlp.get_pipe("tok2vec").model.set_ref("embed", None)
    with pytest.raises(ValueError, match=r"L864.*no refs `embed` and `encode`"):
        explain(nlp, NAMES, span=(0, 1), label="PERSON")


def test_right_to_left():
    nlp = spacy.blank("ar")
    nlp.add_pipe("textcat", source=trained("two labels"))
    assert explain(nlp, "كلمة واحدة", method="gradient_x_input").direction == "rtl"


def test_on_an_encoder_of_spacys_own():
    nlp = blank()
    nlp.add_pipe("tok2vec", config={"model": CNN})
    nlp.add_pipe("lstm_ner", name="ner", config={"model": ner_model(listener())})
    train_ner(nlp, steps=20)
    result = explain(nlp, NAMES, label="PERSON")
    assert result.relative_gap <= 0.01
    assert result.probability == pytest.approx(nlp(NAMES)[slice(*result.span)].ents[0]._.confidence)


def test_a_pipeline_that_was_saved(tmp_path):
    nlp = trained("shared ner")
    nlp.to_disk(tmp_path)
    loaded = explain(spacy.load(tmp_path), NAMES)
    numpy.testing.assert_allclose(loaded.scores, explain(nlp, NAMES).scores, rtol=0, atol=1e-6)
