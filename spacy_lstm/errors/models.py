"""What can be wrong with layers, models, components, and the commands that look at them."""

from spacy.errors import ErrorsWithCodes


class Warnings(metaclass=ErrorsWithCodes):
    LW01 = (
        "'{head}' listens to the encoder '{upstream}', but the encoder '{other}' runs between "
        "them. Encoders share `doc.tensor`, so '{head}' would read the vectors of '{other}' when "
        "it predicts. Move '{head}' before '{other}', or call "
        '`nlp.replace_listeners("{upstream}", "{head}", ["model.tok2vec"])`.'
    )
    LW02 = (
        "'{head}' listens to any encoder (`upstream = \"*\"`), and the pipeline holds more than "
        "one before it: only the last, '{other}', is trained by it and '{upstream}' is not. Name "
        "the one you mean in the `upstream` setting of the listener."
    )
    LW03 = (
        "`spacy_lstm.NgramLinear.v1` has a weight for each n-gram of the training texts, and was "
        "initialized with those of only {n_texts} texts: others will not be looked at. The "
        "components lstm_textcat and lstm_textcat_multilabel show it all texts; elsewhere call "
        "`spacy_lstm.models.ngram_linear.learn_ngrams(model, docs)` before `model.initialize`, or "
        "use `spacy.TextCatBOW.v3`."
    )
    LW04 = (
        "Many n-grams of this training batch have no weight in `spacy_lstm.NgramLinear.v1`, which "
        "has weights only for those of the texts it was initialized with, and are not looked at. "
        "Give `nlp.initialize` all the training texts; where that can't be, as with a corpus that "
        "is streamed (`max_epochs = -1`), use `spacy.TextCatBOW.v3`."
    )


class ModelErrors(metaclass=ErrorsWithCodes):
    # layers
    L001 = (
        "The width of a bidirectional LSTM is the width of both directions together, so it must be "
        "an even number, and it was {width}. Use {lower} or {upper}, or set `bidirectional = "
        "false`."
    )
    L002 = "{name} must be {kind} of at least {least}, and it was {value!r}."
    L003 = "{name} must be a number of at least 0 and less than 1, and it was {value!r}."
    L004 = (
        "The LSTM was made for vectors of width {expected}, and got width {got}. The layer before "
        "it has changed: build the model anew, or give it the layer it was trained with."
    )
    L005 = (
        "Unknown pooling {pooling!r}. Choose one or several of {options}, for instance "
        '`pooling = ["max", "mean"]`.'
    )
    L006 = (
        "The arrays of one batch must have two dimensions, the same width and the same type. Got "
        "{got}."
    )
    L016 = (
        "{name} must be {kind}, and it is of the type {type}. Name the right function in its block "
        "of the config."
    )
    # variants of the LSTM
    L013 = (
        "Unknown activation {activation!r} of an LSTM. Choose one of {options}; the gates are "
        "sigmoid in any case."
    )
    L014 = (
        'An LSTM can\'t have `activation = "relu"` without a forget gate: nothing would ever be '
        "taken from its cell state, so it could only grow. The cell of 1997 squashes with tanh. "
        'Set `activation = "tanh"`, or `forget_gate = true`.'
    )
    L015 = (
        "{variant} takes the kernel for all variants of the LSTM, which computes in float32 only. "
        'Set `precision` to "float32" or "auto".'
    )
    L017 = (
        "The LSTM was run to predict, which keeps nothing for a backward pass. To get gradients, "
        "run the model with `model.begin_update(X)` or `model(X, is_train=True)`."
    )
    L018 = (
        "An LSTM of one layer has no residual connections: they lead around each layer but the "
        "first. Set `depth` to 2 or more, or `residual = false`."
    )
    # models
    L101 = (
        "The linear model of `spacy_lstm.TextCat.v1` must give raw scores, which are added to "
        "those of the LSTM, but '{name}' ends in {layer}. Set `no_output_layer = true`."
    )
    L102 = (
        "The model of component '{name}' gives {got} scores for a text, but the component has "
        "{expected} labels. Add labels with `add_label` (or `initialize`), never by changing the "
        "model."
    )
    L103 = (
        "The linear model '{name}' has no ref `output_layer` that names the layer with its weights "
        "`W` and biases `b`. Use `spacy.TextCatBOW.v3`, or set the ref with `model.set_ref`."
    )
    L104 = (
        "`spacy_lstm.DistinctEmbed.v1` embeds equal tokens once, so what it is given must embed "
        "each token by its attributes alone, as `spacy.MultiHashEmbed.v2` and "
        "`spacy.CharacterEmbed.v2` do, but '{name}' {reason}. Use it in the `embed` slot without "
        "`spacy_lstm.DistinctEmbed.v1`."
    )
    L105 = (
        "The embedding in `spacy_lstm.DistinctEmbed.v1` asks for `{wanted}`, but it is shown "
        "distinct tokens only, and of these just the attributes that its feature extractor, its "
        "static vectors and its character embedding read: {known}. Use it in the `embed` slot "
        "without `spacy_lstm.DistinctEmbed.v1`."
    )
    L106 = "The encoder of characters {value!r} is unknown. Choose one of: {options}."
    L107 = (
        "`attr` of `{layer}` must be what is known of a word without any component, one of "
        "{options}, and was {attr!r}."
    )
    L108 = (
        "`network_share` must be more than 0 and less than 1, and it was {value}. For the network "
        "alone, set `linear_model = null`."
    )
    L109 = (
        "`spacy_lstm.LogOddsEmbed.v1` has counted no training texts and their labels. Use it in "
        "the `tok2vec` of lstm_textcat or lstm_textcat_multilabel itself, which count them when "
        "they are initialized: an encoder that several components share knows no labels. "
        "Elsewhere call `spacy_lstm.models.log_odds.learn_log_odds` before `model.initialize`."
    )
    L110 = "{name} must be a number greater than 0, and it was {value!r}."
    # text categorizers
    L201 = (
        "'{name}' chooses one of several categories, and found {n} in the training data: {labels}. "
        "Give at least two, or use the factory 'lstm_textcat_multilabel', which may have a single "
        "one."
    )
    L202 = (
        "The category {label!r} has the value {value!r} in the text {text!r}. A value must be a "
        "number from 0 (does not apply) to 1 (applies)."
    )
    L203 = (
        "The categories of '{name}' exclude each other, so their values can't add up to more than "
        "1, but the text {text!r} has {cats}. Correct the annotation, or use the factory "
        "'lstm_textcat_multilabel'."
    )
    L204 = (
        "The categories of '{name}' exclude each other, so one of them must apply, but in the text "
        "{text!r} all of them are given and they add up to {total:.3g}: {cats}. Correct the "
        "annotation, leave out the categories that are not known, or use the factory "
        "'lstm_textcat_multilabel'."
    )
    L205 = (
        "There is nothing to initialize '{name}' with: the training data has no texts. Check the "
        "path in `[corpora.train]`, and that the file holds annotated texts."
    )
    L206 = (
        "'{name}' has no labels: no text of the training data has categories. Check `doc.cats` of "
        "the training data, or give `labels` in `[initialize.components.{name}]`."
    )
    L207 = (
        "`class_weights` of '{name}' names the label {label!r}, which is not one of its labels: "
        "{labels}."
    )
    L208 = (
        "`class_weights` of '{name}' must be \"balanced\", or give each label a number greater "
        "than 0, and it was {value!r}."
    )
    L209 = (
        "'{name}' can't rehearse, because it listens to the shared encoder '{upstream}': the model "
        "to remember would need the old encoder too. Give it an encoder of its own first: "
        '`nlp.replace_listeners("{upstream}", "{name}", ["model.tok2vec"])`.'
    )
    L210 = (
        "The positive label {label!r} of '{name}' is not one of exactly two labels. Its labels are "
        "{labels}."
    )
    L211 = (
        "The model of '{name}' has no way to grow its output (`resize_output`), so a label can't "
        "be added after initialization. Add {label!r} before `nlp.initialize()`, or use the "
        "architecture spacy_lstm.TextCat.v1."
    )
    L212 = "The threshold of '{name}' must be a number from 0 to 1, and it was {value}."
    # the tokenizer
    L213 = (
        "The labels of '{name}' must be a list of strings, and were {labels}. "
        "Correct `labels` in `[initialize.components.{name}]`, or `doc.cats` of the training data."
    )
    L214 = (
        "'{name}' has no weights yet, so it can neither predict nor learn. Call `nlp.initialize` "
        "with training data, or load a trained pipeline."
    )
    L215 = (
        "'{head}' listens to '{upstream}' for vectors of width {got}, but '{upstream}' gives width "
        "{expected}. Set `width = ${{components.{upstream}.model.encode.width}}` in the listener's "
        "block, `[components.{head}.model.tok2vec]`."
    )
    L216 = (
        "'{name}' was given scores of {got} labels, and has {expected} labels: they were predicted "
        "before labels were added. Predict them again."
    )
    L217 = (
        "'{name}' can't rehearse: `nlp.resume_training` was called before it had weights. Call it "
        "again, after `nlp.initialize` or with a trained pipeline."
    )
    L221 = "Unknown kind of tokenizer {kind!r} in `[nlp.tokenizer]`. Choose one of: {options}."
    L222 = (
        "`match_phone_numbers` in `[nlp.tokenizer]` is a setting of the kind 'tweet', and the kind "
        "is {kind!r}. Remove it."
    )
    L223 = "A tokenizer takes a text, that is a str, and got a value of the type {type}."
    L224 = (
        "NLTK's tokenizer {kind!r} gave up on the text between its characters {start} and {end}: "
        "{reason} Remove this part of the text, or choose the kind 'wordpunct', which takes any."
    )
    # the command line
    L501 = (
        "{name} is neither the folder of a pipeline, nor an installed pipeline, nor a config (a "
        "file that ends in .cfg). Check the name: a relative path starts from {cwd}. What is "
        "installed, `python -m spacy info` shows."
    )
    L502 = (
        "{name} can't be loaded: {reason}. Install what the pipeline needs, or correct its config."
    )
    L503 = (
        "{path} isn't the config of a pipeline: it has no section [nlp]. Make one with `python -m "
        "spacy init config`."
    )
    # tags and the CRF
    L601 = "Unknown tag scheme {scheme!r}. Choose one of {options}."
    L602 = (
        "The labels of a tag scheme must be a list of different names, none of them empty, and "
        "were {labels!r}."
    )
    L603 = (
        "A tag scheme can't be changed, so {name!r} can't be set. Make another with "
        "`TagScheme(labels, scheme)`: a label more at the end leaves the numbers of all tags."
    )
    L604 = "There is no tag {tag!r} here. The tags are {options}."
    L605 = (
        "The entity {label!r} from token {start} to token {end} can't be written as tags: it must "
        "have a token at least, lie within the {n_tokens} tokens of the document, and not overlap "
        "another entity."
    )
    L606 = "These tags can't stand in this order in the scheme {scheme}: {tags}."
    L607 = (
        "A CRF over {scheme} has 1 tag for O and {per_label} for each label, and so it can't have "
        "the width {n_tags}. The layer before it must give one score for each tag: use "
        "`len(TagScheme(labels, scheme))` as its width."
    )
    L608 = (
        "The CRF has {expected} tags, and got vectors of width {got}. The layer before it must "
        "give one score for each tag: resize both together (`resize_crf`)."
    )
    L609 = "A CRF can only grow: it has {n_tags} tags, and can't be resized to {wanted}."
    L610 = (
        "{name} has the shape {got}, and must have the shape {expected}: a row for each of the "
        "{n_tokens} tokens of all documents, a column for each of the {n_tags} tags."
    )
    L611 = "The temperature must be a number greater than 0, and it was {value!r}."
    L612 = (
        "The entity number {index} of those to look up, (document {doc}, tokens {start} to {end}, "
        "label number {label}), isn't in the batch: it has {n_docs} documents and {n_labels} "
        "labels, and an entity must lie within its document."
    )
    L613 = (
        "The threshold of candidates must be more than 0 and at most 1, and it was {value!r}: with "
        "0 they would be all spans that there are."
    )
