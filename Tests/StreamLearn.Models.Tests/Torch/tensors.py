"""Writes plain safetensors files of a torch model, and what torch answers with their values: python3 tensors.py (torch 1.13)."""
import json
import struct

import torch
from torch import nn

torch.manual_seed(23)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv1d(3, 6, 5, padding=2, bias=False)
        self.bn = nn.BatchNorm1d(6)
        self.conv2 = nn.Conv1d(6, 6, 3)
        self.conv3 = nn.Conv1d(6, 6, 3)
        self.deep = nn.Conv1d(6, 6, 3, groups=6)
        self.norm = nn.LayerNorm([6, 2])
        self.fc = nn.Linear(12, 4)

    def forward(self, x):
        x = torch.max_pool1d(torch.relu(self.bn(self.conv1(x))), 2)
        x = torch.relu(self.conv3(torch.relu(self.conv2(x))))
        return torch.softmax(self.fc(torch.flatten(self.norm(self.deep(x)), 1)), 1)


def save(path, tensors):       # as the safetensors library lays them out: names in order, values side by side
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, (kind, tensor) in sorted(tensors.items()):
        values = tensor.contiguous().view(torch.int16) if kind == "BF16" else tensor
        raw = values.numpy().tobytes()
        header[name] = {"dtype": kind, "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


net = Net()
for p in net.parameters():
    p.data += .1 * torch.randn_like(p)
net.bn.running_mean.normal_()
net.bn.running_var.uniform_(.5, 2)
net.eval()
x = torch.randn(5, 3, 16)
answers = {"x": x.flatten().tolist()}
state = {k: v.clone() for k, v in net.state_dict().items()}
for kind, dtype in (("F32", torch.float32), ("F16", torch.float16), ("BF16", torch.bfloat16)):
    short = {k: v if v.dtype == torch.int64 else v.to(dtype) for k, v in state.items()}
    save(f"tensors-{kind}.safetensors", {k: ("I64" if v.dtype == torch.int64 else kind, v) for k, v in short.items()})
    net.load_state_dict({k: v if v.dtype == torch.int64 else v.float() for k, v in short.items()})
    answers[kind] = net(x).flatten().tolist()
with open("tensors.json", "w") as file:
    file.write(json.dumps(answers) + "\n")
