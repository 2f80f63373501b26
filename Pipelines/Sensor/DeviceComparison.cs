using System.Globalization;
using System.Text.Json;
using StreamLearn;
using StreamLearn.Learning;
using StreamLearn.Programs;

namespace Sensor;

/// <summary>How the devices of the fleet compare, those of other programs too, and which differ from the others.</summary>
internal sealed class DeviceComparison : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly FleetTopics _topics;
    private readonly Together _opened;
    private readonly PipelineRun _run;
    private readonly Action<string> _say;
    private volatile FleetMoments? _newest;
    private List<string> _saidOf = [];
    private long? _toldAt;
    private bool _saidSilence;
    private bool _saidFailure;

    private DeviceComparison(SensorConfig config, Action<string> say)
    {
        (_topics, _say) = (config.Link.Topics, say);
        var transport = EdgeServer.Open(config.Link.Url, client: null, TimeSpan.FromHours(1), config.Link.Login);
        _run = FleetComparison.Create(_topics, transport, moments => _newest = moments).Start();
        _opened = new([_run, transport]);
    }

    private IEnumerable<DeviceDistance> Different => _newest?.Devices.Where(static d => d.Differs) ?? [];

    /// <summary>Begins to listen, if the configuration asks for it; null: it does not. <paramref name="say"/>: gets what people are to
    /// know.</summary>
    internal static DeviceComparison? Start(SensorConfig config, Action<string> say) =>
        config.Anomalies is { Watch.Compares: true } ? new(config, say) : null;

    /// <summary>Says which devices have begun to differ, and which no longer do. <paramref name="hasTold"/>: true once a device of this
    /// program has told what its rows are like.</summary>
    internal void Look(bool hasTold)
    {
        _toldAt ??= hasTold ? TimeProvider.System.GetTimestamp() : null;
        if (_newest is null && !_saidSilence && _toldAt is { } at && TimeProvider.System.GetElapsedTime(at) > Patience)
        {
            _saidSilence = true;
            _say($"devices are not compared, as nothing comes of what they tell: may this login read {_topics.Moments}?");
        }

        if (_run.Completion.IsFaulted && !_saidFailure)
        {
            _saidFailure = true;
            _say($"devices are no longer compared: {_run.Completion.Exception!.InnerException!.Message}");
        }

        var differ = Different.ToList();
        foreach (var device in differ.Where(d => !_saidOf.Contains(d.Device)))
        {
            _say(string.Create(CultureInfo.InvariantCulture, $"the rows of {device.Device} differ from those of the other ")
                + string.Create(CultureInfo.InvariantCulture, $"{_newest!.Devices.Length - 1} devices, by {device.Distance:0.#} nats")
                + (device.Column.Length == 0 ? "; no column does so by itself" : $"; {device.Column} differs most"));
        }

        foreach (var device in _saidOf.Where(s => !differ.Exists(d => d.Device == s)))
        {
            _say($"the rows of {device} are like those of the other devices again");
        }

        _saidOf = differ.ConvertAll(static d => d.Device);
    }

    /// <summary>For the line of each second: the devices that differ.</summary>
    internal string Text() => Different.Any() ? $" differ={string.Join(',', Different.Select(static d => d.Device))}" : "";

    /// <summary>Members of the status.</summary>
    internal void Write(Utf8JsonWriter json)
    {
        json.WriteNumber("devices_compared", _newest?.Devices.Count(static d => d.Distance is not null) ?? 0);
        json.WriteStartArray("devices_that_differ");
        foreach (var device in Different)
        {
            json.WriteStartObject();
            json.WriteString("device", device.Device);
            json.WriteNumber("nats", device.Distance!.Value);
            json.WriteString("column", device.Column);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _opened.DisposeAsync();
}
