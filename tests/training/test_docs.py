"""From records to docs."""

import spacy

from spacy_lstm.training.docs import make_doc
from spacy_lstm.training.readers.records import Entity, Record


def test_words_of_the_source_are_kept():
    words = ("don't", "go", ".", "Ann-Marie", "did")
    record = Record(
        " ".join(words),
        {"a": 1.0},
        "",
        (Entity(11, 20, "PERSON"),),
        words=words,
        sent_starts=(0, 3),
    )
    doc = make_doc(spacy.blank("en"), record, ["a", "b"])
    assert [token.text for token in doc] == list(words)
    assert doc.text.rstrip() == record.text  # a doc ends with a space where spaces are unknown
    assert doc.has_unknown_spaces  # so that spaCy's Corpus hands the same words to the model
    assert doc.cats == {"a": 1.0, "b": 0.0}
    assert [(ent.text, ent.label_) for ent in doc.ents] == [("Ann-Marie", "PERSON")]
    assert [sent.text for sent in doc.sents] == ["don't go .", "Ann-Marie did"]
