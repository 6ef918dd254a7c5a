"""What can go wrong with the numbers of a training step."""

from spacy.errors import ErrorsWithCodes


class StepWarnings(metaclass=ErrorsWithCodes):
    LW671 = (
        "A step of '{name}' was skipped, and its weights are as before: {what}. "
        "Likely cause: {cause}. (Skipped in a row: {n}; training ends where it were more than "
        "`max_skipped_steps`, {limit}.)"
    )


class StepErrors(metaclass=ErrorsWithCodes):
    L671 = (
        "'{name}' can't learn: {what}, and so at {n} steps in a row, which is more "
        "than `max_skipped_steps`. None of them was taken, and the weights are those of the last "
        "good step. Likely cause: {cause}."
    )
    L672 = (
        "`max_skipped_steps` of '{name}' must be an integer of at least 0, and it was {value!r}. "
        "With 0, training ends at the first step whose loss or gradient isn't a finite number."
    )
    L673 = (
        "The learning rate isn't a finite number but {value}, so '{name}' can't take a step. Look "
        "at the schedule in `[training.optimizer.learn_rate]`."
    )
    L674 = (
        "A step with the learning rate {rate} has made '{name}' useless: {param} isn't finite any "
        "more. Lower `[training.optimizer.learn_rate]`, and go on from the pipeline that was saved "
        "before (model-best)."
    )
