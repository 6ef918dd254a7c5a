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
    L658 = (
        "`{name}` of an optimizer must be {options}, or a list of such numbers, or one of the "
        "`@schedules`, and it was {value!r}."
    )
    # adversarial training
    L661 = (
        "A seam at the layer '{layer}' saw sequences of the lengths {expected} first, and then of "
        "{got}. Inside its block, run the model on one batch only, and the layer once a pass."
    )
    L662 = (
        "`adversarial` of '{name}' must have `epsilon` and `method` and nothing else, and it was "
        '{value}. Write for instance `epsilon = 1.0` and `method = "{method}"` in '
        "`[components.{name}.adversarial]`, or `adversarial = null` for none."
    )
    L663 = (
        "`epsilon` in `adversarial` of '{name}' must be a number greater than 0, and it was "
        "{value!r}. For no adversarial training, set `adversarial = null`."
    )
    L664 = "Unknown `method` {value!r} in `adversarial` of '{name}'. Choose one of {options}."
    L665 = (
        "'{name}' can't perturb embeddings: its layer '{layer}' has no refs `embed` and `encode`, "
        "as that of spacy.Tok2Vec.v2 has. A head that listens to a shared encoder sees only what "
        'that gives. Set `method = "encoding"` in `[components.{name}.adversarial]`, which '
        "perturbs just that, or give '{name}' an encoder of its own."
    )
    L666 = (
        "'{name}' can't be trained adversarially: its model '{model}' has no ref `tok2vec` to the "
        "layer that is perturbed. Use spacy_lstm.TextCat.v1 or spacy_lstm.CRFTagger.v2, set the "
        "ref with `model.set_ref`, or write `adversarial = null`."
    )
    L667 = (
        "'{name}' can't be trained adversarially: no gradient came back to its layer '{layer}', so "
        "nothing could be perturbed. Let the ref `tok2vec` of the model, or `embed` of that, name "
        "the layer that gives the tokens' vectors."
    )
