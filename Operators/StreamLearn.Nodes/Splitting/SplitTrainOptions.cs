using System.Globalization;
using System.Numerics.Tensors;
using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>Settings of <c>SplitTrain</c>; both sides take the same.</summary>
public sealed record SplitTrainOptions
{
    /// <summary>
    /// Moves the weights; each side moves its own layers. Default SGD of rate 0.05 and momentum 0.9, not clipped: a norm is that of one
    /// side's layers alone, so a clipped side trains differently from the whole.
    /// </summary>
    public Optimizer Optimizer { get; init; } = new Sgd(0.05f, ClipNorm: float.PositiveInfinity);

    /// <summary>
    /// Rows of a batch, as the model counts them, taken in the order of the stream; behind a link, the most that a batch may have. At least
    /// 1; default 16.
    /// </summary>
    public int BatchRows { get; init; } = 16;

    /// <summary>
    /// Batches that may await their gradient at a time; with more than one, each remembers the weights it was computed with. 1 to 64;
    /// default 1, which trains like one machine.
    /// </summary>
    public int InFlight { get; init; } = 1;

    /// <summary>Time after which a batch no longer awaits its gradient, and the move of a split is asked for again. Default 10 s.</summary>
    public TimeSpan GradientTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Batches of a round, after which the device hands in its layers and begins with those of the next version: behind an edge that has a
    /// session for each device (<c>ServeSplit</c>). A batch that nobody answers is sent again then. 0, the default: there are no rounds.
    /// </summary>
    public int RoundBatches { get; init; }

    /// <summary>
    /// In rounds: true: the network's first layer, a <see cref="Scale"/>, learns the scale of the fleet's rows; devices send the moments of
    /// their channels for that, and scale by their own until a version knows the fleet's. Default false: the scale is that of
    /// <see cref="Start"/>.
    /// </summary>
    public bool LearnsScale { get; init; }

    /// <summary>In rounds: layers that stay on the device, whatever the edge answers; 0 or more, default 1. With 0, raw rows may leave it.
    /// A device that begins with fewer keeps those.</summary>
    public int MinLayers { get; init; } = 1;

    /// <summary>What a device has to train with: it says so when it joins, for a planner at the edge. Null (default): it says
    /// nothing.</summary>
    public SplitResources? Resources { get; init; }

    /// <summary>Optimizer steps between two reports, at least 1; default 100.</summary>
    public int ReportEvery { get; init; } = 100;

    /// <summary>Devices that an edge knows at most, at least 1; default 16. What further ones send is dropped.</summary>
    public int MaxDevices { get; init; } = 16;

    /// <summary>
    /// Start of the device, for the identity of its batches: above that of every earlier start, and the same for all blocks of a run. Null
    /// (default): the start of the run in milliseconds since 1970, which a device whose clock was set back has to set.
    /// </summary>
    public long? Epoch { get; init; }

    /// <summary>What training starts from; null: the network's initial weights. Its scale is kept as it is.</summary>
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
        if (RoundBatches > 0 && InFlight > 1)
        {
            throw new ArgumentException($"expected one batch in flight where there are rounds, got {InFlight}");
        }

        if (Resources is { } own && !(own.AreValid && (own.Times?.Count ?? model.PartCount) == model.PartCount))
        {
            throw new ArgumentException($"expected {nameof(Resources)} of a model of {model.PartCount} parts, got {own}");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(ReportEvery, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDevices, 1);
        TrainOptions.RequireNoTeacher(model);
        if (model.Plan.Target != TargetKind.Label) { throw new ArgumentException("expected a network that learns from labels"); }
        if (Start is { } values && !TensorPrimitives.IsFiniteAll<float>(values.Values.AsSpan())) { throw new ArgumentException($"expected finite {nameof(Start)}"); }
        if (Start is { } start && (start.SchemaHash != model.Plan.SchemaHash || start.Values.Length != model.Plan.Values))
        {
            throw new ArgumentException($"expected {nameof(Start)} to be weights of {model.Structure}, got {start}");
        }
    }

    /// <summary>Bytes of a side: weights, gradients, what the optimizer remembers, the last good of these, and tapes with all they
    /// need.</summary>
    internal long StateBytes(ISplitModel model, int tapes)
    {
        var pinned = InFlight > 1 ? model.Plan.ParameterBytes : 0;
        var tape = model.TapeBytes(Math.Min(BatchRows, LargestBatch(model)));
        return ((3 + (2 * Optimizer.StateValues)) * model.Plan.ParameterBytes) + (tapes * (tape + pinned));
    }

    private static int LargestBatch(ISplitModel model) => model.Memory(1) is not { } step ? Array.MaxLength
        : (int)Math.Max(1, Array.MaxLength / Math.Max(1, Math.Max(step.TapeBytes, step.ScratchBytes) / 4));

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Optimizer}, batch {BatchRows}, {InFlight} in flight, gradient within {GradientTimeout.TotalSeconds:0.###} s")
        + (RoundBatches == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", rounds of {RoundBatches} batches"));
}
