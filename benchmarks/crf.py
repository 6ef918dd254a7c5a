"""What the passes of the CRF cost, in microseconds a token, beside two implementations in log
space: one in numpy, and one in torch with padding and autograd, as most CRF packages have it.

    python benchmarks/crf.py

One thread, CPU time, the fastest of runs in turn with each other (a busy machine only ever slows
down). Lengths are those of sentences in newswire (log-normal), and scores are random. With
`--document 100000`, it is a single long document.
"""

import argparse
import time
from typing import Any, Callable, Dict, List

import numpy
import torch

from spacy_lstm.layers.crf_losses import crf_loss
from spacy_lstm.layers.crf_posterior import log_partition, posterior
from spacy_lstm.layers.crf_span_loss import span_loss
from spacy_lstm.layers.crf_types import ChainScores
from spacy_lstm.layers.crf_viterbi import best_path, k_best
from spacy_lstm.layers.tag_scheme import TagScheme


def make_scores(lengths: numpy.ndarray, tags: TagScheme, size: float) -> ChainScores:
    """Random scores of a batch, `size` their standard deviation."""
    rng = numpy.random.default_rng(0)
    n_tags = len(tags)
    shapes = ((int(lengths.sum()), n_tags), (n_tags, n_tags), (n_tags,), (n_tags,))
    arrays: List[Any] = [(rng.normal(size=shape) * size).astype("float32") for shape in shapes]
    emissions, transitions, start, end = arrays
    return ChainScores(emissions, lengths, transitions, start, end, tags.scheme)


def newswire_lengths(n_docs: int) -> numpy.ndarray:
    """Sentence lengths with a median of 20 tokens and a long tail."""
    rng = numpy.random.default_rng(1)
    return numpy.clip(rng.lognormal(3.0, 0.6, n_docs).astype(int), 1, 120)


class TorchCRF:
    """A CRF in log space over a padded batch, whose gradients autograd finds: the way of
    pytorch-crf. What the scheme forbids has a score of -10000."""

    def __init__(self, scores: Any, gold: numpy.ndarray) -> None:
        rules = scores.legal
        self.T = torch.tensor(numpy.where(rules.transitions, scores.transitions, -1e4))
        self.start = torch.tensor(numpy.where(rules.starts, scores.start, -1e4))
        self.end = torch.tensor(numpy.where(rules.ends, scores.end, -1e4))
        docs = numpy.split(scores.emissions, numpy.cumsum(scores.lengths)[:-1])
        golds = numpy.split(gold, numpy.cumsum(scores.lengths)[:-1])
        pad = torch.nn.utils.rnn.pad_sequence
        self.E = pad([torch.tensor(doc) for doc in docs])
        self.gold = pad([torch.tensor(doc) for doc in golds])
        self.mask = pad([torch.ones(len(doc), dtype=torch.bool) for doc in docs])
        for name in ("T", "start", "end", "E"):
            setattr(self, name, getattr(self, name).float().requires_grad_())

    def partition(self) -> torch.Tensor:
        state = self.start + self.E[0]
        for E, mask in zip(self.E[1:], self.mask[1:], strict=True):
            new = torch.logsumexp(state[:, :, None] + self.T, dim=1) + E
            state = torch.where(mask[:, None], new, state)
        return torch.logsumexp(state + self.end, dim=1)

    def path_score(self) -> torch.Tensor:
        E = self.E.gather(2, self.gold[:, :, None])[:, :, 0] * self.mask
        steps = self.T[self.gold[:-1], self.gold[1:]] * self.mask[1:]
        last = self.gold.gather(0, (self.mask.sum(0) - 1)[None])[0]
        return E.sum(0) + steps.sum(0) + self.start[self.gold[0]] + self.end[last]

    def loss(self) -> float:
        loss = (self.partition() - self.path_score()).sum()
        loss.backward()
        return loss.item()

    @torch.no_grad()
    def viterbi(self) -> List[List[int]]:
        state = self.start + self.E[0]
        history = []
        for E, mask in zip(self.E[1:], self.mask[1:], strict=True):
            new, before = (state[:, :, None] + self.T).max(dim=1)
            state = torch.where(mask[:, None], new + E, state)
            history.append(before)
        lengths = self.mask.sum(0).tolist()
        paths = []
        for doc, final in enumerate((state + self.end).argmax(1).tolist()):
            path = [final]
            for before in reversed(history[: lengths[doc] - 1]):
                path.append(int(before[doc][path[-1]]))
            paths.append(path[::-1])
        return paths


def log_forward_backward(scores: Any) -> numpy.ndarray:
    """Marginals by a forward and a backward pass in log space, in float32, over a padded batch."""
    rules = scores.legal
    T = numpy.where(rules.transitions, scores.transitions, -1e4).astype("float32")
    start = numpy.where(rules.starts, scores.start, -1e4).astype("float32")
    end = numpy.where(rules.ends, scores.end, -1e4).astype("float32")
    order = numpy.argsort(-scores.lengths, kind="stable")
    lengths, offsets = scores.lengths[order], scores.offsets[order]
    E = numpy.zeros((lengths[0], len(lengths), scores.n_tags), dtype="float32")
    for doc, (offset, length) in enumerate(zip(offsets, lengths, strict=True)):
        E[:length, doc] = scores.emissions[offset : offset + length]
    active = [int((lengths > step).sum()) for step in range(len(E))]
    alpha, beta = numpy.empty_like(E), numpy.empty_like(E)
    alpha[0] = start + E[0]
    for step in range(1, len(E)):
        n = active[step]
        alpha[step, :n] = _log_sum(alpha[step - 1, :n, :, None] + T, 1) + E[step, :n]
    beta[:] = end
    for step in range(len(E) - 2, -1, -1):
        n = active[step + 1]
        after = beta[step + 1, :n] + E[step + 1, :n]
        beta[step, :n] = _log_sum(T + after[:, None], 2)
    partition = _log_sum(alpha[lengths - 1, numpy.arange(len(lengths))] + end, 1)
    marginals = numpy.empty_like(scores.emissions)
    for doc, (offset, length) in enumerate(zip(offsets, lengths, strict=True)):
        both = alpha[:length, doc] + beta[:length, doc] - partition[doc]
        marginals[offset : offset + length] = numpy.exp(both)
    return marginals


def _log_sum(scores: numpy.ndarray, axis: int) -> numpy.ndarray:
    highest = scores.max(axis=axis, keepdims=True)
    return numpy.log(numpy.exp(scores - highest).sum(axis=axis)) + highest.squeeze(axis)


def measure(functions: Dict[str, Callable[[], Any]], repeats: int) -> Dict[str, float]:
    """Seconds of CPU time, the fastest of runs in turn."""
    times: Dict[str, List[float]] = {name: [] for name in functions}
    for repeat in range(repeats + 1):
        for name, function in functions.items():
            start = time.process_time()
            function()
            if repeat:
                times[name].append(time.process_time() - start)
    return {name: min(values) for name, values in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--labels", type=int, default=9)
    parser.add_argument("--scheme", default="BILUO")
    parser.add_argument("--docs", type=int, default=256)
    parser.add_argument("--size", type=float, default=3.0, help="standard deviation of the scores")
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--document", type=int, default=0, help="tokens of one long document")
    parser.add_argument("--ours-only", action="store_true", help="leave the others out")
    args = parser.parse_args()
    torch.set_num_threads(1)
    tags = TagScheme([f"L{i}" for i in range(args.labels)], args.scheme)
    lengths = newswire_lengths(args.docs)
    if args.document:
        lengths = numpy.array([args.document])
    scores = make_scores(lengths, tags, args.size)
    gold: Any = best_path(scores)
    allowed = numpy.zeros(scores.emissions.shape, dtype=bool)
    allowed[numpy.arange(len(gold)), gold] = True
    partial = allowed.copy()
    partial[::4] = True
    found = posterior(scores)
    spans, _ = found.candidates(0.05)
    functions: Dict[str, Callable[[], Any]] = {
        "log partition": lambda: log_partition(scores),
        "forward, backward, marginals": lambda: posterior(scores).marginals,
        "Viterbi": lambda: best_path(scores),
        "candidates from 0.05": lambda: found.candidates(0.05),
        "span marginals of these": lambda: found.span_marginals(spans),
        "loss, gradients: known": lambda: crf_loss(scores, allowed),
        "loss, gradients: partly known": lambda: crf_loss(scores, partial),
        "loss of absent spans": lambda: span_loss(scores, spans[::10]),
        "5 best": lambda: k_best(scores, 5),
    }
    if not args.ours_only:
        peer = TorchCRF(scores, gold.astype("int64"))
        marginals: Any = posterior(scores).marginals
        difference = float(numpy.abs(log_forward_backward(scores) - marginals).max())
        losses: Any = crf_loss(scores, allowed)[0]
        print(
            f"largest difference of a marginal {difference:.1e}; "
            f"loss {losses.sum():.1f}, {peer.loss():.1f}"
        )
        assert peer.viterbi() == [
            path.tolist() for path in numpy.split(gold, numpy.cumsum(lengths)[:-1])
        ]
        functions.update(
            {
                "numpy, log space: forward, backward": lambda: log_forward_backward(scores),
                "torch, log space: Viterbi": peer.viterbi,
                "torch, log space: loss, gradients": peer.loss,
            }
        )
    n_tokens = int(lengths.sum())
    print(f"{len(tags)} tags, {len(lengths)} documents, {n_tokens} tokens, one thread")
    for name, seconds in measure(functions, args.repeats).items():
        print(f"{name:36} {seconds / n_tokens * 1e6:8.3f} µs a token")
    print(f"(candidates: {len(spans) / n_tokens:.2f} a token)")


if __name__ == "__main__":
    main()
