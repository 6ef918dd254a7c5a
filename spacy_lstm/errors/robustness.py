"""What can be wrong with a measurement of robustness."""

from spacy.errors import ErrorsWithCodes


class RobustnessErrors(metaclass=ErrorsWithCodes):
    L701 = (
        "{name} has no component with labels and a scorer that writes doc.cats, doc.ents or "
        "doc.spans, so there is nothing to attack. Its components are: {components}."
    )
    L702 = (
        "{path} has no annotation for {names}, so it can't be told what is right. Give a file with "
        "annotated texts (.spacy) which the pipeline wasn't trained on."
    )
    L703 = "The share of words that an attack touches, {rate}, must be more than 0 and at most 1."
    L704 = "There is no attack {name!r}. Choose of: {options}."
    L705 = "{path} can't be written: {reason}. Give `--output` a file in a folder that is there."
    L706 = (
        "The scorer of '{name}' gives no `{key}`, so attacks can't be compared. Its scores are: "
        "{scores}. Give it spaCy's own scorer: `scorer` in `[components.{name}]`."
    )
    L707 = (
        "The GPU {gpu_id} can't be used: {reason}. Use `--gpu-id -1`, which is the CPU, or install "
        "what spaCy needs for GPUs."
    )
