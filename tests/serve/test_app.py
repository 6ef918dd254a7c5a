"""Every path, over HTTP."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy
import pytest
from spacy.language import Language

from spacy_lstm import __version__
from spacy_lstm.explain import explain, gates

from ..explain.pipes import trained as trained_alone
from ..ner_pipelines import TEXTS, entities
from ..pipelines import blank
from .served import TEXT, code_of, counted, serving, trained

ALL_TEXTS = [text for text, _ in TEXTS]


@pytest.fixture(scope="module")
def client():
    with serving(trained()) as client:
        yield client


def predict(client, **asked):
    return client.post("/v1/predict", json=asked).raise_for_status().json()["results"]


def assert_same(result, doc):
    assert result["cats"] == pytest.approx(doc.cats, abs=1e-6)
    ours = [(ent["start_token"], ent["end_token"], ent["label"]) for ent in result["ents"]]
    assert ours == entities(doc)
    for found, ent in zip(result["ents"], doc.ents, strict=True):
        assert doc.text[found["start"] : found["end"]] == found["text"] == ent.text
        assert found["confidence"] == pytest.approx(ent._.confidence, abs=1e-5)


def test_a_text_gets_what_the_pipeline_says_of_it(client):
    (result,) = predict(client, text=TEXT)
    doc = trained()(TEXT)
    assert len(doc.ents) == 3
    assert_same(result, doc)
    # The probabilities stand beside the entities already.
    assert result["spans"] == {}
    assert set(result) == {"cats", "ents", "spans"}


def test_texts_get_it_in_order(client):
    results = predict(client, texts=ALL_TEXTS)
    for result, doc in zip(results, trained().pipe(ALL_TEXTS), strict=True):
        assert_same(result, doc)


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "\0", "a\u2028b", "𝔄nna 🙂 met Ben Moss", "أنا هنا"]
)
def test_odd_texts_are_texts(client, text):
    (result,) = predict(client, text=text)
    assert_same(result, trained()(text))


def test_readings_are_those_of_the_component(client):
    nlp = trained()
    (result,) = predict(client, text=TEXT, readings=3)
    expected = nlp.get_pipe("ner").readings(nlp(TEXT), k=3)
    for ours, (spans, probability) in zip(result["readings"]["ner"], expected, strict=True):
        assert ours["probability"] == pytest.approx(probability, abs=1e-5)
        assert [span["text"] for span in ours["ents"]] == [span.text for span in spans]


def test_tokens_are_those_of_to_json(client):
    (result,) = predict(client, text=TEXT, tokens=True)
    whole = trained()(TEXT).to_json()
    assert result["tokens"] == whole["tokens"]
    assert result["sents"] is None


def test_explanation_of_a_category(client):
    asked = {"text": TEXT, "component": "textcat", "gates": True}
    result = client.post("/v1/explain", json=asked).raise_for_status().json()
    expected = explain(trained(), TEXT, "textcat").to_dict()
    assert result["attribution"].pop("scores") == pytest.approx(expected.pop("scores"), abs=1e-5)
    for name in ("probability", "score", "baseline_score", "gap"):
        assert result["attribution"].pop(name) == pytest.approx(expected.pop(name), abs=1e-4)
    assert result["attribution"] == expected
    assert result["warnings"] == []
    inside = gates(trained(), TEXT, "textcat")
    assert result["gates"]["component"] == "tok2vec"
    assert len(result["gates"]["parts"]) == len(inside.parts) == 2
    for ours, part in zip(result["gates"]["parts"], inside.parts, strict=True):
        assert ours["direction"] == part.direction
        assert ours["forget"] == pytest.approx(part.forget.mean(axis=1))
        assert ours["hidden"] == pytest.approx(numpy.abs(part.hidden).mean(axis=1))


def test_explanation_of_an_entity_by_its_characters(client):
    (_, moss, _) = predict(client, text=TEXT)[0]["ents"]
    span = {"start": moss["start"], "end": moss["end"]}
    asked = {"text": TEXT, "component": "ner", "span": span, "method": "occlusion"}
    found = client.post("/v1/explain", json=asked).raise_for_status().json()["attribution"]
    expected = explain(trained(), TEXT, "ner", method="occlusion", span=(2, 4))
    assert found["span"] == [2, 4]
    assert found["label"] == "PERSON"
    assert found["scores"] == pytest.approx(expected.scores.tolist(), abs=1e-4)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"text": TEXT}, "L853"),
        ({"text": TEXT, "component": "tagger"}, "L854"),
        ({"text": "", "component": "ner"}, "L856"),
        ({"text": TEXT, "component": "textcat", "label": "X"}, "L857"),
        ({"text": TEXT, "component": "textcat", "method": "attention"}, "L865"),
        ({"text": TEXT, "component": "ner", "span": {"start": 1, "end": 4}}, "L916"),
        ({"text": TEXT, "component": "ner", "span": {"start": 4, "end": 99}}, "L916"),
    ],
)
def test_what_cannot_be_explained_says_why(client, asked, code):
    assert code_of(client.post("/v1/explain", json=asked)) == (422, code)


def test_warnings_go_with_the_explanation():
    with serving(trained_alone("attention")) as client:
        asked = {"text": "a great film", "method": "attention"}
        result = client.post("/v1/explain", json=asked).raise_for_status().json()
    (warning,) = result["warnings"]
    assert warning.startswith("[LW851]")
    assert result["gates"] is None


@pytest.mark.parametrize("kind", ["stock textcat", "stock ner"])
def test_stock_pipelines_are_served_and_explained_by_occlusion(kind):
    nlp = trained_alone(kind)
    text = TEXT if kind == "stock ner" else "a great but tedious story"
    doc = nlp(text)
    with serving(nlp) as client:
        (result,) = predict(client, text=text, readings=2)
        explained = client.post("/v1/explain", json={"text": text}).raise_for_status().json()
        (component,) = client.get("/v1/model").json()["components"][-1:]
    assert result["cats"] == pytest.approx(doc.cats)
    assert [ent["text"] for ent in result["ents"]] == [ent.text for ent in doc.ents]
    assert {ent["confidence"] for ent in result["ents"]} <= {None}
    assert result["readings"] == {}
    assert explained["attribution"]["method"] == "occlusion"
    assert component["explained"]
    assert {component[what] for what in ("gradients", "gates", "readings")} == {False}


@Language.component("test_serve_scores")
def add_scores(doc):
    """As spaCy's spancat notes them."""
    group = doc.spans["found"]
    group.attrs["scores"] = numpy.full(len(group), 0.75, dtype="float32")
    return doc


def test_spans_are_served_with_their_scores():
    nlp = blank()
    ruler = nlp.add_pipe("span_ruler", config={"annotate_ents": False, "spans_key": "found"})
    ruler.add_patterns([{"label": "PLACE", "pattern": "New York"}])
    nlp.add_pipe("test_serve_scores")
    with serving(nlp) as client:
        (result,) = predict(client, text="I saw New York")
        assert client.get("/v1/model").json()["components"][0]["labels"] == ["PLACE"]
    (span,) = result["spans"]["found"]
    assert (span["text"], span["label"], span["start"], span["score"]) == (
        "New York",
        "PLACE",
        6,
        0.75,
    )


def test_the_model_is_described(client):
    model = client.get("/v1/model").raise_for_status().json()
    encoder, textcat, ner = model["components"]
    assert (encoder["name"], encoder["explained"]) == ("tok2vec", False)
    assert textcat["labels"] == ["NAMES", "NONE"]
    assert textcat["gates"]
    assert ner["readings"]
    assert model["limits"]["texts"] == 256
    assert model["direction"] == "ltr"


def test_health(client):
    response = client.get("/health")
    assert (response.status_code, response.json()) == (200, {"live": True, "ready": True})


def test_metrics_count(client):
    name = 'spacy_lstm_requests_total{path="/v1/predict",status="200"}'
    before = counted(client, name)
    predict(client, text=TEXT)
    client.get("/nobody/knows/1")
    assert counted(client, name) == before + 1
    assert counted(client, 'spacy_lstm_requests_total{path="other",status="404"}') >= 1
    assert counted(client, "process_resident_memory_bytes") > 1e6


def test_openapi_describes_all_of_it(client):
    api = client.get("/openapi.json").raise_for_status().json()
    assert api["info"]["version"] == __version__
    assert set(api["paths"]) == {
        "/health",
        "/metrics",
        "/v1/explain",
        "/v1/model",
        "/v1/predict",
        "/v1/stream",
    }
    answers = api["paths"]["/v1/predict"]["post"]["responses"]
    assert set(answers) == {"200", "400", "408", "413", "422", "500", "503"}
    failed = answers["422"]["content"]["application/json"]["schema"]["$ref"]
    assert failed == "#/components/schemas/Failure"


def test_16_clients_at_once_get_their_own_results(client):
    expected = {doc.text: doc.cats for doc in trained().pipe(ALL_TEXTS)}

    def ask(number):
        with httpx.Client(base_url=client.base_url, timeout=30) as own:
            for i in range(8):
                text = ALL_TEXTS[(number + i) % len(ALL_TEXTS)]
                (result,) = predict(own, text=text)
                assert result["cats"] == pytest.approx(expected[text], abs=1e-6)
        return number

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(ask, range(16))) == list(range(16))


def test_the_page_needs_nothing_else(client):
    response = client.get("/")
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "connect-src 'self'" in policy
    page = response.text
    for loading in ("http://", "https://", "src=", '<link rel="stylesheet', "@import", "url("):
        assert loading not in page, loading
    assert '<html lang="en"' in page
    assert "en_pipeline" in page
