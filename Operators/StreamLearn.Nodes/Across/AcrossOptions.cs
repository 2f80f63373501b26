using System.Globalization;
using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>Settings of <c>InferAcross</c>.</summary>
public sealed record AcrossOptions
{
    /// <summary>How long an answer may take, from its rows on: above 0. Default 200 ms.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not above 0.</exception>
    public TimeSpan Within
    {
        get;
        init => field = value > TimeSpan.Zero ? value
            : throw new ArgumentOutOfRangeException(nameof(Within), value, "expected a time above 0");
    } = TimeSpan.FromMilliseconds(200);

    /// <summary>When a row leaves early; null, the default: at the last exit alone. The exits before the cut give answers that stand in
    /// for late ones, whatever the rule.</summary>
    public ExitRule? Leaving { get; init; }

    /// <summary>Layers that the device runs, whatever it measures: 0 none, the model's number of layers all. Null, the default:
    /// <see cref="Rule"/> chooses.</summary>
    public int? Cut { get; init; }

    /// <summary>Chooses the cut; default the fastest.</summary>
    public CutRule Rule { get; init; } = new FastestCut();

    /// <summary>Layers that stay on the device when the rule chooses, 0 or more; default 1. With 0, raw rows may leave it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int MinLayers
    {
        get;
        init => field = value >= 0 ? value
            : throw new ArgumentOutOfRangeException(nameof(MinLayers), value, $"expected 0 or more layers, got {value}");
    } = 1;

    /// <summary>Layers that the device runs at most where an exit can stand in for the edge, as its memory or its pace allows; null, the
    /// default: all.</summary>
    public int? MaxLayers { get; init; }

    /// <summary>Requests that may be without an answer, 1 to 32; default 8. Rows beyond that are answered here.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are less or more.</exception>
    public int MaxInFlight
    {
        get;
        init => field = value is >= 1 and <= 32 ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxInFlight), value, $"expected 1 to 32 requests, got {value}");
    } = 8;

    /// <summary>Bytes of a request at most, as what carries it takes: 8,192 or more, default 1,000,000. Rows of a larger one are answered
    /// here. A NATS server takes <c>max_payload</c>, 1 MiB unless it is set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are less.</exception>
    public int MaxRequestBytes
    {
        get;
        init => field = value >= 8192 ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxRequestBytes), value, $"expected 8192 bytes or more, got {value}");
    } = 1_000_000;

    /// <summary>True: answers come in the order of the rows, so that those that are decided here wait for the edge's before them. False,
    /// the default: they come at once.</summary>
    public bool InOrder { get; init; }

    /// <summary>Bytes that a value takes on the way to the edge, above 0: 4, the default, or 1 with 8-bit values.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not above 0.</exception>
    public double BytesPerValue
    {
        get;
        init => field = value is > 0 and < double.PositiveInfinity ? value
            : throw new ArgumentOutOfRangeException(nameof(BytesPerValue), value, $"expected bytes above 0, got {value}");
    } = 4;

    /// <summary>How often the way to the edge is probed, above 0; default 1 s. While no answer comes, four times as often.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not above 0.</exception>
    public TimeSpan ProbeEvery
    {
        get;
        init => field = value > TimeSpan.Zero ? value
            : throw new ArgumentOutOfRangeException(nameof(ProbeEvery), value, "expected a time above 0");
    } = TimeSpan.FromSeconds(1);

    /// <summary>Bytes of a probe of the rate, two of which go when no request of 4,096 bytes has crossed since the last ones: 4,096 to
    /// <see cref="RestRequest.MaxPadding"/>; default 16,384. On a slow link there are fewer: two take a quarter of
    /// <see cref="Within"/> at most, and all a fifth of the link. None go where <see cref="Cut"/> is set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are less or more.</exception>
    public int ProbeBytes
    {
        get;
        init => field = value is >= LinkMeter.SmallBytes and <= RestRequest.MaxPadding ? value
            : throw new ArgumentOutOfRangeException(nameof(ProbeBytes), value,
                $"expected {LinkMeter.SmallBytes} to {RestRequest.MaxPadding} bytes, got {value}");
    } = 16_384;

    /// <summary>Start of the device: above that of every earlier one. Null (default): the start of the run in milliseconds since
    /// 1970.</summary>
    public long? Epoch { get; init; }

    internal void Check(Network model)
    {
        ArgumentNullException.ThrowIfNull(Rule);
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
                + $"{model.Exits[0].After}: nothing could stand in for the edge");
        }
    }

    internal int MaxOf(Network model) => MaxLayers ?? model.Layers.Length;

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{(Cut is { } cut ? $"cut at {cut}" : $"cut by {Rule}")}, within {Within.TotalSeconds:0.###} s");
}
