"""Every kind of annotated corpus that NLTK defines, by its name: what becomes of it."""

import pytest
import spacy
from nltk.corpus.reader import CategorizedCorpusReader
from nltk.corpus.util import LazyCorpusLoader

from spacy_lstm.training.readers.nltk_annotated import is_annotated
from spacy_lstm.training.readers.nltk_corpus import NLTKCorpus
from spacy_lstm.training.readers.records import DataError

from .nltk_folder import corpora, install

CONLL = "Ann NNP B-NP\nLee NNP I-NP\nsaw VBD B-VP\nit PRP B-NP\nhere RB B-ADVP\n\nGo VB O\n\n"
REVIEWS = (
    "[t]good one\nfine[+2], size[-1]##It is fine, but big.\nfine[+3][u]##It's fine!\n##I have it.\n"
    "dull[-1]##\n"
)
IEER = (
    "<DOC>\n<DOCNO> A </DOCNO>\n<DOCTYPE> NEWS </DOCTYPE>\n<DATE_TIME> 1 </DATE_TIME>\n<BODY>\n"
    '<HEADLINE> Head </HEADLINE>\n<TEXT>\n<p> <b_enamex type="PERSON">Ann Lee<e_enamex> is in '
    '<b_enamex type="LOCATION">Rome<e_enamex> .\n</TEXT>\n</BODY>\n</DOC>\n'
)


def docs_of(name, **settings):
    nlp = spacy.blank("en")
    examples = list(NLTKCorpus(name, **settings)(nlp))
    for example in examples:
        assert example.predicted.text == example.reference.text
        assert not example.predicted.cats
        assert not example.predicted.ents
    return [example.reference for example in examples]


CATEGORIZED = {
    "movie_reviews": (
        {"pos/1.txt": "so\n good", "neg/1.txt": "so bad"},
        [("so bad", {"neg"}), ("so good", {"pos"})],
    ),
    "reuters": (
        {
            "cats.txt": "test/1 grain corn\ntraining/2 grain\n",
            "test/1": "CORN\n\xe9".encode("latin2"),
            "training/2": "WHEAT",
        },
        [("CORN é", {"corn", "grain"}), ("WHEAT", {"grain"})],
    ),
    "sentence_polarity": (
        {"rt-polarity.pos": "good \nfine \n", "rt-polarity.neg": "bad \n"},
        [("bad", {"neg"}), ("good", {"pos"}), ("fine", {"pos"})],
    ),
    "subjectivity": (
        {"quote.tok.gt9.5000": "I like it\n", "plot.tok.gt9.5000": "he dies\n"},
        [("he dies", {"obj"}), ("I like it", {"subj"})],
    ),
    "pros_cons": (
        {
            "IntegratedPros.txt": "<Pros>Easy, light</Pros>\nnone\n",
            "IntegratedCons.txt": " <Cons>Costs</Cons>",
        },
        [("Costs", {"Cons"}), ("Easy, light", {"Pros"})],
    ),
    "qc": (
        {"train.txt": "NUM:dist How far ?\n", "test.txt": "HUM:desc Who was he ?\n"},
        [("How far ?", {"NUM:dist"}), ("Who was he ?", {"HUM:desc"})],
    ),
    "product_reviews_1": (
        {"a.txt": REVIEWS},
        [
            ("It is fine, but big.", {"negative", "positive"}),
            ("It's fine!", {"positive"}),
            ("I have it.", set()),
        ],
    ),
    "brown": (
        {"cats.txt": "ca01 news\ncb01 fun\n", "ca01": "It/p is/v ./.\n\nSo/a ./.", "cb01": "Ha/u"},
        [("It is . So .", {"news"}), ("Ha", {"fun"})],
    ),
}


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("name", CATEGORIZED)
def test_categorized(folder, name, zipped):
    files, expected = CATEGORIZED[name]
    install(folder, name, files, zipped=zipped)
    docs = docs_of(name)
    labels = sorted({label for _, cats in expected for label in cats})
    assert [(doc.text.strip(), doc.cats) for doc in docs] == [
        (text, {label: float(label in cats) for label in labels}) for text, cats in expected
    ]
    assert not docs[0].has_annotation("ENT_IOB")  # it isn't known which names there are


@pytest.mark.parametrize("name", ["qc", "reuters", "sentence_polarity"])
def test_all_categories_of_the_corpus_are_given(folder, name):
    files, expected = CATEGORIZED[name]
    install(folder, name, files)
    part = [fileid for fileid in files if fileid != "cats.txt"][:1]
    labels = sorted({label for _, cats in expected for label in cats})
    for doc in docs_of(name, fileids=part) + docs_of(name, limit=1):
        assert sorted(doc.cats) == labels


@pytest.mark.parametrize("zipped", [False, True])
def test_chunks(folder, zipped):
    install(folder, "conll2000", {"train.txt": CONLL, "test.txt": ""}, zipped=zipped)
    lee, go = docs_of("conll2000")
    assert [token.text for token in lee] == ["Ann", "Lee", "saw", "it", "here"]
    # NLTK says that these are the chunks of this corpus: "B-ADVP" isn't one.
    found = [(ent.text, ent.label_) for ent in lee.ents]
    assert found == [("Ann Lee", "NP"), ("saw", "VP"), ("it", "NP")]
    assert lee.has_unknown_spaces
    assert [token.is_sent_start for token in lee] == [True, False, False, False, False]
    assert ([token.text for token in go], go.ents) == (["Go"], ())
    assert go.has_annotation("ENT_IOB")  # that there is no name is known
    assert lee.cats == {}


def test_names_by_part_of_the_corpus(folder):
    start = "-DOCSTART- -DOCSTART- O\n"
    files = {"esp.train": "Ana NP I-PER\nva V O\n", "ned.train": f"{start}Jan N B-PER\nJo N B-PER"}
    install(folder, "conll2002", {**files, "README": "-"})
    [spanish] = docs_of("conll2002", fileids=["esp.train"])
    [dutch] = docs_of("conll2002", fileids=r"ned\..*")
    assert [(ent.text, ent.label_) for ent in spanish.ents] == [("Ana", "PER")]
    assert [(ent.text, ent.label_) for ent in dutch.ents] == [("Jan", "PER"), ("Jo", "PER")]
    assert len(docs_of("conll2002")) == 2


def test_articles_and_bracketed_chunks(folder):
    install(folder, "ieer", {"A": IEER + IEER})
    first, _ = docs_of("ieer")
    assert first.text.strip() == "Ann Lee is in Rome ."
    assert [(e.text, e.label_) for e in first.ents] == [("Ann Lee", "PERSON"), ("Rome", "LOCATION")]
    install(folder, "treebank", {"tagged/wsj_1.pos": "[ The/DT man/NN ]\nsaw/VBD [ it/PRP ]\n./."})
    [doc] = docs_of("treebank_chunk")
    assert doc.text.strip() == "The man saw it ."
    assert [(ent.text, ent.label_) for ent in doc.ents] == [("The man", "NP"), ("it", "NP")]


def test_every_categorized_corpus_of_nltk_is_known():
    loaders = [corpus for corpus in corpora() if isinstance(corpus, LazyCorpusLoader)]
    readers = [vars(loader)["_LazyCorpusLoader__reader_cls"] for loader in loaders]
    categorized = [r for r in readers if issubclass(r, CategorizedCorpusReader)]
    assert len(categorized) >= 9
    assert all(is_annotated(r.__new__(r)) for r in categorized)


def test_corpora_that_are_not_annotated_or_malformed(folder):
    install(folder, "gutenberg", {"a.txt": "text"})
    with pytest.raises(DataError, match=r"^\[L362\].*'gutenberg'.*PlaintextCorpusReader"):
        docs_of("gutenberg")
    install(folder, "conll2000", {"train.txt": "a B O\n\na b\nc d O\n", "test.txt": ""})
    with pytest.raises(DataError, match=r"^\[L368\].*train\.txt, after.*columns"):
        docs_of("conll2000")
    install(folder, "movie_reviews", {"pos/1.txt": b"caf\xe9 noir", "neg/1.txt": "bad"})
    with pytest.raises(DataError, match=r"^\[L324\].*pos/1\.txt.*0xe9 isn't ascii"):
        docs_of("movie_reviews")


@pytest.mark.parametrize(
    ("setting", "value"), [("kind", "lines"), ("cat_pattern", "(a)"), ("encoding", "latin1")]
)
def test_settings_of_a_path_are_no_settings_of_a_name(folder, setting, value):
    install(folder, "movie_reviews", CATEGORIZED["movie_reviews"][0])
    with pytest.raises(DataError, match=rf"^\[L363\] `{setting}`.*'movie_reviews'"):
        docs_of("movie_reviews", **{setting: value})
