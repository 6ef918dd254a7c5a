"""Makes the picture on the first page anew: `make docs-pictures`. One encoder with two heads is
trained on the bundled corpus, and reads a sentence that isn't in it."""

from gate_pictures import ASSETS, figure, trained
from spacy.language import Language

from spacy_lstm.explain import explain, render

SENTENCE = (
    "The soup at Quillan's was cold and Marta forgot us twice, "
    "yet I'd go to Leeds again for that bread."
)


def home_picture(nlp: Language) -> str:
    """nlp (Language): A pipeline with an `lstm_ner` called "ner".
    RETURNS (str): The entities of the sentence, and the reasons for the first of them.
    """
    doc = nlp(SENTENCE)
    first = doc.ents[0]
    span = (first.start, first.end)
    reasons = explain(nlp, SENTENCE, component="ner", label=first.label_, span=span)
    words = (
        "Above: the entities that a pipeline finds in a new sentence, and how sure it is of each. "
        f"Below: which words speak for {first.text} as a {first.label_}, and which against."
    )
    return figure(f"{render(doc, 'svg')}\n{render(reasons, 'svg')}", words)


if __name__ == "__main__":
    pipeline = trained("shared.cfg", {"training.max_steps": 400})
    (ASSETS / "home.html").write_text(home_picture(pipeline), encoding="utf8")
