using StreamLearn.Operators;
using StreamLearn.Tables;

namespace Sensor;

internal static class LiveRows
{
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);
    private const int MaxWaiting = 1024;       // maximum waiting messages; NATS does not wait and drops further ones

    private static readonly TimeSpan ArrivalGap = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LineGap = TimeSpan.FromSeconds(1);

    /// <summary><paramref name="client"/>: returns the client name of a device.</summary>
    internal static IEnumerable<MeasuredDevice> Of(
        ServerConfig source, SensorConfig config, Func<string, string?> client, ICollection<IAsyncDisposable> opened)
    {
        var (columns, stuck) = (config.Columns, config.Check.Stuck);
        // MQTT servers stop delivery after twenty unacknowledged messages: do not hold rows until rare checkpoints
        var options = source.Url.Scheme is "nats" or "tls" ? new SubscribeOptions { Capacity = MaxWaiting }
            : new() { AfterCheckpoint = config.SaveEvery is null };
        options = options with { SkipRetained = !source.TakesRetained };
        foreach (var device in source.Devices)
        {
            var server = EdgeServer.OpenSource(source.Url, client(device), Kept, source.Login);
            opened.Add(server);
            var codec = RowCodecs.Of(source, columns);
            yield return Device(device, source, columns, stuck, p => p.Subscribe(server, source.TopicOf(device), codec.Codec, options),
                codec.WhyUnread, ArrivalGap);
        }
    }

    internal static MeasuredDevice Of(LinesConfig source, ColumnsConfig columns, TimeSpan stuck)
    {
        RefusedRow? last = null;
        var options = new LineOptions
        {
            Say = text => Say(source.Device, text),
            OnRefused = row => last = row,
        };
        return Device(source.Device, source, columns, stuck, p => source.Form is PayloadForm.Csv csv
            ? p.FromLines(source.Origin, RowCodecs.FormOf(csv, columns), options)
            : p.FromLines(source.Origin, RowCodecs.JsonOf(columns, source), options),
            () => last is null ? null : $"{last}{FormAdvice.Of(last, (source.Form as PayloadForm.Csv)?.Form)}", LineGap);
    }

    internal static MeasuredDevice Of(HostConfig host, ColumnsConfig columns, TimeSpan stuck)
    {
        var schema = columns.Schema();
        return new(host.Device, p => p.FromHost(interval: host.Every).InColumns(schema), schema,
            CheckQualityOptions.SegmentColumn)
        {
            Quality = Live(columns, stuck) with { Gap = StepLength.GapRows * host.Every },
        };
    }

    /// <summary><paramref name="gap"/>: maximum gap between arrivals.</summary>
    private static MeasuredDevice Device(string name, LiveConfig source, ColumnsConfig columns, TimeSpan stuck,
        Func<PipelineBuilder, Flow<Batch>> rows, Func<string?> whyUnread, TimeSpan gap)
    {
        var (hasTime, read) = (columns.Time!.Unit is not null, RowCodecs.SchemaOf(columns));
        TimeSpan? between = source.Rate is { } rate ? TimeSpan.FromSeconds(StepLength.GapRows / rate) : null;
        if (!hasTime && between < gap) { between = gap; }
        return new(name, p =>
        {
            var own = rows(p).InColumns(read);
            return hasTime ? own : own.StampArrival(source.Rate, new(TimeProvider.System, text => Say(name, text)));
        }, columns.Schema(), between is null ? null : CheckQualityOptions.SegmentColumn)
        {
            WhyUnread = whyUnread,
            Quality = Live(columns, stuck) with
            {
                Gap = between,
                Clock = hasTime ? new() { Machine = TimeProvider.System } : EventClock.FullSpeed,  // arrival times are never in the future
            },
        };
    }

    private static void Say(string device, string text) => Console.Error.WriteLine($"streamlearn-sensor: {device}: {text}");

    private static CheckQualityOptions Live(ColumnsConfig columns, TimeSpan stuck) => new()
    {
        Stuck = stuck,
        Channels = columns.Checks,
        DropFaulty = true,
    };
}
