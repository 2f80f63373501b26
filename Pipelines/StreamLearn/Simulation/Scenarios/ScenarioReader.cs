using System.Text.Json;
using static StreamLearn.Simulation.ScenarioField;

namespace StreamLearn.Simulation;

/// <summary>Written by hand, so that every error states its position and the expected and actual values.</summary>
internal static class ScenarioReader
{
    private const double MaxSeconds = 1e9;      // 31 years

    private static readonly JsonDocumentOptions Options =
        new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false };

    internal static Scenario Read(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Options);
            return ReadScenario(document.RootElement);
        }
        catch (JsonException e)
        {
            var place = e.LineNumber is { } line ? $"line {line + 1}: " : "";
            throw new ScenarioException($"{place}{Line(e.Message.Split(" LineNumber:", 2)[0])}");
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            throw new ScenarioException($"a string is not valid Unicode: {Line(e.Message)}");
        }
    }

    private static Scenario ReadScenario(JsonElement json)
    {
        var place = "scenario";
        CheckKeys(json, place, "description", "defaults", "speedSpread", "stragglers", "stragglerSlowdown", "devices",
            "replaySpeed", "randomPhase", "runSeconds", "failures", "faults");
        var (stragglers, named) = ReadStragglers(json, place);
        return new()
        {
            Description = Text(json, place, "description") ?? "",
            Defaults = json.TryGetProperty("defaults", out var defaults) ? ReadDevice(defaults, "defaults") : new(),
            SpeedSpread = Number(json, place, "speedSpread", 0, 3) ?? 0,
            Stragglers = stragglers,
            NamedStragglers = named,
            StragglerSlowdown = Number(json, place, "stragglerSlowdown", 1, 1e6) ?? 10,
            Devices = ReadDevices(json),
            ReplaySpeed = Number(json, place, "replaySpeed", 1e-3, 1e6) ?? 1,
            RandomPhase = Truth(json, place, "randomPhase") ?? false,
            RunSeconds = Number(json, place, "runSeconds", 1e-3, MaxSeconds),
            Failures = ReadFailures(json),
            Faults = ReadFaults(json),
        };
    }

    private static (int Count, List<string> Named) ReadStragglers(JsonElement json, string place)
    {
        if (!json.TryGetProperty("stragglers", out var listed) || listed.ValueKind != JsonValueKind.Array)
        {
            return (Whole(json, place, "stragglers", 0) ?? 0, []);
        }

        var named = new List<string>();
        foreach (var item in listed.EnumerateArray())
        {
            Expect(item, JsonValueKind.String, $"{place}.stragglers[{named.Count}]");
            named.Add(item.GetString()!);
        }

        return (0, named);
    }

    private static List<DeviceFailure> ReadFailures(JsonElement json)
    {
        var failures = new List<DeviceFailure>();
        if (!json.TryGetProperty("failures", out var list)) { return failures; }
        Expect(list, JsonValueKind.Array, "failures");
        foreach (var item in list.EnumerateArray()) { failures.Add(ReadFailure(item, $"failures[{failures.Count}]", failures)); }
        return failures;
    }

    private static DeviceFailure ReadFailure(JsonElement item, string at, List<DeviceFailure> before)
    {
        Expect(item, JsonValueKind.Object, at);
        var kind = OneOf(item, at, "kind", ("crash", FailureKind.Crash), ("leave", FailureKind.Leave), ("rejoin", FailureKind.Rejoin),
            ("move", FailureKind.Move));
        if (kind == FailureKind.Move) { CheckKeys(item, at, "atSeconds", "device", "kind", "to"); }
        else { CheckKeys(item, at, "atSeconds", "device", "kind"); }
        var earliest = before.Count == 0 ? 0 : before[^1].AtSeconds;
        var failure = new DeviceFailure(Required(Number(item, at, "atSeconds", earliest, MaxSeconds), at, "atSeconds"),
            Required(Text(item, at, "device"), at, "device"), kind,
            kind == FailureKind.Move ? Required(Text(item, at, "to"), at, "to") : "");
        var own = before.FindAll(f => f.Device == failure.Device);
        var gone = own.FindLast(static f => f.Kind != FailureKind.Move) is { Kind: not FailureKind.Rejoin };
        if (gone != (kind == FailureKind.Rejoin))
        {
            throw new ScenarioException($"{at}.kind: '{Line(failure.Device)}' {(gone ? "is gone, and can only rejoin"
                : "is there, and can only rejoin after it crashed or left")}");
        }

        if (kind == FailureKind.Move && (failure.To == failure.Device || own.FindLast(static f => f.To.Length > 0)?.To == failure.To))
        {
            throw new ScenarioException(
                $"{at}.to: expected another place than where '{Line(failure.Device)}' is, got '{Line(failure.To)}'");
        }

        return failure;
    }

    private static List<SensorFault> ReadFaults(JsonElement json)
    {
        var faults = new List<SensorFault>();
        if (!json.TryGetProperty("faults", out var list)) { return faults; }
        Expect(list, JsonValueKind.Array, "faults");
        foreach (var item in list.EnumerateArray())
        {
            var at = $"faults[{faults.Count}]";
            Expect(item, JsonValueKind.Object, at);
            var isClock = OneOf(item, at, "kind", ("stuck", false), ("clock", true));
            if (!isClock) { CheckKeys(item, at, "device", "kind", "channel", "fromSeconds"); }
            else { CheckKeys(item, at, "device", "kind", "aheadSeconds"); }
            faults.Add(new()
            {
                Device = Required(Text(item, at, "device"), at, "device"),
                Channel = isClock ? "" : Required(Text(item, at, "channel"), at, "channel"),
                FromSeconds = Number(item, at, "fromSeconds", 0, MaxSeconds) ?? 0,
                AheadSeconds = !isClock ? 0
                    : Required(Number(item, at, "aheadSeconds", -MaxSeconds, MaxSeconds), at, "aheadSeconds"),
            });
        }

        return faults;
    }

    private static Dictionary<string, DeviceSettings> ReadDevices(JsonElement json)
    {
        var devices = new Dictionary<string, DeviceSettings>(StringComparer.Ordinal);
        if (!json.TryGetProperty("devices", out var listed)) { return devices; }
        Expect(listed, JsonValueKind.Object, "devices");
        foreach (var device in listed.EnumerateObject())
        {
            devices.Add(device.Name, ReadDevice(device.Value, $"devices.{Line(device.Name)}"));
        }

        return devices;
    }

    private static DeviceSettings ReadDevice(JsonElement json, string place)
    {
        CheckKeys(json, place, "megaMultiplyAddsPerSecond", "speed", "speedTrace", "cores", "jitter", "leastJitter", "upMegabitsPerSecond",
            "downMegabitsPerSecond", "delayMilliseconds", "delayDeviationMilliseconds", "delayTrace", "rateTrace", "loss", "outages",
            "power");
        return new()
        {
            MegaMultiplyAddsPerSecond = Number(json, place, "megaMultiplyAddsPerSecond", 1e-9, 1e15),
            Speed = Number(json, place, "speed", 1e-6, 1e6),
            SpeedTrace = ReadChanges(json, place, "speedTrace", "speed", 1e-6, 1e6, static (at, speed) => (at, speed)),
            Cores = Whole(json, place, "cores", 1),
            Jitter = Number(json, place, "jitter", 0, 1),
            LeastJitter = Number(json, place, "leastJitter", 1e-9, 1),
            UpMegabitsPerSecond = Number(json, place, "upMegabitsPerSecond", 1e-9, 1e15),
            DownMegabitsPerSecond = Number(json, place, "downMegabitsPerSecond", 1e-9, 1e15),
            DelayMilliseconds = Number(json, place, "delayMilliseconds", 0, 1000 * MaxSeconds),
            DelayDeviationMilliseconds = Number(json, place, "delayDeviationMilliseconds", 0, 1000 * MaxSeconds),
            DelayTrace = ReadChanges(json, place, "delayTrace", "delayMilliseconds", 0, 1000 * MaxSeconds,
                static (at, milliseconds) => (at, TimeSpan.FromMilliseconds(milliseconds))),
            RateTrace = ReadChanges(json, place, "rateTrace", "rate", 1e-6, 1e6, static (at, rate) => (at, rate)),
            Loss = Number(json, place, "loss", 0, 0.999),
            Outages = ReadOutages(json, place),
            Power = ReadPower(json, place),
        };
    }

    private static PowerProfile? ReadPower(JsonElement json, string place)
    {
        if (!json.TryGetProperty("power", out var power)) { return null; }
        var at = $"{place}.power";
        CheckKeys(power, at, "idleWatts", "computingWatts", "sendingWatts", "receivingWatts", "joulesPerBit", "tailMilliseconds");
        double Of(string name) => Number(power, at, name, 0, 1e6) ?? 0;
        return new()
        {
            IdleWatts = Of("idleWatts"),
            ComputingWatts = Of("computingWatts"),
            SendingWatts = Of("sendingWatts"),
            ReceivingWatts = Of("receivingWatts"),
            JoulesPerBit = Of("joulesPerBit"),
            Tail = TimeSpan.FromMilliseconds(Of("tailMilliseconds")),
        };
    }

    private static List<T>? ReadChanges<T>(
        JsonElement json, string place, string name, string value, double least, double most, Func<TimeSpan, double, T> make)
    {
        if (!json.TryGetProperty(name, out var list)) { return null; }
        Expect(list, JsonValueKind.Array, $"{place}.{name}");
        var (changes, earliest) = (new List<T>(), 0.0);
        foreach (var item in list.EnumerateArray())
        {
            var at = $"{place}.{name}[{changes.Count}]";
            CheckKeys(item, at, "atSeconds", value);
            earliest = Required(Number(item, at, "atSeconds", earliest, MaxSeconds), at, "atSeconds");
            changes.Add(make(TimeSpan.FromSeconds(earliest), Required(Number(item, at, value, least, most), at, value)));
        }

        return changes;
    }

    private static List<(TimeSpan From, TimeSpan To)>? ReadOutages(JsonElement json, string place)
    {
        if (!json.TryGetProperty("outages", out var list)) { return null; }
        Expect(list, JsonValueKind.Array, $"{place}.outages");
        var (outages, earliest) = (new List<(TimeSpan From, TimeSpan To)>(), 0.0);
        foreach (var item in list.EnumerateArray())
        {
            var at = $"{place}.outages[{outages.Count}]";
            CheckKeys(item, at, "fromSeconds", "toSeconds");
            var from = Required(Number(item, at, "fromSeconds", earliest, MaxSeconds), at, "fromSeconds");
            earliest = Required(Number(item, at, "toSeconds", from + 1e-6, MaxSeconds + 1), at, "toSeconds");
            outages.Add(new(TimeSpan.FromSeconds(from), TimeSpan.FromSeconds(earliest)));
        }

        return outages;
    }
}
