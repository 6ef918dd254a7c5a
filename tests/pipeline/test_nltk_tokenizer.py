"""NLTK's limits of tokens, and the very same text."""

import pickle
import random
import re
import subprocess
import sys

import nltk.tokenize
import pytest
import spacy
import srsly
from spacy.cli.package import get_third_party_dependencies
from spacy.training import Example

from spacy_lstm.pipeline import nltk_tokenizer
from spacy_lstm.pipeline.nltk_tokenizer import KINDS, NLTKTokenizer

from ..pipelines import examples, textcat_model, train

VOCAB = spacy.blank("en").vocab
WORDS = """
can't cannot don't gonna &amp; &lt; &foo; &nbsp; &#65; &#x1F600; &apos; & " '' `` ' ` “ ” ’ « » ¡ …
😂 👍🏽 👩‍👩‍👧 🇬🇧 é שלום مرحبا، 中文 。 ٣ ٪ % ... !!!! ???? .... ----- ===== | [ ] ( ) { } < > / ://
http://a.b/c ://x/ @me #tag 1,000.5 $3.88 :-) :( <3 -- — , ; : . ? ! _
"""
PIECES = [*WORDS.split(), "e\u0301", "\u0301", "\u200b", "\u200f", "\u0000", "\ufeff", "\U000e0001"]
SPACES = [" ", " ", " ", "  ", "\u00a0", "\n", "\t", "\r\n", "\u2028", "\x1c", "\x85"]


def pipeline(kind, **settings):
    block = {"@tokenizers": "spacy_lstm.NLTKTokenizer.v1", "kind": kind, **settings}
    return spacy.blank("en", config={"nlp": {"tokenizer": block}})


def words(doc):
    return [token.text for token in doc]


def fuzzed(n):
    chance = random.Random(0)
    for _ in range(n):
        text = ""
        for i in range(chance.randint(0, 20)):
            word = chance.choice([f"w{i}w", f"W{i}w", "+1 (800) 123-4567"])
            piece = word if chance.random() < 0.2 else chance.choice(PIECES)
            text += piece * (chance.randint(2, 7) if chance.random() < 0.1 else 1)
            text += chance.choice(SPACES) if chance.random() < 0.4 else ""
        yield text


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("treebank", '"Yes," he said. "It\'s good."', '"|Yes|,|"|he|said.|"|It|\'s|good|.|"'),
        ("treebank", "''so'' don't cannot", "''|so|''|do|n't|can|not"),
        ("treebank", "AT&amp;T's (big) $3.88...", "AT|&|amp|;|T|'s|(|big|)|$|3.88|..."),
        ("treebank", "a|b @me :-) 😂", "a¦b|@|me|:|-|)|😂"),
        ("treebank", "see https://a.b/c, ok", "see|https|:|//a.b/c|,|ok"),
        ("tweet", "AT&amp;T &lt;3 &foo; x&nbsp;y", "AT|&amp;|T|&lt;3|&foo;|x|&nbsp;|y"),
        ("tweet", '"It\'s" \'\'no\'\'', '"|It\'s|"|\'|\'|no|\'|\''),
        ("tweet", "@me: waaaay!!!!! 😂😂😂😂", "@me|:|waaaay|!|!|!|!|!|😂|😂|😂|😂"),
        ("tweet", ":-) :)))) <3 ...... x . . .", ":-)|:)|)|)|)|<3|......|x|. . ."),
        ("tweet", "so..... . . .&nbsp;. 5 1", "so|..... . . .&nbsp;.|5|1"),
        ("tweet", "a|b [x] https://a.b/c #t_1 👩‍👩‍👧", "a|¦|b|[|x|]|https://a.b/c|#t_1|👩‍👩‍👧"),
        ("tweet", "+1 (800) 123-4567", "+1 (800) 123-4567"),
        ("toktok", 'a|b & "c" d.', 'a|¦|b|&|"|c|"|d|.'),
        ("toktok", "AT&T it's ''so''", "AT&T|it|'|s|'|'|so|'|'"),
        ("toktok", "AT& T|(e&f)", "AT&|T|¦|(|e&f|)"),
        ("toktok", "http://a/b www.x.com/y—z…", "http|://a/|b|www.x.com/y|—|z|…"),
        ("toktok", "@me :-) 😂 [x]", "@me|:|-|)|😂|[|x|]"),
        ("wordpunct", 'It\'s "so" &amp; a|b', "It|'|s|\"|so|\"|&|amp|;|a|¦|b"),
        ("wordpunct", "@me :-) ... [x] http://a.b 😂", "@|me|:-)|...|[|x|]|http|://|a|.|b|😂"),
    ],
)  # fmt: skip
def test_tokens_checked_by_hand(kind, text, expected):
    doc = NLTKTokenizer(VOCAB, kind=kind)(text)
    assert doc.text == text
    assert words(doc) == [word.replace("¦", "|") for word in expected.split("|")]


@pytest.mark.parametrize("kind", KINDS)
def test_fuzzed_texts_keep_their_text_and_have_the_limits_of_nltk(kind):
    tokenizer = NLTKTokenizer(VOCAB, kind=kind)
    nltks = getattr(nltk.tokenize, KINDS[kind].name)()
    n_equal = n_marked = 0
    for text in fuzzed(2000):
        doc = tokenizer(text)
        assert doc.text == text
        assert all(token.is_space or token.text == token.text.strip() for token in doc)
        ours = [token.text for token in doc if not token.is_space]
        theirs = [token.strip() for token in nltks.tokenize(text) if token.strip()]
        if "".join("".join(theirs).split()) == "".join(text.split()):
            assert ours == theirs
            n_equal += 1
        for token in theirs:  # where others were rewritten, those that occur in just one place
            if re.search(r"[wW]\d+w$", token) and text.count(token) == 1:
                assert token in ours, text
                n_marked += 1
    assert n_equal > 500
    assert n_marked > 1000


@pytest.mark.parametrize("kind", KINDS)
def test_other_texts(kind):
    tokenizer = NLTKTokenizer(VOCAB, kind=kind)
    assert len(tokenizer("")) == 0
    assert words(tokenizer(" \n ")) == [" \n "]
    assert words(tokenizer("a  b\n\nc ")) == ["a", " ", "b", "\n\n", "c"]
    assert [doc.text for doc in tokenizer.pipe(["a b", "", "c"])] == ["a b", "", "c"]
    with pytest.raises(TypeError, match="L223.*int"):
        tokenizer(5)
    with pytest.raises(UnicodeEncodeError):  # as spaCy's own
        tokenizer("a\ud800")


def test_tweets_have_the_same_tokens_in_blocks():
    texts = (text for text in fuzzed(500) if '"' not in text)
    long = " and then\n".join(texts)
    blocks = list(nltk_tokenizer._blocks(long))
    assert "".join(blocks) == long
    assert len(blocks) > 10
    split = nltk.tokenize.TweetTokenizer().tokenize
    assert [token for block in blocks for token in split(block)] == split(long)


@pytest.mark.parametrize("kind", KINDS)
def test_a_long_text_in_bounded_blocks(kind, monkeypatch):
    tokenizer = NLTKTokenizer(VOCAB, kind=kind)
    given = []
    tokens = tokenizer._tokens
    monkeypatch.setattr(tokenizer, "_tokens", lambda text: given.append(len(text)) or tokens(text))
    for unit in ("7", 'Isn\'t it "so"? '):
        given.clear()
        text = unit * (300_000 // len(unit) if len(unit) > 1 else 30_000)
        assert tokenizer(text).text == text
        assert sum(given) == len(text)
        assert kind != "tweet" or max(given) <= nltk_tokenizer.LONGEST_BLOCK


def test_phone_numbers():
    text = "call +1 (900) 123-4567"
    assert words(pipeline("tweet", match_phone_numbers=True)(text)) == ["call", text[5:]]
    split = ["call", "+", "1", "(", "900", ")", "123-4567"]
    assert words(pipeline("tweet", match_phone_numbers=False)(text)) == split
    with pytest.raises(ValueError, match="L222.*toktok"):
        pipeline("toktok", match_phone_numbers=False)


def test_unknown_kind():
    with pytest.raises(ValueError, match="L221.*'moses'.*toktok, treebank, tweet, wordpunct"):
        pipeline("moses")


def test_a_text_made_to_keep_nltk_busy(monkeypatch):
    def busy(self, text):
        raise TimeoutError("exceeded its 5.0s time limit.")

    monkeypatch.setattr(nltk.tokenize.TweetTokenizer, "tokenize", busy)
    with pytest.raises(ValueError, match="L224.*tweet.*0 and 3: exceeded"):
        NLTKTokenizer(VOCAB, kind="tweet")("abc")


def test_nltk_is_not_imported_before_the_first_text():
    code = """
import sys, spacy
block = {"@tokenizers": "spacy_lstm.NLTKTokenizer.v1", "kind": "tweet"}
nlp = spacy.blank("en", config={"nlp": {"tokenizer": block}})
assert "nltk" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("kind", KINDS)
def test_saved_loaded_and_pickled(kind, tmp_path):
    settings = {"match_phone_numbers": False} if kind == "tweet" else {}
    nlp = pipeline(kind, **settings)
    texts = list(fuzzed(20))
    expected = [words(nlp(text)) for text in texts]
    nlp.to_disk(tmp_path / "model")
    copies = [
        spacy.load(tmp_path / "model"),
        pipeline(kind).from_bytes(nlp.to_bytes()),
        pickle.loads(pickle.dumps(nlp)),
    ]
    for copy in copies:
        assert copy.tokenizer.settings == nlp.tokenizer.settings
        assert copy.tokenizer.vocab is copy.vocab
        assert [words(copy(text)) for text in texts] == expected
    other = NLTKTokenizer(VOCAB, kind="wordpunct").from_bytes(nlp.tokenizer.to_bytes())
    assert [words(other(text)) for text in texts] == expected
    kept = NLTKTokenizer(VOCAB, kind="wordpunct")
    assert kept.from_disk(tmp_path / "model" / "tokenizer", exclude=["cfg"]).kind == "wordpunct"
    assert srsly.msgpack_loads(nlp.tokenizer.to_bytes(exclude=["cfg"])) == {}


def test_a_package_requires_us():
    (required,) = get_third_party_dependencies(pipeline("toktok").config)
    assert required.startswith("spacy-lstm>=")


def test_several_processes():
    nlp = pipeline("tweet")
    texts = list(fuzzed(40))
    alone = [words(doc) for doc in nlp.pipe(texts)]
    assert [words(doc) for doc in nlp.pipe(texts, n_process=2, batch_size=5)] == alone


def test_scores():
    nlp = pipeline("wordpunct")
    doc = nlp.make_doc("It is so.")
    same = Example(doc, nlp.make_doc("It is so."))
    assert nlp.tokenizer.score([same])["token_acc"] == 1.0
    other = Example(doc, spacy.tokens.Doc(nlp.vocab, ["It", "is", "so."], [True, True, False]))
    scores = nlp.tokenizer.score([same, other])
    assert scores["token_r"] == pytest.approx(6 / 7)


def test_a_trained_pipeline_keeps_its_tokenizer(tmp_path):
    nlp = pipeline("tweet")
    nlp.add_pipe("lstm_textcat", name="textcat", config={"model": textcat_model()})
    data = examples(nlp)
    train(nlp, data)
    nlp.to_disk(tmp_path / "model")
    again = spacy.load(tmp_path / "model")
    for text in ("a great :-) but tedious!!!!! story &amp; more", "I loved it"):
        doc = again(text)
        assert words(doc) == words(nlp(text))
        assert doc.cats == nlp(text).cats
    assert nlp.evaluate(data)["token_acc"] == 1.0
