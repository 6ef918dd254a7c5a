"""What can be wrong with the settings of the optimization."""

from spacy.errors import ErrorsWithCodes


class OptimizationErrors(metaclass=ErrorsWithCodes):
    L651 = (
        "`max_grad_norm` of '{name}' must be a number greater than 0, and it was {value}. Leave "
        "gradients as they are with `max_grad_norm = null`."
    )
    L652 = (
        "The global norm of the gradients can't be computed: the layer '{layer}' keeps them in a "
        "{kind}, and only those of thinc and PyTorch can be read. Set `max_grad_norm = null`, or "
        "use another layer."
    )
    L653 = "`{name}` of a schedule must be a number of at least 0, and it was {value}."
    L654 = (
        "The schedule after a warm-up has no values. Give `schedule` a list of rates, or another "
        "of the `@schedules`."
    )
    L655 = (
        "`final_rate` of a schedule, {final}, must not be greater than its `base_rate`, {base}: "
        "after the warm-up the rate only falls. Exchange them, or lower `final_rate`."
    )
    L656 = "`{name}` of a batcher is a list or schedule without values. Give it one at least."
    L657 = (
        "`averages_decay` of an optimizer must be at least 0 and less than 1, and it was {value}. "
        "thinc's own averages have 0.9999; for none, set `use_averages = false`."
    )
