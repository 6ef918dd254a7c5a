"""What can be wrong with a report."""

from spacy.errors import ErrorsWithCodes


class ReportErrors(metaclass=ErrorsWithCodes):
    L881 = (
        "The plots of a report can't be drawn: {reason}. Install what draws them: "
        "python -m pip install 'spacy-lstm[project]'"
    )
    L882 = (
        "{name} has no component with labels and a scorer that writes doc.cats or doc.ents, so "
        "there is nothing to report on. Its components are: {components}."
    )
    L883 = (
        "{path} can't be read as the log of a training: {reason}. Give `--log` the file log.jsonl "
        "that spacy_lstm.ProgressLogger.v1 wrote, or leave it out."
    )
    L884 = (
        "{path} must end in {ending}: that is what is written there. Give `{option}` another name."
    )
