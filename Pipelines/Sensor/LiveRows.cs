using StreamLearn;
using StreamLearn.Formats;
using StreamLearn.Operators;
using StreamLearn.Programs;

namespace Sensor;

/// <summary>Devices whose rows come as they are measured: from a server, or of the machine itself.</summary>
internal static class LiveRows
{
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    /// <summary>Devices that publish JSON. <paramref name="client"/>: makes the name of a client of a device's.</summary>
    internal static IEnumerable<MeasuredDevice> Of(
        MqttConfig mqtt, SensorConfig config, Func<string, string?> client, List<IAsyncDisposable> opened)
    {
        var (columns, stuck) = (config.Columns, config.Check.Stuck);
        // a server holds back what comes behind twenty that wait: rows do not wait where the state is seldom saved
        var taken = new SubscribeOptions { Level = config.SaveEvery is null ? DeliveryLevel.Checkpointed : DeliveryLevel.Processed };
        foreach (var device in mqtt.Devices)
        {
            var server = EdgeServer.Open(mqtt.Url, client(device), Kept, mqtt.Login);
            opened.Add(server);
            var format = FormatOf(mqtt, columns);
            var hasTime = columns.Time!.Unit is not null;
            yield return new(device, p =>
            {
                var rows = p.Subscribe(server, mqtt.TopicOf(device), format, taken);
                return hasTime ? rows : rows.StampArrival(mqtt.Rate);
            }, columns.Schema(), mqtt.Rate is null ? null : CheckQualityOptions.SegmentColumn)
            {
                WhyUnread = () => format.LastRefusal is { Reason: not RefusalReason.None } refusal ? refusal.ToString() : null,
                Quality = Live(columns, stuck) with
                {
                    Gap = mqtt.Rate is { } rate && hasTime ? TimeSpan.FromSeconds(StepLength.GapRows / rate)
                        : mqtt.Rate is not null ? TimeSpan.FromSeconds(Math.Max(10, StepLength.GapRows / mqtt.Rate.Value)) : null,
                },
            };
        }
    }

    /// <summary>The machine.</summary>
    internal static MeasuredDevice Of(HostConfig host, ColumnsConfig columns, TimeSpan stuck)
    {
        var schema = columns.Schema();
        return new(host.Device, p => p.FromHost(new() { Interval = host.Every }).InColumns(schema), schema,
            CheckQualityOptions.SegmentColumn)
        {
            Quality = Live(columns, stuck) with { Gap = StepLength.GapRows * host.Every },
        };
    }

    /// <summary>How a device's messages are read.</summary>
    internal static JsonFormat FormatOf(MqttConfig mqtt, ColumnsConfig columns)
    {
        var time = columns.Time!;
        List<JsonColumn> paths = [.. columns.Channels.Select(static c => JsonColumn.Channel(c.Name, c.Path, c.Unit))];
        if (columns.LabelInData is { } label) { paths.Add(JsonColumn.Label(label.Path, label.Classes)); }
        var rate = time.Path.Contains("[*]", StringComparison.Ordinal) ? 0 : mqtt.Rate ?? 0;
        try
        {
            return new(new() { Columns = paths, Time = time.Unit is { } unit ? new(time.Path, unit, rate) : null });
        }
        catch (ArgumentException e)
        {
            throw new FormatException($"columns: {e.Message}", e);
        }
    }

    private static CheckQualityOptions Live(ColumnsConfig columns, TimeSpan stuck) => new()
    {
        Stuck = stuck,
        Channels = columns.Checks,
        DropFaulty = true,
    };
}
