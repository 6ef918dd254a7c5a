"""What the annotations of entities say of each token."""

import numpy
import pytest
import spacy
from spacy.tokens import Doc, Span, SpanGroup
from spacy.training import Example

from spacy_lstm.layers.tag_scheme import TagScheme
from spacy_lstm.pipeline.ner_gold import cut_gold, forget_labels, gold_tags, read_gold
from spacy_lstm.pipeline.ner_loss import make_truth
from spacy_lstm.pipeline.ner_tokens import read_tokens

from ..ner_pipelines import TEXTS, annotated, ner_example

NLP = spacy.blank("en")
BILUO = TagScheme(["PLACE", "PERSON"])
BIO = TagScheme(["PLACE", "PERSON"], "BIO")


def words(*texts, ents=None):
    return Doc(NLP.vocab, list(texts), ents=ents)


def tags(example, scheme=BILUO):
    docs = [example.predicted]
    allowed = gold_tags("ner", docs, [read_gold(example)], read_tokens(docs), scheme)
    return [
        "?" if row.all() else "|".join(tag for tag, ok in zip(scheme.tags, row, strict=True) if ok)
        for row in allowed
    ]


def test_known_tokens_have_one_tag():
    example = ner_example(NLP, *TEXTS[2])
    assert tags(example) == ["O", "O", "O", "B-PLACE", "I-PLACE", "L-PLACE", "O"]
    assert tags(example, BIO) == ["O", "O", "O", "B-PLACE", "I-PLACE", "I-PLACE", "O"]


def test_a_text_without_annotation_is_unknown():
    doc = NLP.make_doc("Anna lives in Berlin")
    assert tags(Example(doc, NLP.make_doc(doc.text))) == ["?"] * 4
    gold = read_gold(Example(doc, doc))
    assert not gold.entities
    assert not gold.outside.any()


@pytest.mark.parametrize("tokens", ["same", "other"])
def test_missing_tokens_around_an_entity(tokens):
    """As for spaCy, an entity ends where `doc.ents` says, and what is missing is free."""
    reference = words("Anna", "Moss", "saw", "Rio", ents=["B-PERSON", "", "O", ""])
    predicted = words("Anna", "Moss", "saw", "Rio")
    if tokens == "other":
        predicted = words("Anna", "Moss", "s", "aw", "Rio")
    example = Example(predicted, reference)
    seen = ["O"] * (1 if tokens == "same" else 2)
    assert tags(example) == ["U-PERSON", "?", *seen, "?"]
    # In BIO only the next tag says that it has ended.
    after = "O|B-PLACE|B-PERSON"
    assert tags(example, BIO) == ["B-PERSON", after, *seen, "?"]


def test_agrees_with_spacy_where_tokens_are_the_same():
    vocab = NLP.vocab
    rng = numpy.random.default_rng(0)
    for _ in range(100):
        n = int(rng.integers(1, 12))
        ents = []
        while len(ents) < n:
            kind = rng.choice(["O", "", "PLACE", "PERSON"])
            length = int(rng.integers(1, 4))
            if kind in ("O", ""):
                ents.append(str(kind))
            else:
                ents += [f"B-{kind}", *[f"I-{kind}"] * (length - 1)]
        doc = Doc(vocab, [f"w{i}" for i in range(len(ents))], ents=ents)
        example = Example(Doc(vocab, [token.text for token in doc]), doc)
        expected = example.get_aligned_ner()
        assert tags(example) == ["?" if tag is None else tag for tag in expected]


def test_misaligned_entities_are_unknown_and_counted():
    reference = annotated(NLP, "Anna lives in New York city", [(0, 1, "PERSON"), (3, 5, "PLACE")])
    predicted = words("Anna", "lives", "in", "New", "Yorkcity")
    example = Example(predicted, reference)
    assert tags(example) == ["U-PERSON", "O", "O", "?", "?"]
    assert read_gold(example).n_misaligned == 1
    merged = words("Anna", "lives", "in", "NewYork", "city")
    assert tags(Example(merged, reference)) == ["U-PERSON", "O", "O", "U-PLACE", "O"]
    split = words("An", "na", "lives", "in", "New", "York", "city")
    example = Example(split, reference)
    assert tags(example)[:2] == ["B-PERSON", "L-PERSON"]
    assert read_gold(example).n_misaligned == 0


def test_whitespace_at_the_edges_of_an_entity_is_outside():
    doc = words("\n", "Anna", " ", "Moss", "\n", "sang")
    doc.ents = [Span(doc, 0, 5, "PERSON")]
    assert tags(Example(doc, doc)) == ["O", "B-PERSON", "I-PERSON", "L-PERSON", "O", "O"]
    blank = words("so", "\n", "it")
    blank.ents = [Span(blank, 1, 2, "PERSON")]
    assert tags(Example(blank, blank)) == ["O", "O", "O"]


def test_unknown_whitespace_begins_and_ends_nothing():
    doc = words("Anna", " ", "Moss")
    assert tags(Example(doc, doc))[1] == "O|I-PLACE|I-PERSON"
    assert tags(Example(doc, doc), BIO)[1] == "O"


def test_unknown_tokens_respect_known_sentences():
    doc = Doc(NLP.vocab, ["a", "b"], sent_starts=[True, True])
    beginning = "O|B-PLACE|U-PLACE|B-PERSON|U-PERSON"
    assert tags(Example(doc, doc)) == ["?", beginning]


def test_unknown_labels():
    example = ner_example(NLP, "Anna lives", [(0, 1, "WITCH")])
    with pytest.raises(ValueError, match=r"L623.*'WITCH'.*'Anna'.*PLACE, PERSON"):
        tags(example)
    gold = forget_labels(read_gold(example), ["WITCH"])
    assert not gold.entities
    assert gold.outside.tolist() == [False, True]


def test_pieces_forget_what_crosses_them():
    gold = read_gold(ner_example(NLP, *TEXTS[1]))
    assert cut_gold(gold, [5]) == gold
    cut = cut_gold(gold, [4, 1])
    assert cut.entities == [(0, 2, "PERSON")]
    assert cut.n_misaligned == 1
    assert cut_gold(gold, [2, 3]).entities == gold.entities


def test_spans_that_are_no_entities():
    example = ner_example(NLP, *TEXTS[1])
    reference = example.reference
    reference.spans["not"] = SpanGroup(
        reference,
        spans=[Span(reference, 0, 1, "PLACE"), Span(reference, 0, 2, "WITCH")],
    )
    gold = read_gold(example, incorrect_spans_key="not")
    assert gold.wrong == [(0, 1, "PLACE"), (0, 2, "WITCH")]
    assert read_gold(example, incorrect_spans_key="other").wrong == []
    truth = make_truth("ner", [NLP.make_doc("a b"), example.predicted], [*twice(), gold], BILUO)
    assert truth.wrong == [(2, 3, "PLACE")]
    reference.spans["not"] = [Span(reference, 0, 2, "PERSON")]
    with pytest.raises(ValueError, match="E868"):
        read_gold(example, incorrect_spans_key="not")


def twice():
    doc = NLP.make_doc("a b")
    return [read_gold(Example(doc, doc))]


def test_an_empty_text():
    doc = NLP.make_doc("")
    assert tags(Example(doc, doc)) == []
