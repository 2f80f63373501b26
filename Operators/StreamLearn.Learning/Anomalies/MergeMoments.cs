namespace StreamLearn.Learning;

/// <summary>Settings of <c>MergeMoments</c>.</summary>
public sealed record MergeMomentsOptions
{
    /// <summary>Maximum number of devices kept, at least 1; default 1,000.</summary>
    public int MaxDevices { get; init; } = 1000;

    /// <summary>Number of rows that a device needs before it is compared, at least 2; null (default): <see cref="UsualMinRows"/>.</summary>
    public int? MinRows { get; init; }

    /// <summary>Distance beyond which a device differs, in nats, above 0; default 1: the mean is off by 1.4 deviations, or the deviation is
    /// 2.1 times as large.</summary>
    public double MaxDistance { get; init; } = 1;

    /// <summary>Time to collect further messages before comparing, at least 0; default 1 s.</summary>
    public TimeSpan After { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Returns the number of rows with which similar devices differ by a tenth of a nat by chance; at least 40.</summary>
    /// <param name="channels">Compared columns, at least 1.</param>
    public static int UsualMinRows(int channels) => (int)Math.Max(40, Math.Min(5L * channels * (channels + 3), int.MaxValue));

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant(
        $"{MaxDevices} devices, different above {MaxDistance} nats, {After.TotalSeconds} s after a change");
}

public static partial class LearningFlowExtensions
{
    /// <summary>Merges the row statistics of a fleet and names devices whose rows differ.</summary>
    /// <remarks> Shape: moments of a device in; those of the fleet out, for each new message or for several within
    /// <see cref="MergeMomentsOptions.After"/>. For each device, the message with the most rows counts, or the last from another epoch,
    /// regardless of clocks. Neither the order of devices nor duplicates matter. A device's distance is the median over the others, or 63
    /// of them; three devices are needed. Only devices with the same columns are compared; those with the most common columns are merged.
    /// State: moments of the devices. Cost: devices × 63 × channels³ per message out. Drops: <c>unsound</c>, invalid moments; <c>old</c>,
    /// fewer rows than known; <c>fleet-full</c>. Counts: <c>repeated</c>. Source: <see cref="RowMoments"/>; relative entropy of normal
    /// distributions, Kullback (1959). </remarks>
    /// <param name="flow">Messages of devices.</param>
    /// <param name="options">Devices and distance; null: defaults.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public static Flow<FleetMoments> MergeMoments(this Flow<DeviceMoments> flow, MergeMomentsOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxDevices, 1);
        if (options.MinRows is { } rows) { ArgumentOutOfRangeException.ThrowIfLessThan(rows, 2, nameof(options)); }
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.MaxDistance, 0);        // also refuses NaN
        ArgumentOutOfRangeException.ThrowIfLessThan(options.After, TimeSpan.Zero);
        return flow.Via("merge-moments", new MergeMomentsBlock(options),
            static (MergeMomentsBlock block, OperatorContext context, IOutput<FleetMoments> output) =>
                new MergeMoments(block.Options, context, output));
    }
}

internal sealed record MergeMomentsBlock(MergeMomentsOptions Options) : IBlockOptions
{
    public string State => "the moments of each device";

    public IReadOnlyList<MessageCodec> MessageCodecs => [MessageCodec.Of(DeviceMoments.Codec), MessageCodec.Of(FleetMoments.Codec)];

    public override string ToString() => $"{Options}";
}

internal sealed class MergeMoments(MergeMomentsOptions options, OperatorContext context, IOutput<FleetMoments> output)
    : Operator<DeviceMoments>, IStateful
{
    private const int Others = 63;

    private static readonly Comparer<DeviceMoments> ByName =
        Comparer<DeviceMoments>.Create(static (a, b) => string.CompareOrdinal(a.Device, b.Device));

    private readonly List<DeviceMoments> _devices = [];     // by name
    private DateTimeOffset? _tellAt;        // null: there is nothing new

    public string StateFormat => "merge-moments/2";

    public void State(ref StateStream s)
    {
        s.Items(_devices, options.MaxDevices, DeviceMoments.State);
        s.ClockTime(ref _tellAt);
        if (!s.IsReading) { return; }
        _devices.Sort(ByName);
        if (_tellAt is { } at) { context.WakeAt(at); }
    }

    public override void Process(DeviceMoments input)
    {
        var place = _devices.BinarySearch(input, ByName);
        var news = place < 0 || _devices[place].Epoch != input.Epoch ? 1 : input.Moments.Count.CompareTo(_devices[place].Moments.Count);
        var reason = !input.Moments.IsSound || input.Columns.Length != input.Moments.Mean.Length ? "unsound"
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
        if (_tellAt is not null) { return; }
        _tellAt = context.Now + options.After;
        context.WakeAt(_tellAt.Value);
    }

    public override void WakeUp()
    {
        if (_tellAt > context.Now) { context.WakeAt(_tellAt.Value); }
        else { Tell(); }
    }

    public override void Complete() => Tell();

    private void Tell()
    {
        if (_tellAt is null) { return; }
        _tellAt = null;
        var devices = new DeviceDistance[_devices.Count];
        RowMoments? whole = null;
        foreach (var alike in Enumerable.Range(0, _devices.Count).GroupBy(d => string.Join('\n', _devices[d].Columns))
            .OrderByDescending(static g => g.Count()))      // on a tie, ordered by name
        {
            var isOther = whole is not null;
            whole ??= Merged(alike);
            var least = options.MinRows ?? MergeMomentsOptions.UsualMinRows(_devices[alike.First()].Columns.Length);
            List<int> compared = [.. alike.Where(d => _devices[d].Moments.Count >= least)];
            foreach (var place in alike) { devices[place] = Of(place, compared) with { HasOtherColumns = isOther }; }
        }

        context.Gauge("devices-that-differ", devices.Count(static d => d.Differs));
        context.Gauge("devices-of-other-columns", devices.Count(static d => d.HasOtherColumns));
        output.Emit(new(whole!, [.. devices]));
    }

    private RowMoments Merged(IEnumerable<int> places)
    {
        var whole = new RowMoments(_devices[places.First()].Columns.Length);
        foreach (var place in places) { whole.Merge(_devices[place].Moments); }
        return whole;
    }

    private DeviceDistance Of(int place, List<int> compared)
    {
        var (device, own) = (_devices[place], compared.BinarySearch(place));
        if (own < 0 || compared.Count < 3) { return new(device.Device, device.Moments.Count, null, "", Differs: false); }
        var count = Math.Min(compared.Count - 1, Others);
        var distances = new (double Nats, DeviceMoments Other)[count];
        for (var i = 0; i < count; i++)
        {
            var other = _devices[compared[(own + 1 + (int)((long)i * (compared.Count - 1) / count)) % compared.Count]];
            distances[i] = (MomentsDistance.Of(device.Moments, other.Moments), other);
        }

        Array.Sort(distances, static (a, b) => (a.Nats, a.Other.Device).CompareTo((b.Nats, b.Other.Device)));
        var (median, middle) = distances[(count - 1) / 2];
        var (column, alone) = MomentsDistance.OfColumn(device.Moments, middle.Moments);
        var differs = median > options.MaxDistance;
        if (alone <= 0 || alone < median / 10) { return new(device.Device, device.Moments.Count, median, "", differs); }
        return new(device.Device, device.Moments.Count, median, device.Columns[column], differs)
        {
            Own = ColumnLevel.Of(device.Moments, column),
            Others = ColumnLevel.Median([.. distances.Select(d => ColumnLevel.Of(d.Other.Moments, column))]),
        };
    }
}
