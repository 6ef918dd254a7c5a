"""Train a spaCy pipeline on docs, and measure it."""

import tempfile
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

import curve
import spacy
from cells import Scores, Watch
from peers import train_pipeline
from spacy.language import Language
from spacy.tokens import DocBin
from spacy.training import Corpus as DocCorpus
from spacy.training import Example
from thinc.api import Config, NumpyOps, set_current_ops

from spacy_lstm.pipeline.ner_calibrate import calibrate_pipeline
from spacy_lstm.training.robustness import attack_pipeline
from spacy_lstm.training.word_vectors import SETTINGS, train_vectors

from .corpora import Corpus
from .folds import Docs
from .scores import scores_of
from .tasks import NER

ATTACKED: Dict[str, Any] = {"rate": 0.1, "tries": 1, "seed": 0}  # as `spacy lstm attack` does


def settings(
    config: Config, *, blis: bool, attacked: bool, vectors: bool = False
) -> Dict[str, Any]:
    """config (Config): The config of the pipeline.
    blis (bool): As for `measure_pipeline`.
    attacked (bool): As for `measure_pipeline`.
    vectors (bool): As for `measure_pipeline`.
    RETURNS (Dict[str, Any]): What the pipeline is made of, and how it is measured, but for the data
        and the seed.
    """
    made = {"config": config.interpolate(), "blis": blis}
    if vectors:
        made["vectors"] = {**(train_vectors.__kwdefaults__ or {}), **SETTINGS}
    return {**made, "attacked": ATTACKED} if attacked else made


def measure_pipeline(
    config: Config,
    corpus: Corpus,
    docs: Docs,
    seed: int,
    *,
    blis: bool,
    attacked: bool,
    vectors: bool = False,
) -> Scores:
    """Train a pipeline, and measure it on dev and test.

    config (Config): The config.
    corpus (Corpus): The corpus.
    docs (Docs): The annotated docs of train, dev and test.
    seed (int): The seed.
    blis (bool): Whether thinc's matrix product is BLIS, as it is where nobody says otherwise;
        numpy's is faster, and gives the same up to rounding.
    attacked (bool): Whether it is also measured with typos, word swaps and other cases.
    vectors (bool): Whether word vectors are learnt from the training texts before, for
        `[initialize] vectors`. The time counts as that of the training.
    RETURNS (Scores): The scores, and the course of the training: CPU seconds and scores on dev.
    """
    if not blis:
        set_current_ops(NumpyOps(use_blis=False))
    config["training"]["logger"] = {"@loggers": curve.NAME}
    with tempfile.TemporaryDirectory() as folder:
        for split, of_split in docs.items():
            DocBin(docs=of_split).to_disk(Path(folder) / f"{split}.spacy")
        watch = Watch()
        if vectors:
            blank = spacy.blank(corpus.lang)
            train_vectors(blank, docs["train"])  # as the project's command `vectors` does
            blank.to_disk(Path(folder) / "vectors")
            config["paths"]["vectors"] = str(Path(folder) / "vectors")
        nlp = train_pipeline(config, Path(folder), seed)
        took = watch.read()
        # As spaCy's training reads them: tokenized by the pipeline, where the text is known.
        dev, test = (list(DocCorpus(Path(folder) / f"{s}.spacy")(nlp)) for s in ("dev", "test"))
    chosen = {}
    if corpus.task is NER:
        for fitted in calibrate_pipeline(nlp, dev):  # of ours, and not of spaCy's
            for name in ("temperature", "threshold"):
                chosen[name] = round(getattr(fitted.after, name), 4)
    test, speed = predict(nlp, test)
    scores: Scores = {
        **scores_of(corpus.task, {"dev": predict(nlp, dev)[0], "test": test}),
        **took.rounded("train_"),
        "words_per_second": round(speed),
        "megabytes": round(size_of(nlp) / 1e6, 3),
        "curve": [[point["cpu_seconds"], point["score"]] for point in curve.points],
    }
    scores["chosen"] = {**chosen, **scores["chosen"]}
    if attacked:
        [report] = attack_pipeline(nlp, docs["test"], **ATTACKED)
        scores["attacks"] = {o.attack: next(iter(o.scores.values())) for o in report.outcomes}
    return scores


def predict(nlp: Language, examples: Sequence[Example]) -> Tuple[List[Example], float]:
    """nlp (Language): A pipeline.
    examples (Sequence[Example]): Examples whose predicted docs have words alone.
    RETURNS (Tuple[List[Example], float]): The examples with predictions, and words per second.
    """
    docs = [eg.predicted.copy() for eg in examples]
    watch = Watch()
    guesses = list(nlp.pipe(docs))
    speed = sum(map(len, docs)) / watch.read().seconds
    pairs = zip(guesses, examples, strict=True)
    return [Example(guess, eg.reference) for guess, eg in pairs], speed


def size_of(nlp: Language) -> int:
    """nlp (Language): A pipeline.
    RETURNS (int): How many bytes its components take on disk.
    """
    with tempfile.TemporaryDirectory() as folder:
        nlp.to_disk(folder)
        files = (path for name in nlp.pipe_names for path in (Path(folder) / name).rglob("*"))
        return sum(path.stat().st_size for path in files if path.is_file())
