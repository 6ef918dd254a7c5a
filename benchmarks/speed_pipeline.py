"""Section 2, the pipeline: words a second, latency, loading, size, and where the time goes."""

import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

import spacy
import speed_nlp
from alternate import Spread, alternate, spread_of, times
from cells import markdown
from spacy.language import Language
from spacy.ml.models.tok2vec import MaxoutWindowEncoder, MultiHashEmbed, build_Tok2Vec_model
from spacy.tokens import Doc
from speed_data import texts
from speed_peers import has_precision, without_blis
from thinc.api import Model

from spacy_lstm.models.embed import DistinctEmbed
from spacy_lstm.models.encoder import BiLSTMEncoder

Maker = Callable[[], Language]
BATCH = 256
SHIPPED, FAST, ALONE = (
    "ours, textcat.cfg",
    "ours, textcat.cfg, precision auto",
    "ours, textcat.cfg, BiLSTM alone",
)
BOW = "spaCy -o efficiency: bag of words"
CNN, CNN_FAST = "spaCy's CNN ensemble of width 96", "spaCy's CNN ensemble of width 96, without BLIS"
ACCURATE = "spaCy -o accuracy: CNN ensemble of width 256, no vectors"
TOK2VECS = ("spaCy's CNN", "spaCy's CNN without BLIS")


def our_pipelines() -> Dict[str, Maker]:
    """RETURNS (Dict[str, Maker]): Ours, by name."""
    makers: Dict[str, Maker] = {
        SHIPPED: lambda: speed_nlp.initialized(speed_nlp.our_config()),
        ALONE: lambda: speed_nlp.initialized(speed_nlp.our_config(linear_model=False)),
    }
    if has_precision():
        makers[FAST] = lambda: speed_nlp.initialized(speed_nlp.our_config(fast=True))
    return makers


def stock_pipelines() -> Dict[str, Maker]:
    """RETURNS (Dict[str, Maker]): spaCy's, by name."""

    def ensemble(use_blis: bool = True, **size: int) -> Language:
        config = speed_nlp.stock_config("accuracy", **size)
        return speed_nlp.initialized(config, use_blis=use_blis)

    return {
        BOW: lambda: speed_nlp.initialized(speed_nlp.stock_config("efficiency")),
        CNN: lambda: ensemble(width=96, depth=4),
        CNN_FAST: lambda: ensemble(use_blis=False, width=96, depth=4),
        ACCURATE: ensemble,
        f"{ACCURATE}, without BLIS": lambda: ensemble(use_blis=False),
    }


def measure(full: bool) -> Dict[str, Any]:
    """full (bool): More texts, and each pair more often.
    RETURNS (Dict[str, Any]): All that is measured of pipelines.
    """
    some, source = texts(4000 if full else 800)
    pairs = 9 if full else 3
    ours = {name: make() for name, make in our_pipelines().items()}
    stock = {name: make() for name, make in stock_pipelines().items()}
    if not full:
        ours.pop(ALONE)
        stock = {name: nlp for name, nlp in stock.items() if not name.startswith(ACCURATE)}
    return {
        "source": source,
        "words": _words(ours, stock, some, pairs),
        "latency": _latencies(ours, stock, some[: 400 if full else 100]),
        "loading": _loading(ours, stock, pairs),
        "tok2vec": _tok2vecs(some, pairs),
        "stages": {
            name: _stages(nlp, some, pairs)
            for name, nlp in {**ours, **stock}.items()
            if name in (SHIPPED, FAST, CNN, CNN_FAST)
        },
    }


def _words(ours: Any, stock: Any, some: List[str], pairs: int) -> List[Dict[str, Any]]:
    n_words = sum(len(doc) for doc in map(ours[SHIPPED].make_doc, some))
    rows = []
    for name, nlp in ours.items():
        for peer, other in stock.items():
            print("words/s", name, peer, sep=" | ", file=sys.stderr, flush=True)
            found = alternate(partial(_run, nlp, some), partial(_run, other, some), pairs=pairs)
            rows.append(
                {
                    "ours": name,
                    "peer": peer,
                    "ratio": found.ratio,
                    "words_per_second": n_words / spread_of(found.ours).median,
                    "peer_words_per_second": n_words / spread_of(found.peer).median,
                }
            )
    return rows


def _run(nlp: Language, some: List[str]) -> None:
    for _ in nlp.pipe(some, batch_size=BATCH):
        pass


def _latencies(ours: Any, stock: Any, some: List[str]) -> List[Dict[str, Any]]:
    """Sentence by sentence, all pipelines by turns."""
    everyone = {**ours, **stock}
    taken: Dict[str, List[Tuple[float, float]]] = {name: [] for name in everyone}
    for text in (*some[:10], *some):
        for name, nlp in everyone.items():
            wall, cpu = time.perf_counter(), time.process_time()
            nlp(text)
            used = time.process_time() - cpu
            taken[name].append((used, time.perf_counter() - wall))
    rows = []
    for name, both in taken.items():
        cpus, walls = zip(*both[10:], strict=True)
        rows.append(
            {
                "pipeline": name,
                "cpu_ms": [1000 * quantile(cpus, share) for share in (0.5, 0.95)],
                "wall_ms": [1000 * quantile(walls, share) for share in (0.5, 0.95)],
            }
        )
    return rows


def quantile(values: Any, share: float) -> float:
    """values (Sequence[float]): Measurements, at least two.
    share (float): Of them, in hundredths.
    RETURNS (float): The value that this share of them doesn't exceed.
    """
    return statistics.quantiles(values, n=100, method="inclusive")[round(100 * share) - 1]


def _loading(ours: Any, stock: Any, pairs: int) -> List[Dict[str, Any]]:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for i, (name, nlp) in enumerate({**ours, **stock}.items()):
            paths[name] = Path(folder) / str(i)
            nlp.to_disk(paths[name])
        for name, path in paths.items():
            found = alternate(
                partial(spacy.load, paths[SHIPPED]),
                partial(spacy.load, path),
                pairs=pairs,
            )
            size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
            seconds = spread_of(found.peer).median
            rows.append({"pipeline": name, "seconds": seconds, "mb": size / 1e6})
    return rows


def _tok2vecs(some: List[str], pairs: int) -> List[Dict[str, Any]]:
    """Embedding and encoder of width 96, from docs on."""
    docs = list(map(spacy.blank("en").make_doc, some))
    our = {
        "ours": _our_tok2vec({}),
        "ours, every token embedded": _our_tok2vec({}, distinct=False),
    }
    if has_precision():
        precision = {"precision": "bfloat16"}
        our["ours, bfloat16"] = _our_tok2vec(precision)
    rows = []
    for name, model in our.items():
        for peer in TOK2VECS:
            other = _stock_tok2vec(use_blis=peer == TOK2VECS[0])
            other.initialize(X=docs[:4])
            model.initialize(X=docs[:4])
            found = alternate(
                partial(_predict, model, docs), partial(_predict, other, docs), pairs=pairs
            )
            n_words = sum(len(doc) for doc in docs)
            rows.append(
                {
                    "ours": name,
                    "peer": peer,
                    "ratio": found.ratio,
                    "words_per_second": n_words / spread_of(found.ours).median,
                    "peer_words_per_second": n_words / spread_of(found.peer).median,
                }
            )
    return rows


def _embed() -> Any:
    return MultiHashEmbed(
        width=96,
        attrs=["NORM", "PREFIX", "SUFFIX", "SHAPE"],
        rows=[5000, 1000, 2500, 2500],
        include_static_vectors=False,
    )


def _our_tok2vec(settings: Dict[str, Any], *, distinct: bool = True) -> Model:
    embed = _embed()
    if distinct:
        embed = DistinctEmbed(embed)
    return build_Tok2Vec_model(embed, BiLSTMEncoder(96, **settings))


def _stock_tok2vec(*, use_blis: bool) -> Model:
    encode = MaxoutWindowEncoder(width=96, window_size=1, maxout_pieces=3, depth=4)
    model = build_Tok2Vec_model(_embed(), encode)
    return model if use_blis else without_blis(model)


def _predict(model: Model, docs: List[Doc]) -> None:
    for start in range(0, len(docs), BATCH):
        model.predict(docs[start : start + BATCH])


def _stages(nlp: Language, some: List[str], pairs: int) -> Dict[str, float]:
    """Microseconds a word in each part of a text categorizer."""
    textcat: Any = nlp.get_pipe("textcat")
    shared: Any = nlp.get_pipe("tok2vec") if nlp.has_pipe("tok2vec") else None
    tok2vec = shared.model if shared else textcat.model.get_ref("tok2vec")
    embed, encode = tok2vec.get_ref("embed"), tok2vec.get_ref("encode")
    docs = [nlp.make_doc(text) for text in some]
    batches = [docs[start : start + BATCH] for start in range(0, len(docs), BATCH)]
    embedded = [embed.predict(batch) for batch in batches]
    if shared:
        for batch in batches:
            shared.set_annotations(batch, shared.predict(batch))
    scores = [textcat.predict(batch) for batch in batches]
    linear = textcat.model.maybe_get_ref("linear_model")

    def cost(work: Callable[[], Any]) -> float:
        found = alternate(work, work, pairs=pairs)
        return 1e6 * statistics.median([*found.ours, *found.peer]) / sum(map(len, docs))

    stages = {
        "tokenizer": cost(lambda: [nlp.make_doc(text) for text in some]),
        "embed": cost(lambda: [embed.predict(batch) for batch in batches]),
        "encode": cost(lambda: [encode.predict(Xs) for Xs in embedded]),
    }
    if linear is not None:
        stages["linear model"] = cost(lambda: [linear.predict(batch) for batch in batches])
    whole = cost(lambda: [textcat.predict(batch) for batch in batches])
    inside = stages.get("linear model", 0.0)
    inside += 0.0 if shared else stages["embed"] + stages["encode"]
    stages["head"] = max(whole - inside, 0.0)
    stages["annotation"] = cost(
        lambda: [textcat.set_annotations(*both) for both in zip(batches, scores, strict=True)]
    )
    stages["text → doc, as a whole"] = cost(lambda: _run(nlp, some))
    return stages


def tables(data: Dict[str, Any]) -> str:
    """data (Dict[str, Any]): What was measured.
    RETURNS (str): Tables in Markdown.
    """
    header = ["ours", "peer", "ours is faster", "our words/s", "its words/s"]
    words, tok2vecs = (
        markdown(
            header,
            [
                [
                    row["ours"],
                    row["peer"],
                    times(Spread(*row["ratio"])),
                    f"{row['words_per_second']:,.0f}",
                    f"{row['peer_words_per_second']:,.0f}",
                ]
                for row in data[key]
            ],
        )
        for key in ("words", "tok2vec")
    )
    latency = [
        [row["pipeline"], *(f"{ms:.2f}" for ms in (*row["cpu_ms"], *row["wall_ms"]))]
        for row in data["latency"]
    ]
    loading = [
        [row["pipeline"], f"{1000 * row['seconds']:.0f}", f"{row['mb']:.1f}"]
        for row in data["loading"]
    ]
    names = sorted({name for stages in data["stages"].values() for name in stages}, key=_order)
    stages = [
        [pipeline, *(f"{found[name]:.2f}" if name in found else "in the head" for name in names)]
        for pipeline, found in data["stages"].items()
    ]
    return "\n\n".join(
        [
            f"From text to annotated `Doc`, {data['source']}, batches of {BATCH}:",
            words,
            "Embedding and encoder of width 96, from `Doc` on:",
            tok2vecs,
            "`nlp(text)` for one sentence, milliseconds:",
            markdown(["pipeline", "p50 CPU", "p95 CPU", "p50 wall", "p95 wall"], latency),
            "Loading (`spacy.load`, packages imported) and size on disk:",
            markdown(["pipeline", "ms", "MB"], loading),
            "Where the time goes, microseconds a word:",
            markdown(["pipeline", *names], stages),
        ]
    )


def _order(stage: str) -> int:
    order = ("tokenizer", "embed", "encode", "linear model", "head", "annotation")
    return order.index(stage) if stage in order else len(order)
