"""Writes optimizers.json: losses with their gradients, optimizer steps and schedules as torch computes them (made with 1.13.1).

python3 optimizers.py > optimizers.json
"""
import json

import torch
from torch.nn import functional
from torch.optim import lr_scheduler

torch.set_num_threads(1)
random = torch.Generator().manual_seed(4)


def normal(*shape):
    return torch.randn(*shape, generator=random)


def plain(tensor):
    return [float(f"{value:.9g}") for value in tensor.detach().reshape(-1).tolist()]


def loss_case(name, scores, function):
    scores = scores.clone().requires_grad_(True)
    loss = function(scores)
    loss.backward()
    return {"name": name, "scores": plain(scores), "loss": float(f"{loss.item():.9g}"), "gradient": plain(scores.grad)}


ROWS, CLASSES = 19, 6
scores, teacher, offsets = 2 * normal(ROWS, CLASSES), 3 * normal(ROWS, CLASSES), normal(CLASSES)
labels = torch.randint(0, CLASSES, (ROWS,), generator=random)
targets, chances, single = normal(ROWS, CLASSES), torch.rand(ROWS, CLASSES, generator=random), 2 * normal(ROWS, 1)
sides = torch.randint(0, 2, (ROWS,), generator=random)


def entropy(s, **more):
    return functional.cross_entropy(s, labels, reduction="sum", **more)


def distilled(s, temperature, share):
    wanted = functional.softmax(teacher / temperature, 1)
    divergence = functional.kl_div(functional.log_softmax(s / temperature, 1), wanted, reduction="sum")
    return (1 - share) * entropy(s) + share * temperature**2 * divergence


losses = [
    loss_case("cross-entropy", scores, entropy),
    loss_case("cross-entropy, smoothing 0.1", scores, lambda s: entropy(s, label_smoothing=0.1)),
    loss_case("cross-entropy, offsets", scores, lambda s: entropy(s + offsets)),
    loss_case("squared error", scores, lambda s: functional.mse_loss(s, targets, reduction="sum") / 2),
    loss_case("Huber 0.7", scores, lambda s: functional.huber_loss(s, targets, reduction="sum", delta=0.7)),
    loss_case("binary", scores, lambda s: functional.binary_cross_entropy_with_logits(s, chances, reduction="sum")),
    loss_case("smooth SVM", single, lambda s: 0.5 * torch.relu(1 - (2 * sides - 1) * s[:, 0]).square().sum()),
    loss_case("distillation 4 0.7", scores, lambda s: distilled(s, 4, 0.7)),
    loss_case("distillation 1.5 1", scores, lambda s: distilled(s, 1.5, 1)),
]

SIZES, STEPS = (35, 6), 5
start = [normal(size) for size in SIZES]
slopes = [[normal(size) * 10.0 ** (step % 3 - 1) for size in SIZES] for step in range(STEPS)]


def steps(name, make, clip=None, schedule=None):
    values = [value.clone().requires_grad_(True) for value in start]
    optimizer = make(values)
    scheduler = schedule(optimizer) if schedule else None
    after = []
    for slope in slopes:
        for value, gradient in zip(values, slope):
            value.grad = gradient.clone()
        if clip:
            torch.nn.utils.clip_grad_norm_(values, clip)
        optimizer.step()
        if scheduler:
            scheduler.step()
        after.append(plain(torch.cat([value.detach() for value in values])))
    return {"name": name, "after": after}


optim = torch.optim
optimizers = [
    steps("SGD", lambda v: optim.SGD(v, lr=0.1)),
    steps("SGD, momentum", lambda v: optim.SGD(v, lr=0.1, momentum=0.9)),
    steps("SGD, Nesterov", lambda v: optim.SGD(v, lr=0.1, momentum=0.8, nesterov=True)),
    steps("SGD, decay", lambda v: optim.SGD(v, lr=0.1, weight_decay=0.2)),
    steps("SGD, Nesterov, decay", lambda v: optim.SGD(v, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.05)),
    steps("SGD, clip", lambda v: optim.SGD(v, lr=0.1, momentum=0.9), clip=0.5),
    steps("SGD, decay, clip", lambda v: optim.SGD(v, lr=0.1, momentum=0.9, weight_decay=0.05), clip=0.5),
    steps("Adam", lambda v: optim.Adam(v, lr=0.01)),
    steps("Adam, clip", lambda v: optim.Adam(v, lr=0.02, betas=(0.8, 0.95), eps=1e-3), clip=0.5),
    steps("AdamW", lambda v: optim.AdamW(v, lr=0.01, weight_decay=0.1)),
    steps("RMSprop", lambda v: optim.RMSprop(v, lr=0.01)),
    steps("RMSprop, clip", lambda v: optim.RMSprop(v, lr=0.01, alpha=0.9, eps=1e-4), clip=0.5),
    steps("AdaGrad", lambda v: optim.Adagrad(v, lr=0.1)),
    steps("SGD, step", lambda v: optim.SGD(v, lr=0.1), schedule=lambda o: lr_scheduler.StepLR(o, 2, 0.5)),
    steps("AdamW, cosine", lambda v: optim.AdamW(v, lr=0.1), schedule=lambda o: lr_scheduler.CosineAnnealingLR(o, 4, 0.01)),
]


def factors(name, schedule, count=12):
    optimizer = optim.SGD([torch.zeros(1, requires_grad=True)], lr=1)
    scheduler, result = schedule(optimizer), []
    for _ in range(count):
        result.append(float(f"{optimizer.param_groups[0]['lr']:.9g}"))
        optimizer.step()
        scheduler.step()
    return {"name": name, "factors": result}


def warm_cosine(optimizer):
    warm, cosine = lr_scheduler.LinearLR(optimizer, 0.25, 1, 3), lr_scheduler.CosineAnnealingLR(optimizer, 8, 0)
    return lr_scheduler.SequentialLR(optimizer, [warm, cosine], [4])


schedules = [
    factors("step", lambda o: lr_scheduler.StepLR(o, 3, 0.5)),
    factors("cosine", lambda o: lr_scheduler.CosineAnnealingLR(o, 11, 0.1)),
    factors("warm-up", lambda o: lr_scheduler.LinearLR(o, 0.2, 1, 4)),
    factors("warm-up, cosine", warm_cosine),
]

print(json.dumps({
    "rows": ROWS, "classes": CLASSES, "teacher": plain(teacher), "offsets": plain(offsets), "labels": labels.tolist(),
    "targets": plain(targets), "chances": plain(chances), "sides": sides.tolist(), "losses": losses,
    "sizes": SIZES, "start": plain(torch.cat(start)), "slopes": [plain(torch.cat(slope)) for slope in slopes],
    "optimizers": optimizers, "schedules": schedules,
}))
