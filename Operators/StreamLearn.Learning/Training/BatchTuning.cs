using System.Globalization;

namespace StreamLearn.Learning;

/// <summary>Settings for automatic batch sizes in <c>Train</c>.</summary>
/// <remarks>Source: McCandlish et al. (2018), appendix A.1: squared gradient norms of small and large batches, averaged.</remarks>
internal sealed record BatchTuning
{
    /// <summary>Memory in bytes for values, gradient, optimizer, tape and scratch, if the model reports them (<see cref="IModel.Memory"/>).
    /// A step never exceeds it. Default null: no limit.</summary>
    public long? FreeBytes { get; init; }

    /// <summary>Steps between choices by gradient noise, at least 100; null: memory alone decides. Default 100.</summary>
    public int? Every { get; init; } = BatchSizeTuner.WarmUpSteps;

    /// <summary>How the learning rate depends on the number of rows; default: not at all.</summary>
    public RateScaling Scaling { get; init; }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"tuned{(Every is { } every ? $" every {every} steps" : "")}{(FreeBytes is { } bytes ? $" within {bytes} bytes" : "")}"
        + $"{(Scaling == RateScaling.None ? "" : $", rate {Scaling}")}");

    internal int MaxRows(IModel model, TrainOptions options)
    {
        var most = options.LargestBatch(model.Plan);
        return FreeBytes is { } free ? BatchSizeTuner.MaxRows(model, options.Optimizer, free, most, options.Threads) : most;
    }

    internal void Check(IModel model, TrainOptions options)
    {
        if (FreeBytes is not null && model.Memory(1) is null)
        {
            throw new ArgumentException($"{nameof(FreeBytes)}: expected a network, got {model.Structure}");
        }

        if (Every is { } every) { ArgumentOutOfRangeException.ThrowIfLessThan(every, BatchSizeTuner.WarmUpSteps, nameof(Every)); }
        Require(Enum.IsDefined(Scaling), nameof(Scaling), Scaling, "expected a defined scaling");
        var least = FreeBytes is null ? 0 : model.Memory(1, options.Optimizer, options.Threads)?.TrainingBytes;
        Require(!(least > FreeBytes), nameof(FreeBytes), FreeBytes, $"expected at least {least} bytes, the memory of a step of one row");
    }

    private static void Require(bool holds, string name, object? value, string message)
    {
        if (!holds) { throw new ArgumentOutOfRangeException(name, value, message); }
    }
}
