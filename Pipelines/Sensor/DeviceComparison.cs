using System.Globalization;
using System.Text.Json;

namespace Sensor;

internal sealed class DeviceComparison : IAsyncDisposable
{
    private const int Many = 1000;
    private const int LooksAtEnd = 60;
    private const int Named = 20;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = 3 * FleetComparison.RepeatEvery;

    private readonly FleetTopics _topics;
    private readonly ColumnsConfig _columns;
    private readonly DisposableGroup _opened;
    private readonly PipelineRun _run;
    private readonly Action<string> _say;
    private readonly HashSet<string> _saidReasons = [];
    private volatile FleetMoments? _newest;
    private List<string> _saidOf = [];
    private List<string> _others = [];
    private long? _toldAt;
    private bool _saidSilence;
    private bool _saidAll;
    private bool _saidFailure;

    private DeviceComparison(SensorConfig config, Action<string> say)
    {
        (_topics, _columns, _say) = (config.Link.Topics, config.Columns, say);
        Transport = config.Link.Open(client: null);
        _run = FleetComparison.Create(_topics, Transport, moments => _newest = moments).Start();
        _opened = new([_run, Transport]);
    }

    internal ITransport Transport { get; }

    private IEnumerable<DeviceDistance> Different => _newest?.Devices.Where(static d => d.Differs) ?? [];

    private IEnumerable<(string Reason, long Count)> LeftOut => _run.Metrics.Blocks.SelectMany(static b => b.Drops)
        .Where(static d => d.Key != "old").Select(static d => (d.Key, d.Value));

    internal static DeviceComparison? Start(SensorConfig config, Action<string> say) =>
        config.Anomalies is { Watch.Compares: true } ? new(config, say) : null;

    /// <summary>Reports changes. <paramref name="hasPublished"/>: a device of this program has published.</summary>
    internal void Look(bool hasPublished)
    {
        _toldAt ??= hasPublished ? TimeProvider.System.GetTimestamp() : null;
        if (_newest is null && !_saidSilence && _toldAt is { } at && TimeProvider.System.GetElapsedTime(at) > Patience)
        {
            _saidSilence = true;
            _say($"devices are not compared: none of their messages arrive. Is this login allowed to read {_topics.Moments}?");
        }

        if (_run.Completion.IsFaulted && !_saidFailure)
        {
            _saidFailure = true;
            _say($"devices are no longer compared: {_run.Completion.Exception!.InnerException!.Message}");
        }

        foreach (var (reason, count) in LeftOut.Where(l => _saidReasons.Add(l.Reason)))
        {
            _say(string.Create(CultureInfo.InvariantCulture, $"{count} comparison messages of devices are dropped, ")
                + $"reason '{reason}'; status shows the count");
        }

        SayOthers();
        var differ = Different.ToList();
        foreach (var device in differ.Where(d => !_saidOf.Contains(d.Device)))
        {
            _say(string.Create(CultureInfo.InvariantCulture, $"the rows of {device.Device} differ from those of the other ")
                + string.Create(CultureInfo.InvariantCulture, $"{ComparedWith(device)} devices, by {Nats(device.Distance!.Value)}")
                + (device.Column.Length == 0 ? "; no single column does"
                    : $"; {device.Column} differs most: {Level(device.Own)}, others {Level(device.Others)}{UnitOf(device.Column)}"));
        }

        foreach (var device in _saidOf.Where(s => !differ.Exists(d => d.Device == s)))
        {
            _say($"the rows of {device} match those of the other devices again");
        }

        if (differ.Count == Compared && Compared > 0 && !_saidAll)
        {
            _saidAll = true;
            _say("all compared devices differ from each other, which says little: if rows change slowly, such as temperatures, "
                + "learn_rows has to span many cycles");
        }

        _saidOf = differ.ConvertAll(static d => d.Device);
    }

    private int ComparedWith(DeviceDistance device) =>
        _newest!.Devices.Count(d => d.Distance is not null && d.HasOtherColumns == device.HasOtherColumns) - 1;

    private void SayOthers()
    {
        var others = _newest?.Devices.Where(static d => d.HasOtherColumns).Select(static d => d.Device).ToList() ?? [];
        if (others.Count == 0 || others.SequenceEqual(_others)) { return; }
        _others = others;
        _say($"compared separately, because their columns differ from most devices: {string.Join(", ", others.Take(Named))}"
            + (others.Count > Named ? FormattableString.Invariant($" and {others.Count - Named:N0} more") : ""));
    }

    /// <summary>Waits briefly for messages in flight after the rows have ended; returns true if devices are now compared.</summary>
    internal async Task<bool> SettleAsync()
    {
        if (Compared > 0) { return false; }
        for (var looks = 0; Compared == 0 && looks < LooksAtEnd; looks++)
        {
            await Task.Delay(LookEvery, TimeProvider.System).ConfigureAwait(false);
        }

        Look(hasPublished: true);
        return Compared > 0;
    }

    private static string Nats(double nats) => nats > Many ? FormattableString.Invariant($"more than {Many} nats")
        : FormattableString.Invariant($"{nats:0.#} nats");

    private static string Level((double Mean, double Deviation) level) =>
        FormattableString.Invariant($"{level.Mean:G6} ± {level.Deviation:G2}");

    private string UnitOf(string column) =>
        _columns.Channels.FirstOrDefault(c => c.Name == column)?.Unit is { Symbol: not "1" } unit ? $" {unit}" : "";

    internal string Text() => FormattableString.Invariant($" compared={Compared}")
        + (Different.Any() ? $" differ={string.Join(',', Different.Select(static d => d.Device))}" : "");

    private int Compared => _newest?.Devices.Count(static d => d.Distance is not null) ?? 0;

    /// <summary>Reports that the rows ended before a comparison; null otherwise.</summary>
    internal string? WhyNone => Compared > 0 ? null
        : "no device was compared: this needs three running devices that have learned their baseline";

    internal void Write(Utf8JsonWriter json)
    {
        json.WriteNumber("devices_compared", Compared);
        foreach (var (reason, count) in LeftOut) { json.WriteNumber($"comparisons_left_out_{reason}", count); }
        json.WriteStartArray("devices_that_differ");
        foreach (var device in Different)
        {
            json.WriteStartObject();
            json.WriteString("device", PrintableText.Of(device.Device));
            json.WriteNumber("nats", device.Distance!.Value);
            if (device.Column.Length > 0)
            {
                json.WriteString("column", PrintableText.Of(device.Column));
                Write("own", device.Own);
                Write("others", device.Others);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();

        void Write(string name, (double Mean, double Deviation) level)
        {
            json.WriteStartObject(name);
            json.WriteNumber("mean", level.Mean);
            json.WriteNumber("deviation", level.Deviation);
            json.WriteEndObject();
        }
    }

    public ValueTask DisposeAsync() => _opened.DisposeAsync();
}
