"""What can be wrong where training is watched."""

from spacy.errors import ErrorsWithCodes


class TrainingErrors(metaclass=ErrorsWithCodes):
    L731 = (
        "The log of the training can't be written to {path}: {reason}. Give `path` in "
        '`[training.logger]` the name of a file in a folder that can be written, "auto" for the '
        "folder of the pipeline, or null for no file."
    )
