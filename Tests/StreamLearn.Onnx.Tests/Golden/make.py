"""Writes the ONNX files of this folder, by the exporter of torch and by the onnx package. See README.md."""
import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

rng = np.random.default_rng(17)
torch.manual_seed(17)


class ViewOfSize(nn.Module):
    def forward(self, x):
        return x.view(x.size(0), -1)


class Mean(nn.Module):
    def forward(self, x):
        return x.mean(-1)


def export(name, model, shape, opset=13, training=torch.onnx.TrainingMode.EVAL):
    for m in model.modules():                       # statistics of a model that has been trained
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            m.running_mean.normal_()
            m.running_var.uniform_(.5, 2)
            m.weight.data.normal_()
            m.bias.data.normal_()
    model.eval()
    x = torch.randn(4, *shape)
    torch.onnx.export(model, x, f"{name}.onnx", input_names=["x"], output_names=["y"], opset_version=opset, training=training,
                      dynamic_axes={"x": {0: "rows"}, "y": {0: "rows"}})


export("dense", nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 5), nn.Tanh(), nn.Linear(5, 3), nn.Softmax(-1)), (6,))
export("conv1d", nn.Sequential(
    nn.Conv1d(3, 6, 5, padding=2), nn.BatchNorm1d(6), nn.ReLU(), nn.MaxPool1d(2), nn.Conv1d(6, 8, 3, stride=2), nn.LeakyReLU(.1),
    nn.Conv1d(8, 8, 3, groups=8, bias=False), nn.Sigmoid(), nn.AvgPool1d(2), nn.Flatten(), nn.Dropout(.5), nn.Linear(8, 4)), (3, 24))
export("conv2d", nn.Sequential(
    nn.Conv2d(2, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(4, 4, 3, groups=4), nn.Tanh(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3)),
    (2, 10, 10), opset=11, training=torch.onnx.TrainingMode.PRESERVE)      # batch norms stay nodes of their own
export("view", nn.Sequential(nn.Conv1d(2, 3, 3), nn.ReLU(), ViewOfSize(), nn.Linear(18, 1), nn.Sigmoid()), (2, 8), opset=9)
export("mean", nn.Sequential(nn.Conv1d(2, 3, 3), nn.ReLU(), Mean(), nn.Linear(3, 2)), (2, 8), opset=12)


def tensor(name, *shape, kind=np.float32):
    return numpy_helper.from_array(rng.normal(size=shape).astype(kind), name)


def whole(name, *values):
    return numpy_helper.from_array(np.array(values, np.int64), name)


def save(name, nodes, shape, constants, opset=13, out=("rows", "n")):
    graph = helper.make_graph(nodes, name, [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, out)], constants)
    model = helper.make_model(graph, producer_name="onnx", opset_imports=[helper.make_opsetid("", opset)], ir_version=7)
    onnx.checker.check_model(model)
    onnx.save(model, f"{name}.onnx")


n = helper.make_node
save("matmul", [
    n("Unsqueeze", ["x", "two"], ["u"]), n("Squeeze", ["u", "two"], ["s"]),
    n("MatMul", ["s", "W"], ["a"], "product"), n("Add", ["b", "a"], ["c"], "bias"), n("Identity", ["c"], ["d"]), n("Relu", ["d"], ["e"]),
    n("Gemm", ["e", "V", "v"], ["f"], "gemm", alpha=.5, beta=2.0), n("Reshape", ["f", "shape"], ["y"])],
    ("rows", 5), [whole("two", 2), tensor("W", 5, 7), tensor("b", 7), tensor("V", 7, 3), tensor("v", 1, 3), whole("shape", -1, 3)])
save("same", [      # a signal as an image of one line, as Keras is exported
    n("Conv", ["x", "W", "b"], ["a"], "c", auto_pad="SAME_UPPER", strides=[1, 2], kernel_shape=[1, 4]),
    n("Relu", ["a"], ["r"]),
    n("MaxPool", ["r"], ["p"], "p", kernel_shape=[1, 3], strides=[1, 2], pads=[0, 0, 0, 1]),
    n("AveragePool", ["p"], ["q"], "q", kernel_shape=[1, 3], strides=[1, 1], pads=[0, 1, 0, 1]),
    n("GlobalMaxPool", ["q"], ["g"]), n("Transpose", ["g"], ["t"], perm=[0, 3, 1, 2]), n("Flatten", ["t"], ["f"]),
    n("Gemm", ["f", "V"], ["h"], transB=1), n("Softmax", ["h"], ["y"])],
    ("rows", 3, 1, 20), [tensor("W", 6, 3, 1, 4), tensor("b", 6), tensor("V", 4, 6)])
save("lrn", [n("Conv", ["x", "W"], ["a"], "c"), n("LRN", ["a"], ["l"], size=3, alpha=.3, beta=.6, bias=1.5),
             n("ReduceMean", ["l"], ["m"], axes=[2, 3], keepdims=0), n("Gemm", ["m", "V"], ["y"], "g")],
     ("rows", 2, 5, 5), [tensor("W", 5, 2, 2, 2), tensor("V", 5, 2)])
halves = [n("Cast", [f"{name}16"], [name], to=TensorProto.FLOAT) for name in "WbVv"]
save("half", halves + [n("Gemm", ["x", "W", "b"], ["a"], transB=1), n("Sigmoid", ["a"], ["s"]), n("Gemm", ["s", "V", "v"], ["y"])],
     ("rows", 4), [tensor("W16", 6, 4, kind=np.float16), tensor("b16", 6, kind=np.float64), tensor("V16", 6, 2, kind=np.float16),
                   helper.make_tensor("v16", TensorProto.FLOAT, [2], [.25, -1.5])])
