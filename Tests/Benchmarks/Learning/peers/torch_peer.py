"""A peer: PyTorch, one thread. For each model and batch the fastest of several ways to write the same step is found first, untimed."""
import time

import torch
import torch.nn.functional as F
from torch import nn

from asked import Rows, answer, cpu_of, layers, median_us

torch.set_num_threads(1)
models = {}


class GlobalMean(nn.Module):
    def forward(self, x):
        return x.flatten(2).mean(2)


def same(kernel, padding):
    return kernel // 2 if padding == -1 else padding


def network(shape, spec):
    """Modules for a shape (channels, height, width) and layers."""
    parts, channels, height, width = [], *shape
    for name, *n in spec:
        if name == "dense":
            parts += [nn.Flatten()] if parts and height * width > 1 else []
            parts.append(nn.Linear(channels * height * width, n[0]))
            channels, height, width = n[0], 1, 1
        elif name == "conv1d":
            parts.append(nn.Conv1d(channels, n[0], n[1], n[2], same(n[1], n[3])))
            channels, width = n[0], (width + 2 * same(n[1], n[3]) - n[1]) // n[2] + 1
        elif name == "conv2d":
            pad = same(n[1], n[3])
            parts.append(nn.Conv2d(channels, n[0], n[1], n[2], pad))
            channels, height, width = n[0], (height + 2 * pad - n[1]) // n[2] + 1, (width + 2 * pad - n[1]) // n[2] + 1
        elif name == "batchnorm":
            parts.append((nn.BatchNorm2d if height > 1 else nn.BatchNorm1d)(channels, eps=n[0], momentum=n[1]))
        elif name == "maxpool1d":
            parts.append(nn.MaxPool1d(n[0]))
            width //= n[0]
        elif name == "maxpool2d":
            parts.append(nn.MaxPool2d(n[0]))
            height, width = height // n[0], width // n[0]
        elif name == "globalmean":
            parts.append(GlobalMean())
            height, width = 1, 1
        elif name == "relu":
            parts.append(nn.ReLU(inplace=True))
        elif name == "flatten":
            parts.append(nn.Flatten())
            channels, height, width = channels * height * width, 1, 1
        else:
            raise NotImplementedError(f"no layer '{name}'")
    return nn.Sequential(*parts)


def fill(net, values):
    """The values lie layer after layer: weights as [inputs · taps, outputs], then biases."""
    at = 0

    def take(count):
        nonlocal at
        at += count
        return torch.from_numpy(values[at - count:at].copy())

    with torch.no_grad():
        for part in net:
            if isinstance(part, nn.Linear):
                part.weight.copy_(take(part.weight.numel()).reshape(part.in_features, part.out_features).T)
            elif isinstance(part, (nn.Conv1d, nn.Conv2d)):
                filters, *rest = part.weight.shape
                part.weight.copy_(take(part.weight.numel()).reshape(-1, filters).T.reshape(filters, *rest))
            elif isinstance(part, (nn.BatchNorm1d, nn.BatchNorm2d)):
                part.weight.copy_(take(part.weight.numel()))
            else:
                continue
            part.bias.copy_(take(part.bias.numel()))
    assert at == len(values), f"expected {at} values, got {len(values)}"


class Model:
    def __init__(self, data, shape, spec):
        self.data, self.shape, self.spec = data, shape, spec
        lengths = {1: (shape[0],), 2: (shape[0], shape[2]), 3: shape}
        dims = 3 if shape[1] > 1 else 2 if shape[2] > 1 else 1
        self.rows = torch.from_numpy(data.features).reshape(-1, *lengths[dims])
        self.labels = torch.from_numpy(data.labels).long()
        self.best, self.asked = {}, None

    def fresh(self):
        net = network(self.shape, self.spec)
        fill(net, self.data.values)
        return net.train()

    def trainers(self, rate):
        """Ways to take a step: name and a function of rows and labels that gives the loss."""
        def plain(net, rows_last=False):
            optimizer = torch.optim.SGD(net.parameters(), lr=rate)

            def step(x, labels):
                optimizer.zero_grad(set_to_none=True)
                loss = F.cross_entropy(net(x), labels)
                loss.backward()
                optimizer.step()
                return loss
            return step

        def direct(net):
            values = list(net.parameters())

            def step(x, labels):
                loss = F.cross_entropy(net(x), labels)
                changes = torch.autograd.grad(loss, values)
                with torch.no_grad():
                    torch._foreach_add_(values, changes, alpha=-rate)
                return loss
            return step

        yield "module", plain(self.fresh())
        yield "direct", direct(self.fresh())
        yield "script", direct(torch.jit.script(self.fresh()))
        if self.shape[1] > 1:
            yield "rows-last", direct(self.fresh().to(memory_format=torch.channels_last))
        if all(name in ("dense", "relu") for name, *_ in self.spec):
            yield "functional", self.functional(rate)

    def functional(self, rate):
        """No modules, whose calls cost more than a small product."""
        net = self.fresh()
        weights = [(p.weight, p.bias) for p in net if isinstance(p, nn.Linear)]
        values = [v for pair in weights for v in pair]
        (first, bias), rest = weights[0], weights[1:]

        def step(x, labels):
            y = torch._C._nn.linear(x, first, bias)
            for w, b in rest:
                y = torch._C._nn.linear(y.relu_(), w, b)
            loss = torch._C._nn.cross_entropy_loss(y, labels, None, 1, -100, 0.0)
            changes = torch.autograd.grad(loss, values)
            with torch.no_grad():
                torch._foreach_add_(values, changes, alpha=-rate)
            return loss
        return step

    def batches(self, batch):
        return [(self.rows[:batch].contiguous(), self.labels[:batch])]

    def trainer(self, batch):
        if batch not in self.best:
            batches, found = self.batches(batch), []
            for name, step in self.trainers(0.001):
                for i in range(5):          # a script is compiled in its first calls
                    step(*batches[i % len(batches)])
                start, count = time.process_time(), 0
                while time.process_time() - start < 0.1 or count < 3:
                    step(*batches[count % len(batches)])
                    count += 1
                found.append(((time.process_time() - start) / count, name, step))
            _, name, step = min(found, key=lambda f: f[0])
            self.best[batch] = (name, step, batches)
        return self.best[batch]

    def answerers(self):
        net = self.fresh().eval()
        rows = [self.rows[i:i + 1] for i in range(len(self.rows))]

        def module(i):
            return F.softmax(net(rows[i % len(rows)]), 1)

        yield module
        script = torch.jit.optimize_for_inference(torch.jit.script(nn.Sequential(net, nn.Softmax(1)).eval()))
        yield lambda i: script(rows[i % len(rows)])
        trace = torch.jit.freeze(torch.jit.trace(nn.Sequential(net, nn.Softmax(1)).eval(), rows[0]))
        yield lambda i: trace(rows[i % len(rows)])


def load(name, path, shape, spec):
    models[name] = Model(Rows(path), tuple(int(n) for n in shape.split("x")), layers(spec))
    return {"name": name}


def train(name, batch, steps):
    way, step, batches = models[name].trainer(int(batch))

    def work():
        for s in range(int(steps)):
            step(*batches[s % len(batches)])
        return 0

    return cpu_of(work) | {"way": way}


def check(name, batch, steps, rate):
    model, batch, steps = models[name], int(batch), int(steps)
    x, labels = model.rows[:batch].contiguous(), model.labels[:batch]
    losses = {way: sum(float(step(x, labels)) for _ in range(steps)) / steps for way, step in model.trainers(float(rate))}
    worst = max(losses.values(), key=lambda loss: abs(loss - losses["module"]))
    return {"cpu": 0, "wall": 0, "value": worst}


def infer(name, calls):
    model = models[name]
    with torch.inference_mode():
        if model.asked is None:
            ways = list(model.answerers())
            model.asked = min(ways, key=lambda way: (median_us(way, 20), median_us(way, 200))[1])
        return cpu_of(lambda: median_us(model.asked, int(calls)))


answer(f"torch {torch.__version__}", {"load": load, "train": train, "check": check, "infer": infer})
