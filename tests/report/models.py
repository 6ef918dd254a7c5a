"""Small trained pipelines with annotated texts, for reports."""

from spacy.training import Example

from ..explain.pipes import trained
from ..ner_pipelines import ner_examples
from ..pipelines import examples


def data_for(kind):
    """kind (str): A pipeline of `trained`.
    RETURNS (Tuple[Language, List[Example]]): It, and the texts that it learnt from, with a wrong
        annotation of the first one.
    """
    nlp = trained(kind)
    if "ner" in kind or kind == "biluo":
        data = ner_examples(nlp)
        data[0].reference.set_ents([])
    else:
        data = examples(nlp)
        cats = data[0].reference.cats
        data[0].reference.cats = {label: 1.0 - value for label, value in cats.items()}
    return nlp, [Example(nlp.make_doc(eg.reference.text), eg.reference) for eg in data]
