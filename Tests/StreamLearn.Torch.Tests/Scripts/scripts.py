"""Makes the TorchScript files of the tests with Debian's python3-torch (1.13): /usr/bin/python3 scripts.py"""
import torch
from torch import nn


class Lstm(nn.Module):
    """Trains, answers and is saved: an LSTM with a batch norm and a dropout."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 6, batch_first=True)
        self.norm = nn.BatchNorm1d(6)
        self.drop = nn.Dropout(0.3)
        self.head = nn.Linear(6, 4)

    def forward(self, x):
        y, _ = self.lstm(x.transpose(1, 2))
        return self.head(self.drop(self.norm(y[:, -1])))


class Counting(nn.Module):
    """Refused: it keeps a mean from call to call."""

    def __init__(self):
        super().__init__()
        self.head = nn.Linear(48, 4)
        self.seen = torch.zeros(4)

    def forward(self, x):
        y = self.head(x.flatten(1))
        self.seen = self.seen + y.detach().mean(0)
        return y - self.seen


class Noisy(nn.Module):
    """Refused: it draws random numbers of its own."""

    def __init__(self):
        super().__init__()
        self.head = nn.Linear(48, 4)

    def forward(self, x):
        return self.head(x.flatten(1) + torch.randn_like(x.flatten(1)))


class Dropping(nn.Module):
    """Refused: it drops values when it answers, too."""

    def __init__(self):
        super().__init__()
        self.head = nn.Linear(48, 4)

    def forward(self, x):
        return self.head(nn.functional.dropout(x.flatten(1), 0.5, True))


torch.manual_seed(1)
lstm = torch.jit.script(Lstm())
lstm.save("lstm.pt")
torch.jit.script(Counting()).save("counting.pt")
torch.jit.script(Noisy()).save("noisy.pt")
torch.jit.script(Dropping()).save("dropping.pt")
lstm.eval()
rows = torch.tensor([[[((r * 48 + c * 16 + s) % 17 - 8) / 8 for s in range(16)] for c in range(3)] for r in range(3)])
print("logits of lstm.pt:", lstm(rows).detach().flatten().tolist())
