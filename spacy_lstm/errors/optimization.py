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
