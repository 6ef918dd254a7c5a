"""Where the time of an `lstm_ner` goes, from the text to `doc.ents`."""

import statistics
from typing import Any, Callable, Dict, List, Tuple

import numpy
from alternate import alternate
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import minibatch
from thinc.api import to_numpy

from spacy_lstm.layers.crf_posterior import posterior
from spacy_lstm.layers.crf_types import scale
from spacy_lstm.layers.crf_viterbi import best_path
from spacy_lstm.pipeline.ner_decode import LEAST_PROBABILITY
from spacy_lstm.pipeline.ner_pieces import Pieces
from spacy_lstm.pipeline.ner_spans import Prediction
from spacy_lstm.pipeline.ner_tokens import constraints, read_tokens

WHOLE, CRF = "text → doc, as a whole", "CRF"
LINEAR = "features of words"
STAGES = ("tokenizer", "embed", "encode", "emissions", LINEAR, CRF, "rest of predict", "annotation")


def measure(nlp: Language, texts: List[str], pairs: int) -> Dict[str, float]:
    """Measure the stages one by one, each on what the one before it gave.

    nlp (Language): A pipeline whose only component is an `lstm_ner` with its own encoder.
    texts (List[str]): The texts.
    pairs (int): Each stage is measured twice as often.
    RETURNS (Dict[str, float]): Microseconds a word, by the names in `STAGES`, and of the whole.
    """
    ner: Any = nlp.get_pipe("ner")
    has_linear = ner.model.has_ref("linear_model")
    linear = ner.model.get_ref("linear_model") if has_linear else None
    tok2vec = ner.model.get_ref("tok2vec")
    dense = next(node for node in ner.model.walk() if tok2vec in node.layers[:1]).layers[1]
    embed, encode = tok2vec.get_ref("embed"), tok2vec.get_ref("encode")
    batches = [[nlp.make_doc(text) for text in some] for some in minibatch(texts, nlp.batch_size)]
    embedded = [embed.predict(batch) for batch in batches]
    vectors = [tok2vec.predict(batch) for batch in batches]
    predictions = [ner.predict(batch) for batch in batches]
    # Annotated docs have constraints of their own: so these are others.
    shown = [[doc.copy() for doc in batch] for batch in batches]
    chains = [_chain(ner, *both) for both in zip(batches, predictions, strict=True)]
    n_words = sum(len(doc) for batch in batches for doc in batch)

    def cost(work: Callable[[], Any]) -> float:
        found = alternate(work, work, pairs=pairs)
        return 1e6 * statistics.median([*found.ours, *found.peer]) / n_words

    def emissions() -> None:
        for Xs in vectors:
            dense.predict(Xs)

    def annotate() -> None:
        for docs, prediction in zip(shown, predictions, strict=True):
            for doc in docs:
                doc.set_ents([], default="missing")
            ner.set_annotations(docs, prediction)

    def forget() -> None:
        for docs in shown:
            for doc in docs:
                doc.set_ents([], default="missing")

    stages = {
        "tokenizer": cost(lambda: [nlp.make_doc(text) for text in texts]),
        "embed": cost(lambda: [embed.predict(batch) for batch in batches]),
        "encode": cost(lambda: [encode.predict(Xs) for Xs in embedded]),
        "emissions": cost(emissions),
        LINEAR: cost(lambda: [linear.predict(batch) for batch in batches]) if linear else 0.0,
        CRF: cost(lambda: [chain() for chain in chains]),
        "annotation": cost(annotate) - cost(forget),
    }
    known = sum(stages[stage] for stage in ("embed", "encode", "emissions", LINEAR, CRF))
    predict = cost(lambda: [ner.predict(batch) for batch in batches])
    stages["rest of predict"] = max(predict - known, 0.0)
    stages[WHOLE] = cost(lambda: list(nlp.pipe(texts)))
    return stages


def _chain(ner: Any, docs: List[Doc], predictions: List[Prediction]) -> Callable[[], Any]:
    """What the CRF does for a batch: the best tags, and where the component gives probabilities
    those of the entities that it found; or all entities that are probable enough."""
    scores, tokens = ner.score_tags(docs), read_tokens(docs)
    borders = numpy.cumsum(scores.lengths)
    allowed, _ = constraints(docs, tokens, ner.scheme, borders)
    if ner.mode == "viterbi":
        return lambda: to_numpy(best_path(scores, allowed))
    scaled = scale(scores, ner.cfg["temperature"])
    if ner.mode == "posterior":
        least = max(ner.decoding().threshold, LEAST_PROBABILITY)
        return lambda: posterior(scaled, allowed).candidates(least)
    rows = Pieces(scores.lengths, ner.labels).locate(
        [
            (int(offset) + start, int(offset) + end, label)
            for offset, prediction in zip(tokens.offsets, predictions, strict=False)
            for start, end, label in prediction.entities
        ]
    )

    def both() -> Tuple[Any, Any]:
        path = to_numpy(best_path(scores, allowed))
        return path, to_numpy(posterior(scaled, allowed).span_marginals(rows))

    return both


def share_of_crf(stages: Dict[str, float]) -> float:
    """stages (Dict[str, float]): What `measure` gave.
    RETURNS (float): Of the whole time, in percent.
    """
    return 100 * stages[CRF] / stages[WHOLE]
