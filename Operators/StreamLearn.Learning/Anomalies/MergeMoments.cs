using System.Collections.Immutable;

namespace StreamLearn.Learning;

/// <summary>Settings of <c>MergeMoments</c>.</summary>
public sealed record MergeMomentsOptions
{
    /// <summary>Devices that are kept at most, at least 1; default 1,000.</summary>
    public int MaxDevices { get; init; } = 1000;

    /// <summary>Rows of a device before it is compared with others, at least 2; default 200.</summary>
    public int MinRows { get; init; } = 200;

    /// <summary>The distance beyond which a device differs, in nats, above 0; default 1: a mean that is off by 1.4 deviations, or a
    /// deviation of 2.5 times the others'.</summary>
    public double MaxDistance { get; init; } = 1;

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"{MaxDevices} devices, apart beyond {MaxDistance} nats");
}

public static partial class LearningFlowExtensions
{
    /// <summary>Merges what the devices of a fleet say of their rows, and names those whose rows differ from the others'.</summary>
    /// <remarks>
    /// Shape: the moments of a device in; those of the fleet out, for each message that says something new. The newest message of each
    /// device counts, and they are merged in the order of names: neither the order of messages nor duplicates change a bit. A device's
    /// distance is the median of those from each other device, so that one that differs does not make the others differ; three devices
    /// are needed. State: moments of the devices. Cost: devices × channels³ a message. Emits: at most one message per message. Drops:
    /// <c>non-finite</c>; <c>channels</c>, of another number than the first; <c>old</c>, of no more rows than known; <c>fleet-full</c>.
    /// Source: <see cref="RowMoments"/>; the distance is the relative entropy of normal distributions, Kullback (1959).
    /// </remarks>
    /// <param name="flow">Messages of devices.</param>
    /// <param name="options">Devices and distance; null for the defaults.</param>
    /// <exception cref="ArgumentException">A setting is out of range; thrown here, never while running.</exception>
    public static Flow<FleetMoments> MergeMoments(this Flow<DeviceMoments> flow, MergeMomentsOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxDevices, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MinRows, 2);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.MaxDistance, 0);        // NaN too
        return flow.Via("merge-moments", new MergeMomentsBlock(options),
            static (MergeMomentsBlock block, OperatorContext context, IOutput<FleetMoments> output) =>
                new MergeMoments(block.Options, context, output));
    }
}

internal sealed record MergeMomentsBlock(MergeMomentsOptions Options) : IBlockOptions
{
    /// <inheritdoc />
    public string State => "the moments of each device";

    /// <inheritdoc />
    public IReadOnlyList<MessageCodec> MessageCodecs => [MessageCodec.Of(DeviceMoments.Codec), MessageCodec.Of(FleetMoments.Codec)];

    /// <inheritdoc />
    public override string ToString() => $"{Options}";
}

internal sealed class MergeMoments(MergeMomentsOptions options, OperatorContext context, IOutput<FleetMoments> output)
    : Operator<DeviceMoments>, IStateful
{
    private readonly Dictionary<string, RowMoments> _devices = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];      // in order
    private readonly Dictionary<(string Own, string Other), double> _distances = [];

    /// <inheritdoc />
    public string StateFormat => "merge-moments/1";

    /// <inheritdoc />
    public void State(ref StateStream s)
    {
        s.Items(_devices, options.MaxDevices, static (ref StateStream s, ref string device, ref RowMoments moments) =>
        {
            s.Value(ref device);
            moments = DeviceMoments.State(ref s, s.IsReading ? null : moments);
        });
        if (!s.IsReading) { return; }
        _distances.Clear();
        _names.Clear();
        _names.AddRange(_devices.Keys.Order(StringComparer.Ordinal));
        _names.ForEach(Compare);
    }

    public override void Process(DeviceMoments input)
    {
        var known = _devices.GetValueOrDefault(input.Device);
        var reason = !input.Moments.IsFinite ? "non-finite"
            : _names.Count > 0 && _devices[_names[0]].Mean.Length != input.Moments.Mean.Length ? "channels"
            : known is not null && known.Count >= input.Moments.Count ? "old"
            : known is null && _devices.Count == options.MaxDevices ? "fleet-full" : null;
        if (reason is not null)
        {
            context.Drop(input, reason);
            return;
        }

        if (known is null) { _names.Insert(~_names.BinarySearch(input.Device, StringComparer.Ordinal), input.Device); }
        _devices[input.Device] = input.Moments;
        Compare(input.Device);
        var whole = new RowMoments(input.Moments.Mean.Length);
        foreach (var name in _names) { whole.Merge(_devices[name]); }
        ImmutableArray<DeviceDistance> devices = [.. _names.Select(name => Of(name, _devices[name].Count))];
        context.Gauge("devices-that-differ", devices.Count(static d => d.Differs));
        output.Emit(new(whole, devices));
    }

    private void Compare(string device)
    {
        var own = _devices[device];
        foreach (var name in _names)
        {
            var other = _devices[name];
            if (name == device || own.Count < options.MinRows || other.Count < options.MinRows) { continue; }
            _distances[(device, name)] = MomentsDistance.Of(own, other);
            _distances[(name, device)] = MomentsDistance.Of(other, own);
        }
    }

    private DeviceDistance Of(string device, long rows)
    {
        List<double> distances = [];
        foreach (var other in _names)
        {
            if (_distances.TryGetValue((device, other), out var distance)) { distances.Add(distance); }
        }

        if (distances.Count < 2) { return new(device, rows, null, Differs: false); }
        distances.Sort();
        var median = distances[(distances.Count - 1) / 2];
        return new(device, rows, median, median > options.MaxDistance);
    }
}
