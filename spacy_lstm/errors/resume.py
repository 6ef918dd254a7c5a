"""What can be wrong where a training is kept, and goes on after it was stopped."""

from spacy.errors import ErrorsWithCodes


class ResumeErrors(metaclass=ErrorsWithCodes):
    L751 = (
        "{path} has a training that isn't finished: it is kept after step {step}. Go on with it "
        "with `--resume`, or remove it and begin anew with `--overwrite`."
    )
    L752 = (
        "The training in {path} can't go on, because this isn't the same: {differences}. Run the "
        "command that it was begun with, and `--resume`; or begin anew with `--overwrite`."
    )
    L753 = (
        "{path} can't be written: {reason}. What was written before is as it was: the training is "
        "kept {kept}. Make room there, or make the folder writable again, and go on with "
        "`--resume`."
    )
    L754 = (
        "All checkpoints in {path} are damaged ({reasons}), so the training can't go on. Begin "
        "anew with `--overwrite`."
    )
    L755 = (
        "The checkpoint {path} doesn't fit the pipeline of the config: {reason}. Where the code of "
        "a component was changed, go on with the code of before, or begin anew with `--overwrite`."
    )
    L756 = (
        "The texts aren't those of before, or not in the same order: after {n_batches} batches "
        "there were {expected} words, and now there are {got}. The corpus, its reader and the "
        "batcher must give the same each time. Begin anew with `--overwrite`."
    )
    L757 = (
        "This training can't be kept: {n} of the parameters that the optimizer changed aren't in "
        "the `model` of a component of the pipeline ({components}). Use `python -m spacy train`, "
        "which keeps nothing."
    )
    L758 = "{path} can't be read: {reason}. Make it readable, or name another file in the config."
    L759 = "The folder {path} can't be made: {reason}. Give `--output` another one."


class ResumeWarnings(metaclass=ErrorsWithCodes):
    LW751 = "The checkpoint {path} is damaged ({reason}), so the one before it is used."
    LW752 = (
        "The training was begun with {before}, and goes on with {now}: its weights may come out "
        "a little different from those of a training without a stop."
    )
    LW753 = (
        "{path} isn't there any more. It is written anew as soon as an evaluation is at least as "
        "good as the best one before."
    )
