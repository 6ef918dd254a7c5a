"""Peak memory of one piece of work over what the process had before, in a process of its own.

python benchmarks/speed_memory.py layer '{"name": "ours", "tokens": [1000], "width": 256}'
"""

import json
import os
import subprocess
import sys
from typing import Annotated, Any, Callable, Dict, List

import spacy
import speed_nlp
import speed_peers
import typer
from spacy.tokens import Doc
from spacy.training import Example
from speed_data import bundled_docs, vectors
from speed_machine import peak_over_now

Work = Callable[[], Any]


def layer(name: str, tokens: List[int], width: int, is_train: bool = False) -> Work:
    """name (str): "ours", or a name in `speed_peers.PEERS`.
    tokens (List[int]): The lengths of the batch.
    width (int): The width.
    is_train (bool): A step of training, or inference.
    RETURNS (Work): The layer over the batch. The vectors themselves aren't counted.
    """
    made = speed_peers.ours(width) if name == "ours" else speed_peers.PEERS[name](width)
    small, Xs = vectors([2, 3], width), vectors(tokens, width)

    def work() -> Any:
        return made.train(Xs, Xs) if is_train else made.infer(Xs)

    # What a library only loads at its first call belongs to loading.
    made.train(small, small)
    made.infer(small)
    return work


def document(n: int, width: int) -> Work:
    """n (int): The number of tokens.
    width (int): The width of the embedding and of the BiLSTM.
    RETURNS (Work): Our text categorizer over one document, which isn't counted itself.
    """
    nlp = speed_nlp.initialized(speed_nlp.our_config(embed_width=width, width=width))
    words = [word.text for text in speed_nlp.some_texts() for word in nlp.make_doc(text)]
    doc = Doc(nlp.vocab, words=[words[i % len(words)] for i in range(n)])
    nlp("Loaded at the first call.")
    return lambda: nlp(doc)


def pipeline(head: str, tokens: List[int]) -> Work:
    """head (str): "textcat" or "ner".
    tokens (List[int]): The lengths of the batch.
    RETURNS (Work): The default model of a component over documents, which aren't counted
        themselves.
    """
    nlp = spacy.blank("en")
    pipe: Any = nlp.add_pipe(f"lstm_{head}")
    docs = bundled_docs("dev")
    nlp.initialize(lambda: [Example(nlp.make_doc(doc.text), doc) for doc in docs])
    if head == "ner":  # as few entities as after training: without, they take more than all else
        pipe.model.get_ref("output_layer").get_param("b")[0] = 3.0
    words = [word.text for doc in docs for word in doc]
    batch = [Doc(nlp.vocab, words=[words[i % len(words)] for i in range(n)]) for n in tokens]
    nlp("Loaded at the first call.")
    return lambda: [pipe(batch[0])] if len(batch) == 1 else list(pipe.pipe(batch, batch_size=10**6))


WORK: Dict[str, Callable[..., Work]] = {"layer": layer, "document": document, "pipeline": pipeline}


def peak(kind: str, **settings: Any) -> float:
    """Run a process that measures a peak.

    kind (str): One of the keys of `WORK`.
    settings (Any): Its settings.
    RETURNS (float): MiB.
    """
    command = [sys.executable, __file__, kind, json.dumps(settings)]
    env = {**os.environ, **speed_nlp.threads_env(1)}
    output = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout
    return float(output.splitlines()[-1])


def main(
    kind: Annotated[str, typer.Argument(help="layer, document or pipeline")],
    settings: Annotated[str, typer.Argument(help="Its settings, in JSON.")],
) -> None:
    """Measure the peak memory of one piece of work, in MiB."""
    speed_peers.set_threads(1)
    print(peak_over_now(WORK[kind](**json.loads(settings))))


if __name__ == "__main__":
    typer.run(main)
