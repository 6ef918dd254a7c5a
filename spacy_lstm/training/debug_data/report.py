"""All that is looked at in the training data of a pipeline."""

from typing import List

from ...errors import Errors
from ...pipeline.encoder import LSTMEncoder
from ...pipeline.ner import LSTMEntityRecognizer
from ...pipeline.textcat import LSTMTextCategorizer
from ..readers.records import DataError
from .categories import look_at_categories
from .copies import look_at_copies
from .corpora import Corpora
from .entities import look_at_entities
from .findings import Finding, Level, Section, check, listed
from .texts import look_at_sizes
from .vocabulary import look_at_vocabulary

OURS = (LSTMEncoder, LSTMEntityRecognizer, LSTMTextCategorizer)


def debug_data(corpora: Corpora, *, near: float = 0.8) -> List[Section]:
    """Look for what is wrong with the training data of a pipeline that has components of ours.

    corpora (Corpora): The pipeline and its texts.
    near (float): From which share of common words on two texts are near copies; 0 doesn't look
        for them.
    RETURNS (List[Section]): What was found.
    RAISES (DataError): If the pipeline has no component of ours.
    """
    pipes = corpora.nlp.pipeline
    if not any(isinstance(pipe, OURS) for _, pipe in pipes):
        raise DataError(Errors.L741.format(components=", ".join(corpora.nlp.pipe_names) or "none"))
    sections = [
        _look_at_pipeline(corpora),
        look_at_sizes(corpora),
        look_at_copies(corpora, near),
        look_at_vocabulary(corpora),
    ]
    for name, pipe in pipes:
        if isinstance(pipe, LSTMTextCategorizer):
            sections.append(look_at_categories(corpora, name, pipe))
        elif isinstance(pipe, LSTMEntityRecognizer):
            sections.append(look_at_entities(corpora, name, pipe))
    return sections


def _look_at_pipeline(corpora: Corpora) -> Section:
    nlp = corpora.nlp
    parts = [f"{name} ({nlp.get_pipe_meta(name).factory})" for name in nlp.pipe_names]
    text = f"Pipeline ({nlp.lang}): {', '.join(parts)}"
    findings = [
        Finding(Level.info, "pipeline", text),
        check(
            "initialized",
            bool(corpora.unready),
            f"The pipeline can't be initialized with the data: {corpora.unready}",
            "The pipeline can be initialized with the data",
            level=Level.fail,
        ),
    ]
    others = [name for name, pipe in nlp.pipeline if not isinstance(pipe, OURS)]
    if others:
        text = f"Of other components only the texts are looked at here: {listed(others)}"
        advice = "`python -m spacy debug data` looks at spaCy's own."
        findings.append(Finding(Level.info, "others", text, advice))
    return Section("Pipeline", findings)
