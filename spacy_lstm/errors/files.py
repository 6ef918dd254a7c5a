"""What can be wrong with the files of a component."""

from spacy.errors import ErrorsWithCodes


class FileErrors(metaclass=ErrorsWithCodes):
    L801 = (
        "{where} can't be read: {reason}. A component is saved as a folder with the files {files}: "
        "give its path, or save the pipeline again with `nlp.to_disk`. What was left out by "
        "`exclude` when it was saved must be left out when it is loaded."
    )
    L802 = (
        "{where} has {size:,} bytes, and what is read there has at most {most:,}, by the settings "
        "and labels of '{name}'. It is of another model, or not of spacy-lstm at all: copy the "
        "right one again, or take the config.cfg that belongs to it."
    )
    L803 = (
        "{where} isn't what was written: {reason}. It was damaged, changed by hand, or comes from "
        "another model. Copy the folder of the pipeline again, all of it. To change a setting, "
        "load the pipeline, change it there, and save with `nlp.to_disk`."
    )
    L804 = (
        "{where} has the format {got}, written by spacy-lstm {version}, and this is spacy-lstm "
        "{ours}, which reads formats up to {known}. Install the newer one: `pip install "
        '"spacy-lstm>={version}"`.'
    )
    L805 = (
        "{where} isn't a file of spacy-lstm, or is damaged: {reason}. Copy it again from where it "
        "was saved."
    )
    L806 = (
        "{where} doesn't fit '{name}': {what} is {got} in the file, and must be {expected}. The "
        "config.cfg, the labels and the model of a pipeline belong together: copy all of them from "
        "where they were saved, or train the pipeline anew with the changed config."
    )
    L807 = (
        "The weights {param} of the layer '{layer}' in {where} have values that are no numbers "
        "(NaN or infinite): the training went wrong, or the file was changed. Load the pipeline of "
        "an earlier step, or train it anew with a lower learning rate."
    )
    L808 = "{where} holds a '{got}', and '{name}' is a '{expected}'. Give it the folder of its own."
