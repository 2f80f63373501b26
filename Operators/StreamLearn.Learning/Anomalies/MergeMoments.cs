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
    /// device counts: of the latest epoch, the one of most rows. They are merged in the order of names: neither the order of messages nor
    /// duplicates change a bit. A device's distance is the median of those from each other device, so that one that differs does not make
    /// the others differ; three devices are needed. State: moments of the devices. Cost: devices × channels³ a message. Emits: at most one
    /// message per message. Drops: <c>non-finite</c>; <c>columns</c>, other ones than of the first; <c>old</c>, of an earlier epoch, or of
    /// fewer rows than known; <c>fleet-full</c>. Counts: <c>repeated</c>.
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
    private readonly List<DeviceMoments> _devices = [];     // by name
    private readonly Dictionary<(string Own, string Other), double> _distances = [];

    /// <inheritdoc />
    public string StateFormat => "merge-moments/2";

    /// <inheritdoc />
    public void State(ref StateStream s)
    {
        s.Items(_devices, options.MaxDevices, static (ref StateStream s, ref DeviceMoments device) =>
            device = DeviceMoments.State(ref s, s.IsReading ? null : device));
        if (!s.IsReading) { return; }
        _distances.Clear();
        _devices.Sort(static (a, b) => string.CompareOrdinal(a.Device, b.Device));
        _devices.ForEach(Compare);
    }

    public override void Process(DeviceMoments input)
    {
        var place = Find(input.Device);
        var news = place < 0 ? 1
            : (input.Epoch, input.Moments.Count).CompareTo((_devices[place].Epoch, _devices[place].Moments.Count));
        var reason = !input.Moments.IsFinite ? "non-finite"
            : _devices is [var first, ..] && !first.Columns.AsSpan().SequenceEqual(input.Columns.AsSpan()) ? "columns"
            : news < 0 ? "old"
            : place < 0 && _devices.Count == options.MaxDevices ? "fleet-full" : null;
        if (reason is not null)
        {
            context.Drop(input, reason);
            return;
        }

        if (news == 0)
        {
            context.Record("repeated");
            return;
        }

        if (place < 0) { _devices.Insert(~place, input); }
        else { _devices[place] = input; }
        Compare(input);
        var whole = new RowMoments(input.Moments.Mean.Length);
        foreach (var device in _devices) { whole.Merge(device.Moments); }
        ImmutableArray<DeviceDistance> devices = [.. _devices.Select(Of)];
        context.Gauge("devices-that-differ", devices.Count(static d => d.Differs));
        output.Emit(new(whole, devices));
    }

    /// <summary>Where a device is, or the complement of where it would be.</summary>
    private int Find(string device)
    {
        var (low, high) = (0, _devices.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = string.CompareOrdinal(_devices[middle].Device, device);
            if (order == 0) { return middle; }
            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }

    private void Compare(DeviceMoments device)
    {
        foreach (var other in _devices)
        {
            if (other.Device == device.Device) { continue; }
            if (device.Moments.Count < options.MinRows || other.Moments.Count < options.MinRows)
            {
                _distances.Remove((device.Device, other.Device));       // one that learns anew has few rows again
                _distances.Remove((other.Device, device.Device));
                continue;
            }

            _distances[(device.Device, other.Device)] = MomentsDistance.Of(device.Moments, other.Moments);
            _distances[(other.Device, device.Device)] = MomentsDistance.Of(other.Moments, device.Moments);
        }
    }

    private DeviceDistance Of(DeviceMoments device)
    {
        List<(double Nats, DeviceMoments Other)> distances = [];
        foreach (var other in _devices)
        {
            if (_distances.TryGetValue((device.Device, other.Device), out var distance)) { distances.Add((distance, other)); }
        }

        if (distances.Count < 2) { return new(device.Device, device.Moments.Count, null, "", Differs: false); }
        distances.Sort(static (a, b) => a.Nats.CompareTo(b.Nats));
        var (median, middle) = distances[(distances.Count - 1) / 2];
        var (place, alone) = MomentsDistance.OfColumn(device.Moments, middle.Moments);
        var column = alone > 0 && alone >= median / 10 ? device.Columns[place] : "";
        return new(device.Device, device.Moments.Count, median, column, median > options.MaxDistance);
    }
}
