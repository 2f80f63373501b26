namespace StreamLearn.Torch;

/// <summary>Settings of a <see cref="TorchModel"/>. A value.</summary>
public sealed record TorchOptions
{
    /// <summary>Seed of the initial values and, with the number of the batch, of training steps. Default 0.</summary>
    public long Seed { get; init; }

    /// <summary>Compute device: <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>; a missing device is refused. Default <c>cpu</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Number of libtorch threads per call, 1 to 64; it may affect bits. Default 1.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>The loss; default softmax cross-entropy. Losses that need a teacher are refused.</summary>
    public Loss Loss { get; init; } = new SoftmaxCrossEntropy();

    /// <summary>Forward multiply-adds per row, at least 1, for simulated time. 0 (default): one per trained value, as in dense layers;
    /// modules that reuse values need more. Not for <see cref="TorchExits"/>, whose stages set it.</summary>
    public long MultiplyAdds { get; init; }

    /// <summary>Bytes kept per row for the backward pass. 0 (default): estimated as twice the outputs of the inner modules.</summary>
    public long ActivationBytes { get; init; }

    internal void Check(int outputs)
    {
        ArgumentException.ThrowIfNullOrEmpty(Device);
        ArgumentNullException.ThrowIfNull(Loss);
        ArgumentOutOfRangeException.ThrowIfLessThan(Threads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Threads, 64);
        ArgumentOutOfRangeException.ThrowIfNegative(MultiplyAdds);
        ArgumentOutOfRangeException.ThrowIfNegative(ActivationBytes);
        if (Loss is Distillation) { throw new ArgumentException($"expected a loss that learns from rows only, got {Loss}"); }
        Loss.Check(outputs);
    }
}
