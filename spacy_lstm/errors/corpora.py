"""What can be wrong with texts, their annotation, and the settings by which they are read."""

from spacy.errors import ErrorsWithCodes


class CorpusErrors(metaclass=ErrorsWithCodes):
    # corpora and the spaCy project
    L301 = "{path} doesn't exist. Check the path: a relative one starts from {cwd}."
    L302 = (
        "{path} must hold exactly one file or folder for each of train, dev and test, as "
        "train.csv, dev.csv and test.csv. If it should be split at random, give the one file."
    )
    L303 = (
        "{path} holds no texts. Check that it is the file you meant, and that it was written whole."
    )
    L304 = (
        "{where}: the file isn't UTF-8 (byte {byte:#04x}). Save it as UTF-8: editors and "
        'spreadsheets call this the encoding, as in "CSV UTF-8".'
    )
    L305 = (
        "{path} must have the column {column!r} exactly once. Its columns are: {columns}. Name "
        "the one you mean in `{setting}`, and check that the first line holds the names of the "
        "columns."
    )
    L306 = "{where}: there is no text, or only whitespace. Write the text, or remove the line."
    L307 = (
        "{where}: this isn't a JSON object: {reason}. Each line must be one, and end on that line."
    )
    L308 = (
        "{where}: {column!r} is missing or empty. Fill it in, or remove the line; if the field "
        "has another name, give it in `{setting}`."
    )
    L309 = (
        "{where}: {column!r} must be {expected}, and it is {value}. Correct the line, or name "
        "another field in `{setting}`."
    )
    L310 = (
        "{where}: the categories exclude each other, so exactly one of them must be 1 and all "
        "others 0, and they are {cats}. Correct the annotation."
    )
    L311 = (
        "{where}: this isn't a well-formed table: {reason}. A cell that holds a separator, a "
        "quotation mark or a line break must stand in quotation marks, and a mark inside them is "
        'doubled: "".'
    )
    L312 = (
        "{path} has only the label {label!r} in train. Choosing a category takes at least two "
        "labels: check that the labels are read from where you meant."
    )
    L313 = (
        "{path}: the label {label!r} is in {split}, but not in train, so it can't be learned. Add "
        "texts with this label to train, or remove them from {split}."
    )
    L314 = (
        "{path}: the label {label!r} has {n} different texts, and at least {least} are needed, so "
        "that train, dev and test get one each. Add texts, or join the label to another one."
    )
    L315 = (
        "The corpus {name!r} is the project's own, and {path} is your file: give your corpus a "
        "name of its own with `--vars.corpus NAME`."
    )
    L316 = (
        "{name!r} can't be the name of a corpus, because it also names its folders. Use letters, "
        "digits, '-', '_' and '.', begin with a letter or a digit, and don't use 'smoke'."
    )
    L317 = (
        "NLTK refuses to read {path}, because another account could have changed it or it isn't "
        "what it seems: {reason} If you trust it, run: {command}"
    )
    L318 = "{where}: this isn't the XML of a corpus: {reason}. Correct the file."
    L319 = (
        "The file of splits {path} names {key!r} in {label!r}, and the corpus has no such text. "
        "Get the file of splits that belongs to this project."
    )
    L320 = "{path} is missing. Fetch it with: python {script}"
    L321 = (
        "{path} has the md5 {got}, and the project expects {expected}: it is damaged, or another "
        "version. Delete this file and fetch it again with: python {script}"
    )
    L322 = (
        "{url} couldn't be fetched: {reason}. Check the connection; or get the file in another "
        "way, and put it at {path}"
    )
    L323 = "{path} can't be written: {reason}. Make room there, or choose another place."
    L324 = "{path} can't be read: {reason}."
    L325 = (
        "{path} isn't a file of annotated texts in spaCy's binary format: {reason}. Make it anew "
        "with the command 'preprocess'."
    )
    L326 = (
        "The GPU with the number {gpu_id} can't be used: {reason}. Use `--vars.gpu_id -1`, which "
        "is the CPU, or install what spaCy needs for GPUs."
    )
    L327 = (
        "{where}: the text has {n} characters, and a pipeline takes at most {most}. Split it into "
        "several."
    )
    L328 = (
        "{url} gave a file with the md5 {got}, and the project expects {expected}, so it was "
        "thrown away. Try again later; or get the file in another way, and put it at {path}"
    )
    L329 = (
        "{path} isn't a trained pipeline for categories or names: {reason}. Make it with the "
        "command 'train'."
    )
    L330 = (
        "spaCy has no tokenizer for the language {lang!r}: {reason} Give the code of another "
        "language with `--vars.lang`."
    )
    L331 = (
        "{path}: no text of {split} has a label, so there is nothing to learn or to measure. Check "
        "that the labels are read from where you meant."
    )
    L332 = (
        "{where}: a line begins with its label, which is {known}, and this one with {got!r}. Fetch "
        "the file anew."
    )
    # what the checker of the bundled corpus finds
    L341 = "{where}: {what}. A file holds <texts domain=... lang=...>, and one <text> on each line."
    L342 = "{where}: the attribute {name!r} is missing."
    L343 = "{where}: {name!r} can't be {value!r}: it must be {expected}."
    L344 = "{where}: the id {got!r} {reason}. Ids are unique, and ascend in each file."
    L345 = "{where}: the name {name!r} {reason}. Correct the tag <{label}>."
    L346 = "{where}: the text has {what} after {before!r}. Correct it."
    L347 = (
        "{where}: shares {share:.0%} of its words with {other}. Write one of them anew, or remove "
        "it."
    )
    L348 = (
        "{where}: shares {share:.0%} of its words with {other}, which is in {split}: a text that "
        "was learned would be measured. Write one of them anew, or remove it."
    )
    L349 = (
        "{path}: {share:.1%} of its names of people, firms and products are also in train, and at "
        "most {most:.0%} may be. Rename: {names}."
    )
    L350 = (
        "{path}: {label!r} has {share:.0%} of the texts, and {train:.0%} of those of train. Aim "
        "for equal shares."
    )
    L351 = "{where}: {name!r} isn't tagged, but is <{label}> in {other}. Is it one here as well?"
    L352 = "{where}: {name!r} is <{label}>, but <{other_label}> in {other}. Which is right?"
    L353 = "{path} has {n} errors, which are listed above. Correct them."
    # NLTK's corpora in a config
    L361 = (
        "NLTK has no {resource!r}: there is neither {place} nor {place}.zip in any of its folders, "
        "which are {folders}. Nothing is downloaded while a pipeline is trained. Get {package}.zip "
        "from https://www.nltk.org/nltk_data, put it there, or name the folder that holds "
        "{place}.zip in $NLTK_DATA. A corpus can also be given as the path of its folder or "
        "archive, which has a '/' in it, as in assets/{package}.zip (`make assets`)."
    )
    L362 = (
        "NLTK's {name!r} can't be trained on: it is read by {reader}, which has neither categories "
        "nor chunks. Choose a categorized or a chunked corpus, such as movie_reviews or conll2000."
    )
    L363 = (
        "`{setting}` was given for {name!r}, but NLTK itself defines how this corpus is read. "
        "Remove the setting, or give the path of the corpus."
    )
    L364 = (
        '{path}: can\'t tell how this corpus is written: {reason}. Choose `kind = "files"` (a text '
        'in each file), "lines" (a text on each line) or "chunked" (a word and its tag on each '
        "line), name the files of the corpus in `fileids`, and say in `cat_pattern` what in their "
        "names is the category."
    )
    L365 = (
        "{path}: `fileids` is {fileids!r}, and there is no such file. The corpus has {n} files, "
        "among them {some}. Give a list of names, or a regular expression for whole names."
    )
    L366 = (
        "`{setting}` can't be {pattern!r}: {reason}. Give a regular expression for the names of "
        "the files{group}."
    )
    L368 = "{where}: the words and their chunks can't be read: {reason}. Correct the file."
    L369 = "`{name}` must be {options}, and it was {value!r}."
    # formats of annotated texts
    L371 = (
        "{where}: there is a zero byte, so this isn't UTF-8: it may be UTF-16, or no text at all. "
        'Save it as UTF-8: editors and spreadsheets call this the encoding, as in "CSV UTF-8".'
    )
    L372 = (
        "{path} has changed since it was read: no line begins at its byte {offset}. Start again "
        "from its beginning."
    )
    L373 = (
        "{where}: the name {label!r} from {start} to {end} doesn't lie within the text, which has "
        "{n} characters. Offsets count characters (not bytes, and not the halves of an emoji) from "
        "0 on, and the end is the character after the last. Correct the annotation."
    )
    L374 = (
        "{where}: the name {label!r} from {start} to {end} is empty, or only whitespace. Remove it."
    )
    L375 = (
        "{where}: the name {label!r} from {start} to {end} should be {expected!r}, but the text "
        "has {got!r} there: the text was changed after the annotation, or the offsets don't count "
        "characters. Annotate the text anew, or correct the offsets."
    )
    L376 = (
        "{where}: the names {first!r} ({first_label}) and {second!r} ({second_label}) overlap, and "
        "a character can be part of one name only. Remove one of them."
    )
    L377 = (
        "{where}: a name must be an object with `start`, `end` and one label, or a list [start, "
        "end, label], with whole numbers, and it is {value}. Correct the annotation."
    )
    L378 = (
        "{where}: {n} annotations of this text differ, and none of them is marked as the ground "
        "truth. Mark one, or remove the others."
    )
    L379 = (
        "{where}: this answers whether one name is right, so the other names in the text aren't "
        "known. Use an export of texts with all of their names, as the recipe ner.manual makes "
        "them."
    )
    L380 = (
        "{where}: {field!r} must be {expected}, and it is {value}. Correct it, or export the "
        "annotation anew."
    )
    L381 = (
        "{where}: this isn't a JSON array of objects: {reason}. If the file has an object on each "
        "line, let its name end in .jsonl."
    )
    L382 = (
        "{path}: {reason}. A folder of texts has a folder for each category, and in these a .txt "
        "file for each text, and nothing else."
    )
    L383 = (
        "{path}: {reason}. Name the columns in `token_column` and `tag_column`: 0 is the first, "
        "and -1 the last."
    )
    L384 = (
        "{where}: the number of columns is {got}, and {expected}. Correct the line; if it is a "
        "comment, set `comments = true`."
    )
    L385 = (
        "{where}: {value!r} isn't a tag. Tags are O, and B-LABEL or I-LABEL (and L-, U-, or E-, "
        "S-) with the label of the name. Correct it, or name another column in `tag_column`."
    )
    L386 = (
        "{where}: the tag {tag!r} can't stand there: {reason}. In this file, names with several "
        "words begin with B- and end with L- or E-, and those with one have U- or S-. Correct the "
        "tag."
    )
    L387 = (
        "{path} has no line -DOCSTART-, so it can't be cut into documents. Set "
        "`sentences_per_doc` to 1 or more."
    )
    L388 = (
        "{path}: it can't be told in which format this is. Name it in `format`: {formats}; or give "
        "the file the usual ending, as .csv, .tsv, .jsonl, .json or .conll."
    )
    L389 = "Unknown format {format!r}. Choose one of {formats}."
    # statistics of a corpus
    L391 = (
        "The charts can't be drawn: {reason}. Install what they need: "
        "python -m pip install 'matplotlib>=3.9'"
    )
    L392 = (
        "{path} can't be read as a list of stop words: {reason}. Give NLTK's stopwords.zip, or a "
        "folder with a file for each language, as is in it; or use `--stopwords spacy`."
    )
    L393 = (
        "{path} has no stop words for the language {language!r}, only for: {known}. Choose another "
        "list, or use `--stopwords spacy`."
    )
    # word vectors
    L394 = (
        "Word vectors can't be learnt: {reason}. Install what they need: "
        "python -m pip install 'spacy-lstm[vectors]'"
    )
    L395 = "There are no words in the training texts, so word vectors can't be learnt from them."
    # preprocessing
    L401 = (
        "{where}: cleaning leaves nothing of the name {name!r} ({label}). Correct the annotation, "
        "or leave out that step of `clean`."
    )
    L402 = "There is no step of cleaning called {name!r}. Give some of {options}; or none."
    L403 = (
        "{path} has {n} different texts, and at least {least} are needed, so that train, dev and "
        "test get one each. Add texts."
    )
    L404 = (
        "The shares of dev ({dev}) and test ({test}) must be greater than 0, and leave something "
        "for train."
    )
    L405 = "`{name}` can't be {value!r}. Give one of these: {options}."
    L406 = (
        "{path} has {n:,.0f} MB and isn't held in memory, so texts that are almost the same can't "
        "be dropped. Set `duplicates` to keep or report (exact copies stay in one split), or "
        "`stream_above`, which is {most:,.0f} MB, to more."
    )
    # a config and a corpus that don't fit
    L408 = (
        "{config}: `labels` in `[initialize.components.{name}]` has {label!r}, and no text of "
        "train in {corpus} has this category, so it can't be learned. Its categories are: "
        "{labels}. Name some of these in `labels`, or choose another config."
    )
    # names in the project
    L410 = (
        "{path} has no categories, so there are none to learn. Train with the command 'train' or "
        "'train-ner', which learn names; or preprocess a corpus with categories."
    )
    L411 = (
        "{path} has no names in train, so there are none to learn. Train with the command 'train' "
        "or 'train-textcat', which learn categories; or preprocess a corpus with names."
    )
    L412 = (
        "The texts can't be measured: the pipeline gives {heads}, and they aren't annotated with "
        "that. Give the test.spacy of the corpus that the pipeline was trained on."
    )
    L413 = (
        "{path}: names with the label {label!r} are in {split}, but not in train, so they can't be "
        "found. Add texts with such names to train, or remove the label from {split}."
    )
    L007 = "Unknown precision {value!r} of an LSTM. Choose one of: {options}."
