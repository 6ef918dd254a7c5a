"""What can be wrong where a config is made: `spacy lstm init-config`."""

from spacy.errors import ErrorsWithCodes


class RecipeWarnings(metaclass=ErrorsWithCodes):
    LW681 = (
        "There is no installed pipeline and no folder {name!r} here. The config is made all the "
        "same: before training, install these word vectors, or correct `vectors` in `[paths]`."
    )


class RecipeErrors(metaclass=ErrorsWithCodes):
    L681 = "`--lang` can't be {lang!r}. Give the code of one of spaCy's languages: {known}."
    L682 = (
        "The language {lang!r} can't be used: {reason}. Install what its tokenizer needs, or give "
        "another with `--lang`."
    )
    L683 = (
        "`--pipeline` has the component {name!r}, which is unknown. spacy-lstm has: {ours}. "
        "Others that are installed: {others}."
    )
    L684 = "`--pipeline` has the component {name!r} more than once. Name each one once."
    L685 = (
        "`--pipeline` has no component that needs an LSTM: {names}. Name one at least of spacy-"
        "lstm's own ({ours}), or one of spaCy's that reads the vectors of words, as tagger; or use "
        "`spacy init config`."
    )
    L686 = "{path} is there already. Give another name, or `--force` to overwrite it."
    L687 = (
        "The config can't be written to {path}: {reason}. Give the name of a file, or - to print "
        "it."
    )
    L688 = (
        "spaCy can't make a pipeline of these components: {names}. It says: {reason}. Leave out "
        "the one that this is about, and add it to the config by hand."
    )
