"""What can be wrong with explanations."""

from spacy.errors import ErrorsWithCodes


class ExplanationWarnings(metaclass=ErrorsWithCodes):
    LW851 = (
        "Attention weights say where '{name}' looks, and not why it decides as it does: other "
        "weights often give the same prediction (Jain & Wallace 2019), and they are the same for "
        'all labels. For an explanation use `method = "integrated_gradients"` or "occlusion".'
    )
    LW852 = (
        "The explanation of '{name}' misses {gap:.3g} of a difference of {difference:.3g} in its "
        "score after {n_steps} steps. Give it more: `max_steps`."
    )


class ExplanationErrors(metaclass=ErrorsWithCodes):
    L851 = (
        "The layer '{layer}' keeps its gradients in a {kind}, and only those of thinc and PyTorch "
        'can be left as they are. Use `method = "occlusion"`, which needs none.'
    )
    L852 = (
        "There is nothing to explain in this pipeline: none of its components has labels and "
        "writes `doc.cats` or `doc.ents`. Its components are: {components}."
    )
    L853 = (
        "Several components come into question: {options}. Choose one, for instance "
        "`component = {first!r}`."
    )
    L854 = "There is no component {name!r} to look at. Choose one of: {options}."
    L855 = "Unknown method {method!r} of explanation. Choose one of: {options}."
    L856 = "The text has no tokens, so there is nothing to explain."
    L857 = "'{name}' has no label {label!r}. Its labels are: {options}."
    L858 = (
        "'{name}' finds no entity {of_label}in the text{found}. To see why not, name one: `span` "
        "with its first token and the one after its last, and `label`."
    )
    L859 = (
        "`span` is number {span} of the entities that '{name}' finds, but there are {n}, counted "
        "from 0."
    )
    L860 = (
        "The span of tokens {start} to {end} has no label in the prediction of '{name}', so "
        "`label` must name the one to explain. The labels are: {options}."
    )
    L861 = (
        "The span of tokens {start} to {end} isn't in the text: it must have a token at least, and "
        "the text has {n_tokens}."
    )
    L862 = "'{name}' writes categories, which have no `span`. Leave it out."
    L863 = (
        "An entity {label!r} of the tokens {start} to {end} is impossible for '{name}': it begins "
        "or ends on whitespace, goes over the beginning of a sentence, or overlaps an entity that "
        "was set before. Choose another `span`."
    )
    L864 = (
        "The layers of '{name}' can't be looked into: {reason}. `explain` with `method = "
        '"occlusion"` does without.'
    )
    L865 = (
        "'{name}' has no attention weights: its pooling must be \"attention\", or contain it. "
        "Choose another method: {options}."
    )
    L866 = (
        "Unknown baseline {baseline!r}. Choose one of {options}, or give a vector of the width "
        "{width}."
    )
    L867 = (
        "'{name}' has no LSTM to look into: its encoder is '{encoder}', and only "
        "spacy_lstm.BiLSTMEncoder.v1 and spacy_lstm.LSTM.v1 can be opened."
    )
    L868 = (
        "This pipeline has no component with an encoder of spacy_lstm. Its components are: "
        "{components}."
    )
    L869 = (
        "`tolerance` must be more than 0, and `max_steps` at least {least}, and they were "
        "{tolerance} and {max_steps}."
    )
    L870 = "This can't be drawn in the style {style!r}. Choose one of: {options}."
    L871 = (
        '`units` must be "mean", "all" or a list of numbers from 0 to {last}, as the LSTM has '
        "{n_units} units in each direction, and it was {units!r}."
    )
    L874 = (
        "A component before '{name}' merges or splits tokens: the text had {before}, and has "
        "{after} then. Remove that component, or move it behind '{name}'."
    )
    # the command
    L872 = (
        "{span!r} is no span. Give the number of an entity among those that are found, from 0, or "
        "the number of its first token and of the one after its last, as 2:4."
    )
    L873 = "{path} must end in .html, .svg or .json, which says what is written."
