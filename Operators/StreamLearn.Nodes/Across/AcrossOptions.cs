using System.Globalization;

namespace StreamLearn.Nodes;

/// <summary>Settings of <c>InferAcross</c>.</summary>
public sealed record AcrossOptions
{
    /// <summary>Deadline of an answer, measured from the arrival of its rows; above 0, default 200 ms.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The deadline is not above 0.</exception>
    public TimeSpan Within
    {
        get;
        init => field = value > TimeSpan.Zero ? value
            : throw new ArgumentOutOfRangeException(nameof(Within), value, "expected a time above 0");
    } = TimeSpan.FromMilliseconds(200);

    /// <summary>Decides when a row exits early; null (default): at the last exit. Exits before the cut always substitute for late
    /// answers.</summary>
    public ExitRule? Leaving { get; init; }

    /// <summary>Fixed number of layers that the device runs, 0 to all; null (default): <see cref="Rule"/> chooses.</summary>
    public int? Cut { get; init; }

    /// <summary>Chooses the cut; default: the fastest.</summary>
    public CutRule Rule { get; init; } = CutRule.Fastest;

    /// <summary>Minimum number of layers that the rule keeps on the device; default 1. With 0, raw rows may leave it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public int MinLayers
    {
        get;
        init => field = value >= 0 ? value
            : throw new ArgumentOutOfRangeException(nameof(MinLayers), value, $"expected 0 or more layers, got {value}");
    } = 1;

    /// <summary>Maximum number of layers on the device if an exit can substitute for the edge; null (default): all.</summary>
    public int? MaxLayers { get; init; }

    /// <summary>Maximum number of unanswered requests, 1 to 32; default 8. Further rows are answered on the device.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
    public int MaxInFlight
    {
        get;
        init => field = value is >= 1 and <= 32 ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxInFlight), value, $"expected 1 to 32 requests, got {value}");
    } = 8;

    /// <summary>Maximum size of a request in bytes, at least 8,192; default 1,000,000. Larger requests are answered on the device. NATS
    /// servers accept <c>max_payload</c>, by default 1 MiB.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is below 8,192.</exception>
    public int MaxRequestBytes
    {
        get;
        init => field = value >= 8192 ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxRequestBytes), value, $"expected 8192 bytes or more, got {value}");
    } = 1_000_000;

    /// <summary>True: answers keep the order of rows and may wait for those of the edge. False (default): they are emitted at
    /// once.</summary>
    public bool InOrder { get; init; }

    /// <summary>Bytes per value sent to the edge, above 0; default 4, or 1 with 8-bit values.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The deadline is not above 0.</exception>
    public double BytesPerValue
    {
        get;
        init => field = value is > 0 and < double.PositiveInfinity ? value
            : throw new ArgumentOutOfRangeException(nameof(BytesPerValue), value, $"expected bytes above 0, got {value}");
    } = 4;

    /// <summary>Interval between probes of the link, above 0; default 1 s. While no answer arrives, it is a quarter of that.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The deadline is not above 0.</exception>
    public TimeSpan ProbeEvery
    {
        get;
        init => field = value > TimeSpan.Zero ? value
            : throw new ArgumentOutOfRangeException(nameof(ProbeEvery), value, "expected a time above 0");
    } = TimeSpan.FromSeconds(1);

    /// <summary>Size of a rate probe in bytes, 4,096 to <see cref="RestRequest.MaxPadding"/>; default 16,384. Two are sent if no request of
    /// at least 4,096 bytes was sent since the last probes. On a slow link, two use at most a quarter of <see cref="Within"/>, and all at
    /// most a fifth of the link. None are sent with a fixed <see cref="Cut"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
    public int ProbeBytes
    {
        get;
        init => field = value is >= LinkMeter.SmallBytes and <= RestRequest.MaxPadding ? value
            : throw new ArgumentOutOfRangeException(nameof(ProbeBytes), value,
                $"expected {LinkMeter.SmallBytes} to {RestRequest.MaxPadding} bytes, got {value}");
    } = 16_384;

    /// <summary>Number of this start of the device, above earlier ones; null (default): the start of the run in milliseconds since
    /// 1970.</summary>
    public long? Epoch { get; init; }

    internal void Check(Network model)
    {
        ArgumentNullException.ThrowIfNull(Rule);
        if (Rule is ExitCut exits && (Leaving is not null || exits.Split.Curve.Points[0].Thresholds.Length != model.ExitCount - 1))
        {
            throw new ArgumentException(Leaving is null ? $"expected a curve of {model.ExitCount} exits"
                : "expected no exit rule beside CutRule.Exits, which chooses one");
        }

        var layers = model.Layers.Length;
        if (model.Plan.Target != TargetKind.Label || model.Plan.Outputs < 2)
        {
            throw new ArgumentException($"expected a network with a score for each of 2 or more classes, got {model.Structure}");
        }

        if (Leaving is { } rule && rule.Thresholds.Length != model.ExitCount - 1)
        {
            throw new ArgumentException($"expected {model.ExitCount - 1} thresholds, got {rule.Thresholds.Length}");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(Cut ?? 0, nameof(Cut));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Cut ?? 0, layers, nameof(Cut));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MinLayers, MaxOf(model), nameof(MinLayers));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxLayers ?? 0, layers, nameof(MaxLayers));
        if (MaxLayers is { } max && max <= model.Exits[0].After)
        {
            throw new ArgumentException($"expected an exit among the {max} layers of the device, the first is after layer "
                + $"{model.Exits[0].After}: the device could not answer without the edge");
        }
    }

    internal int MaxOf(Network model) => MaxLayers ?? model.Layers.Length;

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{(Cut is { } cut ? $"cut at {cut}" : $"cut by {Rule}")}, within {Within.TotalSeconds:0.###} s");
}
