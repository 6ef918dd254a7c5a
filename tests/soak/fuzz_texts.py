"""Texts of any kind through trained pipelines: what comes out is always a prediction."""

import random
from typing import Any, List, NamedTuple, Optional

import numpy
from spacy.language import Language
from spacy.tokens import Doc

from spacy_lstm.explain.attribution import explain
from spacy_lstm.pipeline.ner import LSTMEntityRecognizer
from spacy_lstm.pipeline.textcat import LSTMTextCategorizer
from spacy_lstm.pipeline.textcat_multilabel import LSTMMultiLabelTextCategorizer

from .outcome import Outcome, is_coded, soak
from .text_cases import large_text, random_text
from .text_pipelines import BUILDERS, trained

#: Texts of a batch, on average.
BATCH = 64
#: The share of batches with a large text, of those of which some are predicted alone too, and of
#: those of which one is explained.
LARGE, ALONE, EXPLAINED = 0.005, 0.3, 0.1
METHODS = ("integrated_gradients", "gradient_x_input", "occlusion")
#: Of scores, alone and in a batch.
TOLERANCE = 1e-4
#: To explain a longer one, by leaving out each of its tokens, takes too long here.
LONGEST_EXPLAINED = 60


class TextCase(NamedTuple):
    """Texts for one pipeline.

    pipeline (str): Its name.
    texts (List[str]): A batch.
    alone (List[int]): Which of them are predicted alone too.
    method (Optional[str]): How the first text is explained, if it is.
    """

    pipeline: str
    texts: List[str]
    alone: List[int]
    method: Optional[str]


def make_case(rng: random.Random) -> TextCase:
    """rng (random.Random): The source of chance.
    RETURNS (TextCase): A case.
    """
    texts = [random_text(rng) for _ in range(rng.randrange(1, 2 * BATCH))]
    pipeline = rng.choice(sorted(BUILDERS))
    if rng.random() < LARGE and not pipeline.startswith("nltk"):
        texts.append(large_text(rng))
    alone = rng.choices(range(len(texts)), k=2) if rng.random() < ALONE else []
    method = rng.choice(METHODS) if rng.random() < EXPLAINED else None
    return TextCase(pipeline, texts, alone, method)


def run_case(case: TextCase) -> int:
    """case (TextCase): A case.
    RETURNS (int): The number of its texts.
    """
    nlp = trained(case.pipeline)
    with nlp.memory_zone():
        docs = list(nlp.pipe(case.texts, batch_size=max(1, len(case.texts))))
        for text, doc in zip(case.texts, docs, strict=True):
            assert doc.text == text
        for name, pipe in nlp.pipeline:
            check_predictions(pipe, docs)
            if case.alone and name in ("textcat", "ner"):
                check_alone(nlp, pipe, case)
        if case.method is not None:
            explain_one(nlp, case.texts[0], case.method)
    return len(case.texts)


def check_predictions(pipe: Any, docs: List[Doc]) -> None:
    """pipe (Any): A component.
    docs (List[Doc]): Documents that it has annotated, whose annotation is asserted to be valid.
    """
    for doc in docs:
        if isinstance(pipe, LSTMTextCategorizer):
            values = numpy.array([doc.cats[label] for label in pipe.labels])
            assert ((values >= 0.0) & (values <= 1.0)).all()
            if not isinstance(pipe, LSTMMultiLabelTextCategorizer):
                assert abs(values.sum() - 1.0) < TOLERANCE
        elif isinstance(pipe, LSTMEntityRecognizer):
            end = 0
            for ent in doc.ents:
                assert end <= ent.start < ent.end <= len(doc)
                assert ent.label_ in pipe.labels
                assert not ent[0].is_space
                assert not ent[-1].is_space
                end = ent.end
                if pipe.mode != "viterbi":
                    assert 0.0 <= ent._.confidence <= 1.0


def check_alone(nlp: Language, pipe: Any, case: TextCase) -> None:
    """nlp (Language): The pipeline.
    pipe (Any): One of its heads.
    case (TextCase): A case, some of whose texts are asserted to have the same scores alone.
    """
    together = scores_of(nlp, pipe, case.texts)
    for i in case.alone:
        (alone,) = scores_of(nlp, pipe, [case.texts[i]])
        assert numpy.isfinite(alone).all()
        assert numpy.allclose(together[i], alone, rtol=TOLERANCE, atol=TOLERANCE)


def scores_of(nlp: Language, pipe: Any, texts: List[str]) -> List[Any]:
    """nlp (Language): The pipeline.
    pipe (Any): One of its heads.
    texts (List[str]): Texts.
    RETURNS (List[Any]): The scores of each, from one batch: of its categories, or of its tokens'
        tags.
    """
    docs = [nlp.make_doc(text) for text in texts]
    for _, before in nlp.pipeline:
        if before is pipe:
            break
        docs = list(before.pipe(docs, batch_size=len(docs)))
    if isinstance(pipe, LSTMTextCategorizer):
        return list(pipe.predict(docs))
    emissions = pipe.score_tags(docs).emissions
    return numpy.split(emissions, numpy.cumsum([len(doc) for doc in docs])[:-1])


def explain_one(nlp: Language, text: str, method: str) -> None:
    """nlp (Language): The pipeline.
    text (str): A text.
    method (str): How its prediction is to be explained.
    """
    if len(nlp.make_doc(text)) > LONGEST_EXPLAINED:
        return
    component = nlp.pipe_names[-1]
    try:
        attribution = explain(nlp, text, component=component, method=method)
    except ValueError as err:
        if is_coded(err):  # there is no entity
            return
        raise
    assert numpy.isfinite(attribution.scores).all()


def fuzz_texts(n: int, seed: int, *, minutes: Optional[float] = None) -> Outcome:
    """n (int): The number of texts.
    seed (int): The seed.
    minutes (Optional[float]): When to stop before that.
    RETURNS (Outcome): What was found.
    """
    return soak(
        "fuzzed texts",
        n,
        seed,
        minutes=minutes,
        make=make_case,
        run=run_case,
        may_refuse=False,
    )
