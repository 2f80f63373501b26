using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Learning;

/// <summary>Statistics of a device's usual rows; each message replaces its previous one.</summary>
/// <param name="Device">The device.</param>
/// <param name="Epoch">The start of the device, in milliseconds since 1970; later when it relearns.</param>
/// <param name="Columns">Names of the columns.</param>
/// <param name="Moments">Count, mean and covariance; must not be changed any more.</param>
public sealed record DeviceMoments(string Device, long Epoch, ImmutableArray<string> Columns, RowMoments Moments) : ISized
{
    /// <summary>The codec <c>device-moments/2</c>.</summary>
    public static ICodec<DeviceMoments> Codec { get; } = new StateCodec<DeviceMoments>("device-moments/2", State);

    /// <inheritdoc />
    public long SizeBytes => 64 + (2L * Device.Length) + Columns.Sum(static c => 24 + (2L * c.Length))
        + RowMoments.BytesOf(Moments.Mean.Length);

    internal static void State(ref StateStream s, ref DeviceMoments value)
    {
        var (device, epoch) = (s.Value(value?.Device ?? ""), s.Value(value?.Epoch ?? 0));
        var columns = s.Items(value?.Columns ?? [], Schema.MaxColumns,
            static (ref StateStream s, ref string column) => column = s.Value(column ?? ""));
        var moments = MomentsOf(ref s, value?.Moments);
        value ??= columns.Length == moments.Mean.Length ? new(device, epoch, columns, moments)
            : throw new StateException($"expected names of {moments.Mean.Length} columns, got {columns.Length}");
    }

    internal static RowMoments MomentsOf(ref StateStream s, RowMoments? moments)
    {
        var channels = s.Value(moments?.Mean.Length ?? 0, 1, Schema.MaxColumns);
        moments ??= new(channels);
        moments.State(ref s);
        return moments;
    }
}

/// <summary>How a device compares with the others.</summary>
/// <param name="Device">The device.</param>
/// <param name="Rows">Rows reported.</param>
/// <param name="Distance">Median distance from each other device, in nats; null: it, or fewer than three devices, have enough rows.</param>
/// <param name="Column">The column that differs most by itself; empty: no distance, or none differs by a tenth of it.</param>
/// <param name="Differs">True if farther than usual.</param>
public sealed record DeviceDistance(string Device, long Rows, double? Distance, string Column, bool Differs)
{
    /// <summary>Mean and standard deviation of that column in the device's rows; zeros if there is no column.</summary>
    public (double Mean, double Deviation) Own { get; init; }

    /// <summary>The same in the others' rows: medians of their means and deviations.</summary>
    public (double Mean, double Deviation) Others { get; init; }

    /// <summary>True if its columns differ from those of most devices; it is then compared with those that have the same.</summary>
    public bool HasOtherColumns { get; init; }

    internal static void State(ref StateStream s, ref DeviceDistance item)
    {
        item ??= new("", 0, null, "", false);       // placeholder while reading
        var (device, rows) = (s.Value(item.Device), s.Value(item.Rows));
        double? distance = s.Value(item.Distance is not null) ? s.Value(item.Distance ?? 0) : null;
        item = new(device, rows, distance, s.Value(item.Column), s.Value(item.Differs))
        {
            Own = ColumnLevel.State(ref s, item.Own),
            Others = ColumnLevel.State(ref s, item.Others),
            HasOtherColumns = s.Value(item.HasOtherColumns),
        };
    }
}

/// <summary>Mean and standard deviation of a column, in its unit.</summary>
internal static class ColumnLevel
{
    internal static (double Mean, double Deviation) Of(RowMoments rows, int column) =>
        (rows.Mean[column], Math.Sqrt(rows.Covariance(column, column)));

    internal static (double Mean, double Deviation) Median((double Mean, double Deviation)[] levels) => (
        levels.Select(static l => l.Mean).Order().ElementAt((levels.Length - 1) / 2),
        levels.Select(static l => l.Deviation).Order().ElementAt((levels.Length - 1) / 2));

    internal static (double Mean, double Deviation) State(ref StateStream s, (double Mean, double Deviation) level) =>
        (s.Value(level.Mean), s.Value(level.Deviation));
}

/// <summary>Statistics of a fleet's usual rows.</summary>
/// <param name="Moments">Moments pooled over all devices with the most common columns, including those that differ.</param>
/// <param name="Devices">The devices, by name.</param>
public sealed record FleetMoments(RowMoments Moments, ImmutableArray<DeviceDistance> Devices) : ISized
{
    /// <summary>The codec <c>fleet-moments/4</c>.</summary>
    public static ICodec<FleetMoments> Codec { get; } = new StateCodec<FleetMoments>("fleet-moments/4", State);

    private const int MaxDevices = 1_000_000;

    /// <inheritdoc />
    public long SizeBytes => 64 + RowMoments.BytesOf(Moments.Mean.Length)
        + Devices.Sum(static d => 104 + (2L * (d.Device.Length + d.Column.Length)));

    /// <summary>The devices that differ from the others.</summary>
    public IEnumerable<string> Different => Devices.Where(static d => d.Differs).Select(static d => d.Device);

    private static void State(ref StateStream s, ref FleetMoments value)
    {
        var moments = DeviceMoments.MomentsOf(ref s, value?.Moments);
        var devices = s.Items(value?.Devices ?? [], MaxDevices, DeviceDistance.State);
        value ??= new(moments, devices);
    }
}

internal sealed class StateCodec<T>(string name, StateOf<T> state) : ICodec<T>
    where T : class
{
    public string Name => name;

    public void Encode(T value, IBufferWriter<byte> buffer)
    {
        var bytes = new StateBuffer();
        var s = new StateStream(bytes);
        state(ref s, ref value);
        buffer.Write(bytes.Written);
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out T value)
    {
        try
        {
            var s = new StateStream(bytes.IsSingleSegment ? bytes.FirstSpan : bytes.ToArray(), pool);
            value = null!;
            state(ref s, ref value);
            return true;
        }
        catch (StateException)
        {
            value = null;
            return false;
        }
    }
}
