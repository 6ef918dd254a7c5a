"""What can be wrong where training is watched, and its data are looked at."""

from spacy.errors import ErrorsWithCodes


class TrainingErrors(metaclass=ErrorsWithCodes):
    L731 = (
        "The log of the training can't be written to {path}: {reason}. Give `path` in "
        '`[training.logger]` the name of a file in a folder that can be written, "auto" for the '
        "folder of the pipeline, or null for no file."
    )
    # debug-data
    L741 = (
        "The pipeline has no component of spacy-lstm, so there is nothing to look at. Its "
        "components are: {components}. For spaCy's own, use `python -m spacy debug data`."
    )
    L742 = (
        "The texts of `[corpora.{split}]` can't be read: {reason}. Give their path with "
        "`--paths.{split}`, or correct the config."
    )
