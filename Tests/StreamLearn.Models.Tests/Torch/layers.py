"""Second judge of the layers: what torch 1.13.1 makes of the same values. Writes layers.json beside this file.

Run with `/usr/bin/python3 layers.py` where Debian's python3-torch is installed; the tests read the file and need no torch.

A case holds, as float32 in base64: inputs [rows, input], weights as StreamLearn lays them out, outputs in training, gradients of the
outputs, of the inputs, and of the weights (for running statistics: their new values), the weights after three steps of gradient descent
with momentum on those gradients of the outputs, and the outputs in inference with the first weights. A network case holds the losses
(cross-entropy, mean over rows) of three steps of SGD instead.
"""
import base64
import json
import os

import numpy
import torch
from torch import nn
from torch.nn import functional

RATE, MOMENTUM, STEPS = 0.05, 0.9, 3


class Residual(nn.Sequential):
    def forward(self, x):
        return x + super().forward(x)


def neighbors(size, bias=1.0, alpha=1e-4, beta=0.75):
    """Ours: bias + alpha * sum over 2 * size + 1 channels; torch's: k + alpha / n * sum over n channels."""
    width = 2 * size + 1
    return nn.LocalResponseNorm(width, alpha * width, beta, bias)


def depthwise(dimensions, channels, kernel, stride=1, padding=0):
    return (nn.Conv1d if dimensions == 1 else nn.Conv2d)(channels, channels, kernel, stride, padding, groups=channels)


def average(dimensions, *settings):
    return (nn.AvgPool1d if dimensions == 1 else nn.AvgPool2d)(*settings, count_include_pad=False)


def parts(module):
    """Each tensor, and whether it has to be transposed, in StreamLearn's order."""
    for layer in module.modules():
        if isinstance(layer, (nn.Linear, nn.Conv1d, nn.Conv2d)):
            yield layer.weight, not (isinstance(layer, (nn.Conv1d, nn.Conv2d)) and layer.groups > 1)
            yield layer.bias, False
        elif isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            for values in (layer.weight, layer.bias, layer.running_mean, layer.running_var):
                yield values, False
        elif isinstance(layer, (nn.GroupNorm, nn.LayerNorm)):
            yield layer.weight, False
            yield layer.bias, False


def flat(values, transposed):
    values = values.detach().reshape(values.shape[0], -1)
    return (values.t() if transposed else values).reshape(-1).numpy().copy()


def joined(arrays):
    return numpy.concatenate([numpy.zeros(0, numpy.float32), *arrays])


def weights_of(module):
    return joined(flat(values, transposed) for values, transposed in parts(module))


def gradients_of(module):
    return joined(flat(values.grad if values.requires_grad else values, transposed) for values, transposed in parts(module))


def text(values):
    return base64.b64encode(numpy.asarray(values, "<f4").tobytes()).decode()


def is_gain(module, values):
    return any(getattr(layer, "weight", None) is values for layer in module.modules())


def seeded(name, module):
    torch.manual_seed(sum((i + 1) * ord(c) for i, c in enumerate(name)))
    for values, _ in parts(module):
        if values.requires_grad:
            values.data = (1 if values.dim() == 1 and is_gain(module, values) else 0) + 0.4 * torch.randn_like(values)
    for layer in module.modules():
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            layer.running_mean.uniform_(-0.5, 0.5)
            layer.running_var.uniform_(0.5, 1.5)


def layer_case(name, module, *shape, rows=3):
    seeded(name, module)
    inputs = torch.randn(rows, *shape, requires_grad=True)
    case = {"name": name, "rows": rows, "inputs": text(inputs.detach().numpy()), "weights": text(weights_of(module))}
    module.eval()
    case["inferred"] = text(module(inputs).detach().numpy())
    module.train()
    optimizer = torch.optim.SGD([*module.parameters(), nn.Parameter(torch.zeros(1))], lr=RATE, momentum=MOMENTUM)
    for step in range(STEPS):
        optimizer.zero_grad()
        inputs.grad = None
        outputs = module(inputs)
        if step == 0:
            output_gradients = torch.randn_like(outputs)
        outputs.backward(output_gradients)
        if step == 0:
            case["outputs"] = text(outputs.detach().numpy())
            case["outputGradients"] = text(output_gradients.numpy())
            case["inputGradients"] = text(inputs.grad.numpy())
            case["gradients"] = text(gradients_of(module))
        optimizer.step()
    case["after"] = text(weights_of(module))
    return case


def network_case(name, module, *shape, rows=4, classes=3):
    seeded(name, module)
    inputs, labels = torch.randn(rows, *shape), torch.arange(rows) % classes
    case = {"name": name, "rows": rows, "inputs": text(inputs.numpy()), "weights": text(weights_of(module))}
    optimizer = torch.optim.SGD(module.parameters(), lr=RATE, momentum=MOMENTUM)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = functional.cross_entropy(module(inputs), labels)
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
    case["losses"] = text(losses)
    case["after"] = text(weights_of(module))
    module.eval()
    case["inferred"] = text(torch.softmax(module(inputs), 1).detach().numpy())
    return case


LAYERS = [
    ("dense", nn.Linear(7, 5), 7),
    ("dense wide", nn.Linear(5, 33), 5),
    ("conv1d", nn.Conv1d(3, 4, 5, 2, 2), 3, 13),
    ("conv1d plain", nn.Conv1d(2, 3, 3), 2, 9),
    ("conv2d", nn.Conv2d(2, 4, 3, 1, 1), 2, 5, 6),
    ("conv2d stride", nn.Conv2d(3, 3, 5, 2, 2), 3, 7, 6),
    ("depthwise conv1d", depthwise(1, 3, 3, 1, 1), 3, 17),
    ("depthwise conv1d stride", depthwise(1, 2, 4, 3), 2, 13),
    ("depthwise conv2d", depthwise(2, 3, 3, 1, 1), 3, 5, 9),
    ("depthwise conv2d stride", depthwise(2, 2, 3, 2, 1), 2, 7, 6),
    ("max pool 1d", nn.MaxPool1d(2), 2, 19),
    ("max pool 1d stride", nn.MaxPool1d(4, 2, 1), 2, 21),
    ("max pool 2d", nn.MaxPool2d(2), 2, 6, 18),
    ("max pool 2d stride", nn.MaxPool2d(3, 2, 1), 2, 7, 8),
    ("max pool 2d overlap", nn.MaxPool2d(3, 1), 1, 5, 11),
    ("average pool 1d", average(1, 2), 2, 19),
    ("average pool 1d stride", average(1, 4, 2, 2), 2, 20),
    ("average pool 2d", average(2, 2), 2, 4, 17),
    ("average pool 2d stride", average(2, 3, 2, 1), 2, 7, 8),
    ("batch norm", nn.BatchNorm1d(6), 6),
    ("batch norm signal", nn.BatchNorm1d(3, 1e-3, 0.3), 3, 11),
    ("batch norm image", nn.BatchNorm2d(3), 3, 4, 5),
    ("group norm", nn.GroupNorm(2, 4), 4, 7),
    ("group norm image", nn.GroupNorm(3, 6), 6, 3, 4),
    ("layer norm", nn.LayerNorm(9), 9),
    ("layer norm image", nn.LayerNorm((2, 3, 5), 1e-3), 2, 3, 5),
    ("local response norm", neighbors(2, 1, 0.3), 7, 3, 4),
    ("local response norm small", neighbors(4, 1, 0.001 / 9), 8, 3, 3),
    ("local response norm half", neighbors(1, 1.5, 0.2, 0.5), 5, 9),
    ("local response norm power", neighbors(1, 2, 0.4, 0.6), 5, 2, 4),
    ("relu", nn.ReLU(), 3, 13),
    ("leaky relu", nn.LeakyReLU(0.1), 3, 13),
    ("tanh", nn.Tanh(), 3, 13),
    ("sigmoid", nn.Sigmoid(), 3, 13),
    ("flatten", nn.Flatten(), 2, 3, 4),
    ("residual", Residual(nn.Linear(6, 6), nn.Tanh()), 6),
    ("residual image", Residual(nn.Conv2d(3, 3, 3, 1, 1), nn.BatchNorm2d(3), nn.ReLU()), 3, 5, 4),
    ("cell", nn.Sequential(nn.Conv2d(2, 4, 3, 1, 1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2)), 2, 6, 8),
    ("separable", nn.Sequential(depthwise(1, 3, 3, 1, 1), nn.Conv1d(3, 5, 1), nn.LeakyReLU(), average(1, 3)), 3, 12),
    ("nested", nn.Sequential(Residual(Residual(nn.LayerNorm(8), nn.Sigmoid()), nn.Linear(8, 8)), nn.Tanh()), 8),
]

NETWORKS = [
    ("image network", nn.Sequential(
        nn.Conv2d(2, 4, 3, 1, 1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 6, 3, 1, 1), nn.BatchNorm2d(6), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(24, 8), nn.ReLU(), nn.Linear(8, 3)), 2, 8, 8),
    ("norm network", nn.Sequential(
        nn.Conv2d(1, 6, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(2), neighbors(2, 1, 0.01), depthwise(2, 6, 3, 1, 1), nn.GroupNorm(2, 6),
        nn.LeakyReLU(), average(2, 2), nn.Flatten(), nn.LayerNorm(24), nn.Linear(24, 8), nn.Tanh(), nn.Linear(8, 3)), 1, 8, 8),
    ("signal network", nn.Sequential(
        nn.Conv1d(3, 8, 5, 1, 2), nn.BatchNorm1d(8), nn.ReLU(), nn.MaxPool1d(2), Residual(depthwise(1, 8, 3, 1, 1), nn.ReLU()),
        nn.Flatten(), nn.Linear(64, 3)), 3, 16),
]


def main():
    torch.set_num_threads(1)
    cases = {
        "torch": torch.__version__, "rate": RATE, "momentum": MOMENTUM,
        "layers": [layer_case(*case) for case in LAYERS],
        "networks": [network_case(*case) for case in NETWORKS],
    }
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "layers.json"), "w") as file:
        json.dump(cases, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
