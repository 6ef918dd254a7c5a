"""Makes the picture on the first page anew: `make docs-pictures`. One encoder with two heads is
trained on the bundled corpus, and reads a sentence that isn't in it."""

from gate_pictures import ASSETS, figure, trained

from spacy_lstm.explain import explain, render

SENTENCE = (
    "The soup at Quillan's was cold and Marta forgot us twice, "
    "yet I'd go to Leeds again for that bread."
)

if __name__ == "__main__":
    nlp = trained("shared.cfg", {"training.max_steps": 400})
    doc = nlp(SENTENCE)
    reasons = explain(nlp, SENTENCE, component="textcat")
    picture = f"{render(doc, 'svg')}\n{render(reasons, 'svg')}"
    words = (
        "Above: the entities that a pipeline finds in a new sentence, and how sure it is of each. "
        f"Below: which words speak for its category, {reasons.label}, and which against."
    )
    (ASSETS / "home.html").write_text(figure(picture, words), encoding="utf8")
