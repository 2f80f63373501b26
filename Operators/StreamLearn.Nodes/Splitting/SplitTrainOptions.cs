using System.Globalization;

namespace StreamLearn.Nodes;

/// <summary>Settings of <c>SplitTrain</c>, which are the same on both sides.</summary>
public sealed record SplitTrainOptions
{
    /// <summary>The optimizer of each side's layers. Default SGD of rate 0.05 and momentum 0.9, unclipped: a norm covers one side only, so
    /// clipping differs from the whole.</summary>
    public Optimizer Optimizer { get; init; } = new Sgd(0.05f, ClipNorm: float.PositiveInfinity);

    /// <summary>Model rows per batch, in stream order; after a link, the maximum. At least 1; default 16.</summary>
    public int BatchRows { get; init; } = 16;

    /// <summary>Batches that await gradients at the same time; above 1, each keeps the weights of its forward pass. 1 to 64; default 1,
    /// which trains like one machine.</summary>
    public int InFlight { get; init; } = 1;

    /// <summary>Time after which a batch is abandoned, or a move of the split is requested again. Default 10 s.</summary>
    public TimeSpan GradientTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Batches per round. After these, the device submits its layers and gets those of the next version; needs <c>ServeSplit</c>.
    /// Unanswered batches are then resent. 0 (default): no rounds.</summary>
    public int RoundBatches { get; init; }

    /// <summary>Used in rounds. True: the first layer, a <see cref="Scale"/>, learns the fleet's scale from the channel moments of devices;
    /// until then, devices use their own. Default false: the scale of <see cref="Start"/>.</summary>
    public bool LearnsScale { get; init; }

    /// <summary>Used in rounds: minimum number of layers on the device; 0 or more, default 1. With 0, raw rows may leave it. A device that
    /// starts with fewer keeps that number.</summary>
    public int MinLayers { get; init; } = 1;

    /// <summary>Resources of the device, sent to a planner at the edge when joining. Null (default): none.</summary>
    public SplitResources? Resources { get; init; }

    /// <summary>Optimizer steps between reports, at least 1; default 100.</summary>
    public int ReportEvery { get; init; } = 100;

    /// <summary>Maximum number of devices per edge, at least 1; default 16. Messages of further devices are dropped.</summary>
    public int MaxDevices { get; init; } = 16;

    /// <summary>Start of the device, which identifies its batches: above every earlier start, and the same for all blocks of a run. Null
    /// (default): the start of the run in milliseconds since 1970; set it if the clock was set back.</summary>
    public long? Epoch { get; init; }

    /// <summary>Initial weights; null: the network's. Its scale is kept.</summary>
    public Weights? Start { get; init; }

    internal void Check(ISplitModel model)
    {
        ArgumentNullException.ThrowIfNull(Optimizer);
        Optimizer.Check();
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(InFlight, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(InFlight, Flights.Most);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(GradientTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegative(RoundBatches);
        ArgumentOutOfRangeException.ThrowIfNegative(MinLayers);
        if (RoundBatches > 0 && InFlight > 1) { throw new ArgumentException($"expected one batch in flight with rounds, got {InFlight}"); }

        if (Resources is { } own && !(own.AreValid && (own.Times?.Count ?? model.PartCount) == model.PartCount))
        {
            throw new ArgumentException($"expected {nameof(Resources)} of a model of {model.PartCount} parts, got {own}");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(ReportEvery, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDevices, 1);
        TrainOptions.RequireNoTeacher(model);
        if (model.Plan.Target != TargetKind.Label) { throw new ArgumentException("expected a network that learns from labels"); }
        if (Start is { } values && !Finite.All(values.Values.AsSpan())) { throw new ArgumentException($"expected finite {nameof(Start)}"); }

        if (Start is { } start && (start.SchemaHash != model.Plan.SchemaHash || start.Values.Length != model.Plan.Values))
        {
            throw new ArgumentException($"expected {nameof(Start)} to be weights of {model.Structure}, got {start}");
        }
    }

    internal long StateBytes(ISplitModel model, int tapes)
    {
        var pinned = InFlight > 1 ? model.Plan.ParameterBytes : 0;
        var tape = model.TapeBytes(Math.Min(BatchRows, TrainOptions.MaxRowsOf(model)));
        return ((3 + (2 * Optimizer.StateValues)) * model.Plan.ParameterBytes) + (tapes * (tape + pinned));
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Optimizer}, batch {BatchRows}, {InFlight} in flight, gradient within {GradientTimeout.TotalSeconds:0.###} s")
        + (RoundBatches == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", rounds of {RoundBatches} batches"));
}
