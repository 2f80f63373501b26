using System.Globalization;
using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>How <c>Train</c> chooses the rows of a step itself.</summary>
/// <remarks>
/// Source: McCandlish et al. (2018), appendix A.1: squared norms of gradients of few and of many rows, averaged over the choices.
/// </remarks>
public sealed record BatchTuning
{
    /// <summary>
    /// Memory that training may take: values, gradient, optimizer, tape and scratch of a model that tells them
    /// (<see cref="IModel.Memory"/>). Bytes; null: no bound. A step has never more rows than fit. Default null.
    /// </summary>
    public long? FreeBytes { get; init; }

    /// <summary>
    /// Steps from one choice by the gradients' noise to the next: at least 100; null: rows follow memory alone. Default 100.
    /// </summary>
    public int? Every { get; init; } = BatchSizeTuner.WarmUpSteps;

    /// <summary>How the learning rate follows the rows; default none.</summary>
    public RateScaling Scaling { get; init; }

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"tuned{(Every is { } every ? $" every {every} steps" : "")}{(FreeBytes is { } bytes ? $" within {bytes} bytes" : "")}"
        + $"{(Scaling == RateScaling.None ? "" : $", rate {Scaling}")}");

    /// <summary>The most rows of a step.</summary>
    internal int MaxRows(IModel model, TrainOptions options)
    {
        var most = options.LargestBatch(model.Plan);
        return FreeBytes is { } free ? BatchSizeTuner.MaxRows(model, options.Optimizer, free, most, options.Threads) : most;
    }

    /// <summary>Throws unless a model can be trained so.</summary>
    internal void Check(IModel model, TrainOptions options)
    {
        if (FreeBytes is not null && model.Memory(1) is null)
        {
            throw new ArgumentException($"{nameof(FreeBytes)}: expected a network, got {model.Structure}");
        }

        if (Every is { } every) { ArgumentOutOfRangeException.ThrowIfLessThan(every, BatchSizeTuner.WarmUpSteps, nameof(Every)); }
        Require(Enum.IsDefined(Scaling), nameof(Scaling), Scaling, "expected one of the kinds");
        var least = FreeBytes is null ? 0 : model.Memory(1, options.Optimizer, options.Threads)?.TrainingBytes;
        Require(!(least > FreeBytes), nameof(FreeBytes), FreeBytes, $"expected at least the {least} bytes that a step of one row takes");
    }

    private static void Require(bool holds, string name, object? value, string message)
    {
        if (!holds) { throw new ArgumentOutOfRangeException(name, value, message); }
    }
}
