"""A peer: dense networks and matrix products in numpy, float32, over the OpenBLAS it is linked with. Nothing is allocated that can be kept."""
import numpy as np

from asked import Rows, answer, cpu_of, layers, median_us

models = {}


class Model:
    def __init__(self, rows, spec):
        self.data, self.next = rows, 0
        if any(name not in ("dense", "relu") for name, *_ in spec):
            raise NotImplementedError("numpy has no convolutions")
        sizes = [rows.features.shape[1], *(outputs for name, *numbers in spec if name == "dense" for outputs in numbers)]
        self.weights, at = [], 0
        for inputs, outputs in zip(sizes, sizes[1:]):
            weight = rows.values[at:at + inputs * outputs].reshape(inputs, outputs).copy()
            at += inputs * outputs
            self.weights.append((weight, rows.values[at:at + outputs].copy()))
            at += outputs
        self.sizes, self.kept = sizes, {}

    def memory(self, rows):
        """Memory for batches of so many rows: outputs, their gradients, and the gradients of the weights."""
        if rows not in self.kept:
            self.kept[rows] = (
                [np.empty((rows, size), np.float32) for size in self.sizes[1:]],
                [np.empty((rows, size), np.float32) for size in self.sizes[1:]],
                [(np.empty_like(w), np.empty_like(b)) for w, b in self.weights],
                np.arange(rows),
            )
        return self.kept[rows]

    def forward(self, x, outputs):
        last = len(self.weights) - 1
        for i, ((weight, bias), y) in enumerate(zip(self.weights, outputs)):
            np.matmul(x, weight, out=y)
            y += bias
            if i < last:
                np.maximum(y, 0, out=y)
            x = y
        x -= x.max(axis=1, keepdims=True)
        np.exp(x, out=x)
        x /= x.sum(axis=1, keepdims=True)
        return x

    def step(self, x, labels, rate, wants_loss=False):
        rows = len(x)
        outputs, gradients, changes, places = self.memory(rows)
        p = self.forward(x, outputs)
        loss = float(-np.log(p[places, labels]).mean()) if wants_loss else 0
        p[places, labels] -= 1
        p *= rate / rows              # the rate goes with the gradients: the changes are then only subtracted
        gradient = p
        for i in range(len(self.weights) - 1, -1, -1):
            (weight, bias), (dw, db) = self.weights[i], changes[i]
            below = outputs[i - 1] if i else x
            np.matmul(below.T, gradient, out=dw)
            np.add.reduce(gradient, axis=0, out=db)
            if i:
                lower = gradients[i - 1]
                np.matmul(gradient, weight.T, out=lower)
                lower *= below > 0
            weight -= dw
            bias -= db
            if i:
                gradient = lower
        return loss


def load(name, path, shape, spec):
    models[name] = Model(Rows(path), layers(spec))
    return {"name": name}


def train(name, batch, steps):
    model, batch = models[name], int(batch)
    data = model.data
    x, labels = data.features[:batch], data.labels[:batch]

    def work():
        for _ in range(int(steps)):
            model.step(x, labels, 0.001)
        return 0

    return cpu_of(work)


def check(name, batch, steps, rate):
    model, batch, steps = models[name], int(batch), int(steps)
    data = model.data
    x, labels = data.features[:batch], data.labels[:batch]
    return cpu_of(lambda: sum(model.step(x, labels, float(rate), True) for _ in range(steps)) / steps)


def infer(name, calls):
    model = models[name]
    outputs = model.memory(1)[0]
    rows = [model.data.features[i:i + 1] for i in range(model.data.rows)]
    return cpu_of(lambda: median_us(lambda i: model.forward(rows[i % len(rows)], outputs), int(calls)))


products = {}


def gemm(m, n, k, transposed, times):
    """[m, k] · [k, n]; transposed: the left side lies as [k, m]."""
    m, n, k, flipped = int(m), int(n), int(k), int(transposed) == 1
    if (m, n, k, flipped) not in products:
        random = np.random.default_rng(1)
        left = random.standard_normal((k, m) if flipped else (m, k)).astype(np.float32)
        products[m, n, k, flipped] = (
            left.T if flipped else left, random.standard_normal((k, n)).astype(np.float32), np.empty((m, n), np.float32))
    left, right, out = products[m, n, k, flipped]

    def work():
        for _ in range(int(times)):
            np.matmul(left, right, out=out)
        return 0

    return cpu_of(work)


answer(f"numpy {np.__version__}", {"load": load, "train": train, "check": check, "infer": infer, "gemm": gemm})
