"""What can be wrong with named entities: their annotation, and the settings of `lstm_ner`."""

from spacy.errors import ErrorsWithCodes


class NERWarnings(metaclass=ErrorsWithCodes):
    LW621 = (
        "{n} of {total} entities in a batch for '{name}' begin or end within a token, or go over "
        "the end of a sentence where `reset` is set. Nothing is learnt from their tokens. Correct "
        "their offsets, or let the tokenizer split there. (This is said once.)"
    )


class NERErrors(metaclass=ErrorsWithCodes):
    L621 = (
        "'{name}' has no labels: no text of the training data has entities, or none has enough of "
        "them for `min_label_count`. Check `doc.ents` of the training data, or give `labels` in "
        "`[initialize.components.{name}]`."
    )
    L622 = (
        "The model '{model}' of '{name}' isn't one that gives the scores of tags. Use the "
        "architecture spacy_lstm.CRFTagger.v2 in `[components.{name}.model]`."
    )
    L623 = (
        "'{name}' doesn't have the label {label!r}, which {text!r} has in the training data. Its "
        "labels are: {labels}. Add it with `add_label`, or to `labels` in "
        "`[initialize.components.{name}]`; or correct the annotation."
    )
    L624 = "`{setting}` of '{name}' must be {options}, and it was {value!r}."
    L625 = (
        "'{name}' can't drop entities that are less probable than its threshold, {value}, because "
        '`mode = "viterbi"` computes no probabilities. Set `mode = "marginals"`, or the threshold '
        "to 0: in the config, or in `cfg` of the component, where `spacy lstm calibrate` writes it."
    )
    L626 = (
        "'{name}' can't have `reset = \"sentence\"`, because it listens to the shared encoder "
        "'{upstream}', which reads whole documents. Remove `reset`: no entity goes over the "
        "beginning of a sentence in any case. Or give '{name}' an encoder of its own."
    )
    L627 = (
        "`candidate_threshold` of '{name}' must be more than 0 and at most 1, and it was {value}."
    )
    L628 = (
        "'{name}' can't note candidates (`candidates = true`) without probabilities, or without a "
        'place for them. Set `mode = "marginals"`, and `spans_key` to a name.'
    )
    L629 = (
        "The model of '{name}' gives scores for {got} tags, but the component's labels have "
        "{expected}. Add labels with `add_label` (or `initialize`), never by changing the model."
    )
    L635 = (
        "The `linear_model` of spacy_lstm.CRFTagger.v2 must be spacy_lstm.WordFeatures.v1, and it "
        "is '{model}'. Write `linear_model = null` for none."
    )
    # calibration
    L631 = (
        "{name} has no component lstm_ner, so there is nothing to calibrate. Its components are: "
        "{components}."
    )
    L632 = (
        "'{name}' can't be calibrated: {path} has no text of which the entities are known. Give a "
        "file with annotated texts (`doc.ents`), which the pipeline wasn't trained on."
    )
    L633 = (
        "{name} is an installed pipeline, which isn't changed in its place. Say where the "
        "calibrated one is to be written: `--output FOLDER`."
    )
    L634 = "{path} can't be read as annotated texts (.spacy): {reason}. Check the path."
