"""What is found in texts, words and categories."""

import numpy
import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example

from spacy_lstm.training.debug_data.corpora import Corpora
from spacy_lstm.training.debug_data.findings import Level, as_dict, count, number_of, spread
from spacy_lstm.training.debug_data.report import debug_data
from spacy_lstm.training.readers.records import DataError

from ..pipelines import (
    EMBED,
    NEGATIVE,
    POSITIVE,
    TOK2VEC,
    example,
    examples,
    shared_pipeline,
    textcat_model,
    textcat_pipeline,
)

POS, NEG = {"POS": 1.0, "NEG": 0.0}, {"POS": 0.0, "NEG": 1.0}


def look(nlp, train, dev, *, initialize=True, near=0.8, **more):
    """RETURNS: The findings, by the first word of their section, and their name."""
    if initialize:
        nlp.initialize(lambda: train)
    sections = debug_data(Corpora(nlp, train, dev, **more), near=near)
    return {
        section.title.split()[0].strip(":"): {found.name: found for found in section.findings}
        for section in sections
    }


def level(found):
    return found.level.value


def many(nlp, n, cats=POS):
    return [example(nlp, f"the text with the number {i}", cats) for i in range(n)]


def failed(found):
    return {name for part in found.values() for name in part if level(part[name]) == "fail"}


def test_good_data():
    nlp = textcat_pipeline()
    train = [*many(nlp, 1000), *many(nlp, 1000, NEG)]
    dev = [example(nlp, "another text", POS), example(nlp, "the number", NEG)]
    found = look(nlp, train, dev, near=0)
    assert failed(found) == set()
    assert found["Texts"]["few-texts"].text == "Enough texts in train (2,000)"
    assert "near-leaks" not in found["Copies"]
    assert level(found["Pipeline"]["initialized"]) == "good"


def test_no_data():
    found = look(textcat_pipeline(), [], [], initialize=False)
    assert failed(found) == {"few-texts", "no-dev", "imbalance"}


@pytest.mark.parametrize(
    ("n", "is_new", "expected"),
    [(0, False, "fail"), (99, True, "fail"), (99, False, "good"), (100, True, "warn")],
)
def test_number_of_texts(n, is_new, expected):
    nlp = textcat_pipeline()
    found = look(nlp, many(nlp, n), many(nlp, 1), initialize=False, is_new=is_new, near=0)
    assert level(found["Texts"]["few-texts"]) == expected


def test_sizes():
    nlp = textcat_pipeline()
    train = [example(nlp, text, POS) for text in ("a b c", "a", "a b", "  ", "", "x " * 1001)]
    dev = [example(nlp, "a b c d e f g", POS)]
    nlp.config["training"]["batcher"] = {"@batchers": "spacy.batch_by_sequence.v1", "size": 2}
    corpora = Corpora(nlp, train, dev)
    (section,) = [part for part in debug_data(corpora) if part.title == "Texts"]
    assert section.table is not None
    assert section.table.rows[0] == ("train", 6, 1008, 2, 752, 1001)
    assert section.table.rows[1] == ("dev", 1, 7, 7, 7, 7)
    found = {finding.name: finding for finding in section.findings}
    assert found["empty"].text == "2 texts of train empty, or nothing but whitespace"
    assert found["long"].text == "1 text of train with more than 1,000 tokens"
    assert level(found["long"]) == "warn"
    assert "init-config --optimize long" in found["long"].advice
    assert "medians are 1.5 and 7" in found["other-lengths"].text
    assert level(found["no-dev"]) == "good"
    nlp.config["training"]["batcher"] = {"@batchers": "spacy.batch_by_words.v1"}
    assert level(look(nlp, train, dev, initialize=False)["Texts"]["long"]) == "info"
    assert level(look(nlp, train, [], initialize=False)["Texts"]["no-dev"]) == "fail"


def test_copies_and_leaks():
    nlp = textcat_pipeline()
    long = "one two three four five six seven eight nine"
    train = [
        *(example(nlp, "Good  film", POS) for _ in range(3)),
        example(nlp, "good film", POS),
        example(nlp, long, NEG),
        example(nlp, f"{long} ten", NEG),
    ]
    dev = [
        example(nlp, "GOOD FILM", POS),
        example(nlp, "good film", POS),
        example(nlp, f"ten {long} eleven", NEG),
        example(nlp, "no copy", NEG),
    ]
    found = look(nlp, train, dev)["Copies"]
    assert found["leaks"].text == "2 texts of dev also in train"
    assert found["leaks"].examples == ("'GOOD FILM'",)
    assert found["copies"].text == "3 texts of train more than once there"
    assert found["copies"].examples == ("'Good film' (4 times)",)
    assert found["near-leaks"].text.startswith("1 text of dev almost the same as one in train")
    assert found["near-leaks"].examples == (f"'ten {long} eleven' ~ '{long}'",)
    assert found["near-copies"].examples == (f"'{long} ten' ~ '{long}'",)
    assert level(look(nlp, train, dev, near=0.95)["Copies"]["near-copies"]) == "good"


def test_vocabulary():
    nlp = textcat_pipeline()
    train = [example(nlp, "a good film", POS), example(nlp, "a bad film", NEG)]
    dev = [example(nlp, "a Good thriller thriller", POS)]
    found = look(nlp, train, dev)["Vocabulary"]
    assert found["words"].text == "6 words in train, 4 different ones (in lower case)"
    assert found["unseen-words"].text.startswith(
        "50.0 % of the words in dev are not in train (33.3 %"
    )
    assert found["unseen-words"].examples == ("'thriller' (2)",)
    assert level(found["unseen-words"]) == "warn"
    assert level(found["misaligned-tokens"]) == "good"
    assert found["vectors"].text == "No word vectors"
    reference = Doc(nlp.vocab, words=["go", "od"], spaces=[False, False])
    reference.cats = POS
    other = [*train, Example(nlp.make_doc("good"), reference)]
    found = look(nlp, other, dev)["Vocabulary"]
    assert found["misaligned-tokens"].text.startswith("1 token of train begin or end elsewhere")


def test_vectors():
    nlp = textcat_pipeline()
    train = [example(nlp, "a good film", POS), example(nlp, "a bad film", NEG)]
    nlp.vocab.reset_vectors(width=2)
    for word in ("a", "film", "bad"):
        nlp.vocab.set_vector(word, numpy.ones(2, dtype="float32"))
    found = look(nlp, train, train)["Vocabulary"]
    text = "3 words have vectors of width 2; 16.7 % of the words in train have none"
    assert found["vectors"].text == text
    assert found["vectors"].examples == ("'good' (1)",)
    assert level(found["unused-vectors"]) == "warn"
    embed = {**EMBED, "include_static_vectors": True}
    reader = spacy.blank("en", vocab=nlp.vocab)
    model = textcat_model({**TOK2VEC, "embed": embed})
    reader.add_pipe("lstm_textcat", name="textcat", config={"model": model})
    reader.initialize(lambda: train)
    found = look(reader, train, train, initialize=False)["Vocabulary"]
    assert level(found["unused-vectors"]) == "good"


def test_labels():
    nlp = textcat_pipeline()
    train = [*many(nlp, 51), *many(nlp, 5, NEG), example(nlp, "an odd one", {"ODD": 1.0})]
    dev = [example(nlp, "another", POS), example(nlp, "a rare one", {"RARE": 1.0})]
    pipe = nlp.get_pipe("textcat")
    pipe.initialize(lambda: train, labels=["POS", "NEG", "NONE"])
    sections = debug_data(Corpora(nlp, train, dev))
    assert sections[-1].table is not None
    assert sections[-1].table.rows == [
        ("POS", 51, "89.5 %", 1, "50.0 %"),
        ("NEG", 5, "8.8 %", 0, "0.0 %"),
        ("ODD", 1, "1.8 %", 0, "0.0 %"),
        ("NONE", 0, "0.0 %", 0, "0.0 %"),
        ("RARE", 0, "0.0 %", 1, "50.0 %"),
    ]
    found = {finding.name: finding for finding in sections[-1].findings}
    assert found["labels"].text == "3 labels"
    assert found["only-in-dev"].text == "Labels in dev that train has no text of: 'RARE'"
    assert found["absent"].text.endswith("'NONE'")
    assert found["other-labels"].text.endswith("'ODD'")
    assert found["not-in-dev"].text.endswith("no text of: 'NEG'")
    assert found["few-examples"].text == "Low number of texts: 'NEG' (5)"
    assert found["imbalance"].text == "'POS' has 10.2 times as many texts in train as 'NEG'"
    assert level(found["imbalance"]) == "warn"
    assert found["silent"].text == "1 text of train and 1 text of dev without any known category"
    pipe.class_weights = "balanced"
    assert level(look(nlp, train, dev, initialize=False)["Categories"]["imbalance"]) == "good"


def test_labels_that_are_all_absent():
    nlp = textcat_pipeline()
    nlp.get_pipe("textcat").initialize(lambda: many(nlp, 3), labels=["pos", "neg"])
    found = look(nlp, many(nlp, 3), many(nlp, 3), initialize=False)["Categories"]
    assert found["absent"].level is Level.fail
    assert found["absent"].text.endswith("in train: 'neg', 'pos'")


def test_impossible_categories():
    nlp = textcat_pipeline()
    train = examples(nlp)
    nlp.initialize(lambda: train)
    odd = [
        example(nlp, "both of them", {"POS": 1.0, "NEG": 1.0}),
        example(nlp, "none of them", {"POS": 0.0, "NEG": 0.0}),
        example(nlp, "too much", {"POS": 2.0}),
        example(nlp, "partly", {"POS": 0.0}),
    ]
    found = look(nlp, train, odd, initialize=False)["Categories"]
    assert found["mistakes"].level is Level.fail
    assert found["mistakes"].text == "3 texts of dev with impossible values"
    assert [text[:6] for text in found["mistakes"].examples] == ["[L203]", "[L204]", "[L202]"]
    assert found["partly"].text == "1 text of dev with some categories that are unknown"


def test_conflicts_of_categories():
    nlp = textcat_pipeline()
    train = [*examples(nlp), example(nlp, "A great FILM", NEG), example(nlp, NEGATIVE[0], NEG)]
    found = look(nlp, train, [example(nlp, POSITIVE[1], {"NEG": 1.0})])["Categories"]
    assert found["conflicts"].text == "2 texts with copies that have other categories"
    assert found["conflicts"].examples == ("'a great film': NEG, POS", "'I loved it so much': NEG")


def test_multilabel():
    nlp = textcat_pipeline("lstm_textcat_multilabel")
    train = examples(nlp)
    found = look(nlp, train, train)["Categories"]
    assert level(found["exclusive"]) == "warn"
    assert level(found["everywhere"]) == "good"
    assert "imbalance" not in found
    for eg in train:
        eg.reference.cats = {**eg.reference.cats, "POS": 1.0}
    found = look(nlp, train, train)["Categories"]
    assert level(found["exclusive"]) == "good"
    assert found["everywhere"].text == "Categories that apply to each text in train: 'POS'"


def test_nothing_to_choose_from():
    nlp = textcat_pipeline()
    found = look(nlp, many(nlp, 3), [], initialize=False, unready="[L201] too few")
    assert found["Categories"]["imbalance"].level is Level.fail
    assert found["Pipeline"]["initialized"].level is Level.fail
    assert "[L201] too few" in found["Pipeline"]["initialized"].text


def test_other_components():
    nlp = shared_pipeline()
    nlp.add_pipe("sentencizer")
    found = look(nlp, examples(nlp), examples(nlp))
    assert found["Pipeline"]["others"].text.endswith(": 'sentencizer'")
    assert "'tok2vec'" not in found["Pipeline"]["others"].text
    assert "tok2vec (lstm_encoder), textcat (lstm_textcat)" in found["Pipeline"]["pipeline"].text
    stock = spacy.blank("en")
    stock.add_pipe("sentencizer")
    with pytest.raises(DataError, match=r"L741.*sentencizer"):
        debug_data(Corpora(stock, [], []))


def test_as_dict():
    nlp = textcat_pipeline()
    nlp.initialize(lambda: examples(nlp))
    sections = debug_data(Corpora(nlp, examples(nlp), examples(nlp)))
    found = as_dict(sections)
    assert found["n_errors"] == 1
    assert found["n_warnings"] == count(sections, Level.warn) > 0
    texts = found["sections"][1]
    assert texts["table"][0]["split"] == "train"
    assert texts["table"][0]["texts"] == 20
    levels = {finding["name"]: finding["level"] for finding in texts["findings"]}
    assert levels["few-texts"] == "fail"


def test_words():
    assert number_of(1, "text") == "1 text"
    assert number_of(2000, "entity", "entities") == "2,000 entities"
    assert spread({"train": 0, "dev": 2}, "text") == "2 texts of dev"
