"""A block of a config that makes something else than a layer."""

import pytest
import spacy

from ..ner_pipelines import ner_model
from ..pipelines import TOK2VEC, textcat_model

RATES = {"@schedules": "constant.v1", "rate": 0.1}


def embedded(name, **settings):
    embed = {"@architectures": f"spacy_lstm.{name}.v1", "embed": RATES, **settings}
    return {**TOK2VEC, "embed": embed}


@pytest.mark.parametrize(
    ("factory", "model", "name"),
    [
        ("lstm_textcat", RATES, "The model of 'pipe'"),
        ("lstm_ner", RATES, "The model of 'pipe'"),
        ("lstm_encoder", RATES, "The model of 'pipe'"),
        ("lstm_textcat", textcat_model(RATES), "`tok2vec`"),
        ("lstm_textcat", textcat_model(linear_model=RATES), "`linear_model`"),
        ("lstm_ner", ner_model(RATES), "`tok2vec`"),
        ("lstm_ner", ner_model(linear_model=RATES), "`linear_model`"),
        ("lstm_encoder", embedded("DistinctEmbed"), "`embed`"),
        ("lstm_encoder", embedded("WordDropout"), "`embed`"),
        ("lstm_encoder", embedded("CharEmbed", width=8), "`embed`"),
    ],
)
def test_is_refused(factory, model, name):
    with pytest.raises(ValueError, match=f"L016.*{name}.*a layer.*generator"):
        spacy.blank("en").add_pipe(factory, name="pipe", config={"model": model})
