"""What a pipeline can do."""

from typing import Any, Dict

from spacy.language import Language

from ..explain import gates
from ..explain.choice import is_ours
from ..explain.heads import find_heads
from ..pipeline.ner import LSTMEntityRecognizer

#: What every component can read.
SAMPLE = "A text."


def describe(nlp: Language) -> Dict[str, Any]:
    """nlp (Language): A pipeline.
    RETURNS (Dict[str, Any]): What it is, what each component finds, and what can be asked about it.
    """
    nlp(SAMPLE)
    heads = find_heads(nlp)
    components = []
    for name, pipe in nlp.pipeline:
        meta = nlp.get_pipe_meta(name)
        explained = heads.get(name)
        components.append(
            {
                "name": name,
                "factory": meta.factory,
                "assigns": list(meta.assigns),
                "labels": list(getattr(pipe, "labels", ())),
                "explained": explained is not None,
                "gradients": explained is not None and is_ours(explained),
                "gates": explained is not None and _has_gates(nlp, name),
                "readings": isinstance(pipe, LSTMEntityRecognizer),
            }
        )
    return {
        "name": f"{nlp.meta['lang']}_{nlp.meta['name']}",
        "version": nlp.meta["version"],
        "lang": nlp.lang,
        "direction": nlp.vocab.writing_system.get("direction", "ltr"),
        "description": nlp.meta.get("description", ""),
        "components": components,
    }


def _has_gates(nlp: Language, name: str) -> bool:
    try:
        gates(nlp, SAMPLE, name)
    # Its encoder is no LSTM of ours, or it has none.
    except ValueError:
        return False
    return True
