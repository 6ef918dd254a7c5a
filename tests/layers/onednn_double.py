"""A stand-in for oneDNN's operators, which know no float64: so gradients can be checked numerically
through everything around them."""

import torch


def install(monkeypatch):
    """Let the stand-in do what is float64, and oneDNN the rest."""
    layer = torch.ops.aten.mkldnn_rnn_layer
    backward = torch.ops.aten.mkldnn_rnn_layer_backward
    reorder = torch.ops.mkldnn._reorder_mkldnn_rnn_layer_weight

    def choose(real, double):
        return lambda X, *args: (double if X.dtype == torch.float64 else real)(X, *args)

    monkeypatch.setattr(torch.ops.aten, "mkldnn_rnn_layer", choose(layer, run))
    monkeypatch.setattr(torch.ops.aten, "mkldnn_rnn_layer_backward", choose(backward, run_back))
    monkeypatch.setattr(
        torch.ops.mkldnn,
        "_reorder_mkldnn_rnn_layer_weight",
        choose(reorder, lambda W, R, *args: [W, R]),
    )


def run(X, W, R, b, zero, hidden, cell, from_end, *settings):
    inputs = [x.detach().requires_grad_() for x in (X, W, R, b, hidden, cell)]
    x, w, r, bias, h, c = inputs
    if from_end:
        x = x.flip(0)
    args = ([w, r, bias, zero], True, 1, 0.0, torch.is_grad_enabled(), False, False)
    out, h, c = torch.lstm(x, (h[None], c[None]), *args)
    results = (out.flip(0) if from_end else out, h[0], c[0])
    return (*(result.detach() for result in results), (inputs, results))


def run_back(X, W, R, b, zero, hidden, cell, out, h, c, d_out, d_h, d_c, *settings):
    inputs, results = settings[-1]
    gradients = [
        torch.zeros_like(result) if gradient is None else gradient
        for result, gradient in zip(results, (d_out, d_h, d_c), strict=True)
    ]
    dX, dW, dR, db, d_hidden, d_cell = torch.autograd.grad(
        results, inputs, gradients, retain_graph=True
    )
    return dX, dW, dR, db, db, d_hidden, d_cell
