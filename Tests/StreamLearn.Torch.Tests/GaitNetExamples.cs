using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace StreamLearn.Torch.Tests;

/// <summary>The module of docs/guides/models-of-other-tools.md.</summary>
internal sealed class GaitNet : Module<Tensor, Tensor>
{
    private readonly InputScale _scale = new(channels: 6);          // the moments of the rows: Fit, Train and Aggregate set them
    private readonly LSTM _lstm = LSTM(6, 32, batchFirst: true);
    private readonly Dropout _drop = Dropout(0.2);
    private readonly Linear _head = Linear(32, 6);

    internal GaitNet() : base("gait") => RegisterComponents();

    public override Tensor forward(Tensor rows)                     // [rows, 6 channels, 128 samples]
    {
        var (steps, _, _) = _lstm.call(_scale.call(rows).transpose(1, 2));
        return _head.call(_drop.call(steps[.., -1]));
    }
}
