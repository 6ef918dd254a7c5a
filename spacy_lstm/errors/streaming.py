"""What can be wrong with a stream."""

from spacy.errors import ErrorsWithCodes


class StreamingErrors(metaclass=ErrorsWithCodes):
    L951 = (
        "'{name}' can't run on a stream: {reason}. Leave it out: `with nlp.select_pipes(disable="
        "['{name}']): ...` around the loop over the stream."
    )
    L952 = (
        "There is nothing to stream: the pipeline has no lstm_textcat, lstm_textcat_multilabel or "
        "lstm_ner with labels. Its components are: {components}."
    )
    L953 = "A stream is made of texts, that is of `str`, and the chunk number {number} is a {type}."
