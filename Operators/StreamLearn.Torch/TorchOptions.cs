using StreamLearn.Models;

namespace StreamLearn.Torch;

/// <summary>Settings of a <see cref="TorchModel"/>. A value.</summary>
public sealed record TorchOptions
{
    /// <summary>Seed of the initial values, and, with a batch's number, of what a training step draws. Default 0.</summary>
    public long Seed { get; init; }

    /// <summary>Where it computes: <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>. What is not there is refused. Default <c>cpu</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Threads of libtorch in a call, 1 to 64. The bits may depend on them. Default 1.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>What the outputs are measured by; default softmax cross-entropy. One that needs a teacher is refused.</summary>
    public Loss Loss { get; init; } = new SoftmaxCrossEntropy();

    /// <summary>
    /// Multiply-adds of one row forward, at least 1: what a simulated device takes time for. 0, the default: one for each trained value, as
    /// dense layers make; a module that uses values at several places makes more. Not for <see cref="TorchExits"/>, whose stages say it.
    /// </summary>
    public long MultiplyAdds { get; init; }

    /// <summary>
    /// Bytes that one row leaves for the backward pass. 0, the default: estimated by the outputs of the inner modules, twice.
    /// </summary>
    public long ActivationBytes { get; init; }

    /// <summary>Throws unless the settings are in range, for so many outputs.</summary>
    internal void Check(int outputs)
    {
        ArgumentException.ThrowIfNullOrEmpty(Device);
        ArgumentNullException.ThrowIfNull(Loss);
        ArgumentOutOfRangeException.ThrowIfLessThan(Threads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Threads, 64);
        ArgumentOutOfRangeException.ThrowIfNegative(MultiplyAdds);
        ArgumentOutOfRangeException.ThrowIfNegative(ActivationBytes);
        if (Loss is Distillation) { throw new ArgumentException($"expected a loss that learns from rows alone, got {Loss}"); }
        Loss.Check(outputs);
    }
}
