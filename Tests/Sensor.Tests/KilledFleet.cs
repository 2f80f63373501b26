using FleetProcess;
using NATS.Client.JetStream;
using StreamLearn.Nats;

namespace Sensor.Tests;

/// <summary>The programs of a fleet over a real server, each with a ledger, to be killed.</summary>
internal sealed class KilledFleet : IAsyncDisposable
{
    /// <summary>How fast rows are played: not as fast as they are taken, so that little is left to do when a sensor is to end.</summary>
    private const int Speed = 10;

    /// <summary>On a loaded machine the work in progress takes more than ten seconds.</summary>
    private const string Drain = "--drain=90s";

    private const string Asynchronous = """
        strategy: { fedbuff: { updates: 4 } }
        switchable: [{ fedavg: { devices: 4 } }]
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly IAsyncDisposable? _server;
    private readonly string _url;
    private readonly Dictionary<string, ServerProcess> _programs = new(StringComparer.Ordinal);

    /// <summary><paramref name="server"/>: the server; null: the aggregator's own broker. <paramref name="takeover"/>: after how long an
    /// aggregator takes over; null: there is one.</summary>
    private KilledFleet(IAsyncDisposable? server, Uri url, string exchange, string? takeover = null, string length = "24h",
        string learn = "batch: 16", string aggregate = Asynchronous)
    {
        (_server, _url) = (server, url.ToString().TrimEnd('/'));
        File.WriteAllText(_folder.File("sensor.yaml"), $"""
            streamlearn: 1
            fleet: killed
            state: {_folder.File("state")}
            link: {Braced($"url: '{_url}'")}
            source:
              generator: {Braced($"users: [1], length: {length}, speed: {Speed}")}
            pipeline:
              - check: {Braced("stuck: 5s")}
              - window: {Braced("samples: 128, hop: 64")}
              - learn: {Braced(learn)}
            exchange: {Braced(exchange)}
            """);
        File.WriteAllText(_folder.File("aggregator.yaml"), $"""
            streamlearn: 1
            fleet: killed
            state: {_folder.File("state")}
            link: {Braced($"url: '{_url}'")}
            {(server is null ? $"broker: {Braced($"listen: '{url.Authority}'")}" : "# over a server of its own")}
            aggregate:
              {aggregate.ReplaceLineEndings("\n  ")}
              {(takeover is null ? "# one aggregator" : $"takeover: {takeover}")}
              lease: 90s        # a device that a loaded machine lets wait is not gone
            """);
    }

    internal static async Task<KilledFleet> StartAsync(bool overNats, string exchange = "mode: async", string aggregate = Asynchronous)
    {
        if (overNats)
        {
            var nats = await RealNats.StartAsync(new() { JetStream = true });
            return new(nats, nats.Uri, exchange, aggregate: aggregate);
        }

        var mosquitto = await Mosquitto.StartAsync(new() { Durable = true });
        return new(mosquitto, mosquitto.Uri, exchange, aggregate: aggregate);
    }

    /// <summary>A fleet of which aggregators on several hosts take over from each other, over NATS, and whose sensors' rows end.</summary>
    internal static async Task<KilledFleet> StartTakeoverAsync(string takeover, string length, string exchange = "mode: async",
        string learn = "batch: 16", string aggregate = Asynchronous)
    {
        var nats = await RealNats.StartAsync(new() { JetStream = true });
        return new(nats, nats.Uri, exchange, takeover, length, learn, aggregate);
    }

    /// <summary>A fleet without a server: the broker runs in the aggregator, and is killed with it.</summary>
    internal static KilledFleet StartEmbedded(string exchange = "mode: async") =>
        new(null, new($"mqtt://127.0.0.1:{LoopbackPort.Take()}"), exchange);

    /// <summary>Starts a sensor program with two devices; the first one's states lie beside the aggregator's.</summary>
    internal void StartSensor(int number, bool drains = true) => Start($"sensor-{number}", "streamlearn-sensor", ["run", "-c",
        _folder.File("sensor.yaml"), "--set", $"source.generator.users=[{(2 * number) + 1}, {(2 * number) + 2}]",
        "--ledger", LedgerOf($"sensor-{number}"), "--set", $"state={_folder.File(number == 0 ? "state" : $"state-{number}")}",
        .. DrainIf(drains)]);

    internal void StartAggregator(bool drains = true, params string[] more) => Start(FleetTopics.Aggregator, "streamlearn-aggregator",
        ["run", "-c", _folder.File("aggregator.yaml"), "--ledger", LedgerOf(FleetTopics.Aggregator), .. DrainIf(drains), .. more]);

    internal ServerProcess Sensor(int number) => _programs[$"sensor-{number}"];

    /// <summary>Starts an aggregator on a host of its own: nothing but its ledger is left when the host is gone.</summary>
    internal void StartHost(int host, bool drains = true) => Start(NameOf(host), "streamlearn-aggregator", ["run",
        "-c", _folder.File("aggregator.yaml"), "--set", $"state={_folder.File(NameOf(host))}", "--ledger", LedgerOf(NameOf(host)),
        .. DrainIf(drains)]);

    private static string[] DrainIf(bool drains) => drains ? [Drain] : [];

    internal ServerProcess Host(int host) => _programs[NameOf(host)];

    internal async Task LoseHostAsync(int host)
    {
        await KillAsync(NameOf(host));
        _programs.Remove(NameOf(host));
        Directory.Delete(_folder.File(NameOf(host)), recursive: true);
    }

    /// <summary>Kills nats-server and removes what it has stored; starts it again unless it is to stay away.</summary>
    internal async Task LoseStoreAsync(bool staysAway = false)
    {
        await ((RealNats)_server!).LoseStoreAsync();
        if (!staysAway) { await ((RealNats)_server!).StartAgainAsync(); }
    }

    internal Task<int> StopHostAsync(int host) => StopAsync(NameOf(host));

    /// <summary>What an aggregator has written of itself; null: nothing yet.</summary>
    internal JsonElement? StatusOf(int host)
    {
        var file = Path.Join(_folder.File(NameOf(host)), "killed", FleetTopics.Aggregator, "status.json");
        return File.Exists(file) ? JsonDocument.Parse(File.ReadAllBytes(file)).RootElement : null;
    }

    internal Task UntilVersionAsync(int host, int version) => UntilAsync(
        () => StatusOf(host) is { } status && status.TryGetProperty("version", out var made) ? made.GetInt32() : 0, version, "version");

    /// <summary>Waits until so many devices learn across at an aggregator.</summary>
    internal Task UntilSplitAsync(int host, int devices) => UntilAsync(
        () => StatusOf(host) is { } status && status.TryGetProperty("splits", out var splits)
            ? splits.GetProperty("devices").GetArrayLength() : 0, devices, "devices that learn across");

    internal Task UntilSensorSaysAsync(int number, string text) => Sensor(number).WaitForAsync(text);

    internal async Task UntilSensorsEndAsync()
    {
        foreach (var (name, program) in _programs.Where(static p => p.Key.StartsWith("sensor", StringComparison.Ordinal)))
        {
            var code = await program.EndAsync();
            Assert.True(code == 0, $"{name} ended with {code}: {Logs()}");
        }
    }

    private static string NameOf(int host) => $"{FleetTopics.Aggregator}-{host}";

    /// <summary>Runs another aggregator of the fleet, which knows nothing of the first one's state, until the first one says that devices
    /// followed it.</summary>
    internal async Task RunSecondAggregatorAsync()
    {
        await using var second = new ServerProcess("dotnet", Path.Combine(AppContext.BaseDirectory, "streamlearn-aggregator.dll"), "run",
            "-c", _folder.File("aggregator.yaml"), "--set", $"state={_folder.File("other")}");
        await _programs[FleetTopics.Aggregator].WaitForAsync("another aggregator of this fleet is or was running");
        await second.KillAsync();
    }

    internal void StartKilledAt(KillStep step, int time) => Start(FleetTopics.Aggregator, "FleetProcess", "killed-at", _url, "killed",
        _folder.File("state"), LedgerOf(FleetTopics.Aggregator), $"{step}", $"{time}");

    /// <summary>Lets the aggregator go on with another strategy, and waits until it does.</summary>
    internal async Task SwitchAsync(string strategy)
    {
        await using var program = new ServerProcess("dotnet", Path.Combine(AppContext.BaseDirectory, "streamlearn-aggregator.dll"),
            "switch", strategy, "-c", _folder.File("aggregator.yaml"));
        Assert.True(await program.EndAsync() == 0, program.Log);
        await _programs[FleetTopics.Aggregator].WaitForAsync($" strategy={strategy}");
    }

    /// <summary>The rounds, in their order, with the updates that went into each.</summary>
    internal List<LedgerRound> Rounds() =>
        [.. Read("aggregator*").Where(static l => l.StartsWith("round", StringComparison.Ordinal)).Select(LedgerRound.Read)];

    internal Task KillSensorAsync(int number) => KillAsync($"sensor-{number}");

    internal Task KillAggregatorAsync() => KillAsync(FleetTopics.Aggregator);

    internal async Task StopAggregatorAsync()
    {
        Assert.Equal(0, await StopAsync(FleetTopics.Aggregator));
        await _programs[FleetTopics.Aggregator].DisposeAsync();
    }

    internal Task<int> EndOfAggregatorAsync() => _programs[FleetTopics.Aggregator].EndAsync();

    internal void ForgetState(string participant) =>
        Directory.Delete(Path.Join(_folder.File("state"), "killed", participant), recursive: true);

    /// <summary>Where the states of the aggregator and of the first sensor's devices are.</summary>
    internal string StateOf(string participant) => Path.Join(_folder.File("state"), "killed", participant);

    internal string ServerStore => _server switch
    {
        RealNats nats => nats.Store,
        Mosquitto mosquitto => mosquitto.Store,
        _ => throw new InvalidOperationException("the aggregator's own broker stores nothing"),
    };

    internal string Copied(string from)
    {
        var copy = _folder.File($"copy-{Path.GetFileName(from)}");
        TemporaryFolder.Copy(from, copy);
        return copy;
    }

    internal static void PutBack(string copy, string to)
    {
        Directory.Delete(to, recursive: true);
        TemporaryFolder.Copy(copy, to);
    }

    /// <summary>Ends the server, as <c>kill -9</c> does or in order.</summary>
    internal Task EndServerAsync(bool isKilled) => (_server, isKilled) switch
    {
        (RealNats nats, true) => nats.KillAsync(),
        (RealNats nats, false) => nats.StopAsync(),
        (Mosquitto mosquitto, true) => mosquitto.KillAsync(),
        (var server, _) => ((Mosquitto)server!).StopAsync(),
    };

    internal Task StartServerAsync() => _server is RealNats nats ? nats.StartAgainAsync() : ((Mosquitto)_server!).StartAgainAsync();

    /// <summary>Ends a sensor, as <c>kill -9</c> does or in order.</summary>
    internal async Task EndSensorAsync(int number, bool isKilled)
    {
        if (isKilled)
        {
            await KillSensorAsync(number);
            return;
        }

        Assert.Equal(0, await StopAsync($"sensor-{number}"));
        await _programs[$"sensor-{number}"].DisposeAsync();
    }

    internal IEnumerable<string> Said() => _programs.Values.SelectMany(static p => p.Log.Split('\n'));

    internal Task UntilThereAsync(string folder) => UntilAsync(
        () => Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Any() ? 1 : 0, 1, folder);

    internal Task UntilSaidAsync(string text) => _programs[FleetTopics.Aggregator].WaitForAsync(text);

    internal int Taken() => Read("aggregator*").Count(static l => l.StartsWith("took", StringComparison.Ordinal));

    internal Task UntilRoundOfAsync(string[] devices) => UntilAsync(
        () => Rounds().Exists(r => r.Applied.Select(static a => a.Device).Order().SequenceEqual(devices)) ? 1 : 0, 1, "a round of some");

    /// <summary>Waits until some devices' updates from the newest version were taken: all that are not stopped.</summary>
    internal async Task<LedgerRound> UntilTakenFromNewestAsync(params string[] devices)
    {
        bool IsTaken() => Read("aggregator*").Select(static l => l.Split(' '))
            .Where(l => l[0] == "took" && l[4] == $"{Rounds()[^1].Version}")
            .Select(static l => l[1]).Order(StringComparer.Ordinal).SequenceEqual(devices);
        await UntilAsync(() => IsTaken() ? 1 : 0, 1, $"{string.Join(", ", devices)} alone in a round");
        return Rounds()[^1];
    }

    internal Task UntilAsync(int taken) => UntilAsync(Taken, taken, $"{taken} updates taken");

    internal Task UntilRoundsAsync(int rounds) => UntilAsync(() => Rounds().Count, rounds, $"{rounds} rounds");

    /// <summary>Waits until devices have learned from a later version: then the server has it.</summary>
    internal Task UntilLearnedFromAsync(long later) => UntilAsync(
        () => Rounds().SelectMany(static r => r.Applied).Any(a => a.Base > later) ? 1 : 0, 1, $"an update from a version after {later}");

    internal Task UntilEachAppliedAsync(string[] devices, int updates)
    {
        var seen = Rounds().Count;
        return UntilAsync(() =>
        {
            var of = Rounds().Skip(seen).SelectMany(static r => r.Applied).CountBy(static a => a.Device).ToDictionary();
            return devices.Sum(d => Math.Min(updates, of.GetValueOrDefault(d)));
        }, devices.Length * updates, $"{updates} updates applied of each of {string.Join(", ", devices)}");
    }

    internal async Task EndAsync()
    {
        foreach (var name in _programs.Keys.OrderDescending(StringComparer.Ordinal).ToList())
        {
            var code = await StopAsync(name);
            Assert.True(code == 0, $"{name} ended with {code}: {Logs()}");
        }
    }

    internal FleetCheck Check() => FleetCheck.Of(Read("*"));

    /// <summary>Identities under which aggregators wrote down different things.</summary>
    internal IEnumerable<string> Contradictions() => Lines("aggregator*").Distinct().Select(static l => l.Split('\t', 4))
        .GroupBy(static l => string.Join(' ', l[..3])).Where(static g => g.Count() > 1).Select(static g => g.Key);

    internal async Task<long> RegisteredAsync()
    {
        await using var connection = EdgeServer.OpenNatsClient(new(_url), login: null);
        var registry = await ModelRegistry.FindAsync(connection, ModelRegistry.DefaultName, TestContext.Current.CancellationToken);
        return (await registry!.LatestAsync("killed", TestContext.Current.CancellationToken))!.Version;
    }

    internal async Task<long> RetainedAsync()
    {
        await using var connection = EdgeServer.OpenNatsClient(new(_url), login: null);
        return (await new NatsJSContext(connection).GetStreamAsync(
            "KV_streamlearn", cancellationToken: TestContext.Current.CancellationToken)).Info.State.Messages;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var program in _programs.Values) { await program.DisposeAsync(); }
        if (_server is not null) { await _server.DisposeAsync(); }
        _folder.Dispose();
    }

    private string LedgerOf(string name) => _folder.File($"{name}.ledger");

    private string Logs() => string.Join('\n', _programs.Select(static p => $"{p.Key}: {p.Value.Log}"));

    private static string Braced(string text) => $"{{ {text} }}";

    private List<string> Read(string name) => [.. LedgerFile.Read(Lines(name))];

    private IEnumerable<string> Lines(string name) =>
        Directory.EnumerateFiles(_folder.Path, $"{name}.ledger").Order(StringComparer.Ordinal).SelectMany(static path =>
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(file);
            var text = reader.ReadToEnd();
            return text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        });

    private void Start(string name, string program, params string[] arguments) => _programs[name] =
        new("dotnet", [Path.Combine(AppContext.BaseDirectory, $"{program}.dll"), .. arguments]);

    private async Task<int> StopAsync(string name)
    {
        var program = _programs[name];
        await program.WaitForAsync(name.StartsWith(FleetTopics.Aggregator, StringComparison.Ordinal)
            ? "waiting for updates" : "updates=");       // it listens for signals
        return await program.StopAsync();
    }

    private async Task UntilAsync(Func<int> count, int wanted, string what)
    {
        using var patience = new CancellationTokenSource(ServerProcess.Patience, TimeProvider.System);
        for (var seen = 0; count() is var now && now < wanted;)
        {
            var gone = _programs.FirstOrDefault(static p => p.Value.HasExited);
            if (gone.Value is not null) { Assert.Fail($"{gone.Key} ended: {gone.Value.Log}"); }
            if (patience.IsCancellationRequested) { Assert.Fail($"awaited: {what}; {now} of {wanted}: {Logs()}"); }
            if (now > seen)
            {
                seen = now;
                patience.CancelAfter(ServerProcess.Patience);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    private async Task KillAsync(string name)
    {
        await _programs[name].KillAsync();
        await _programs[name].DisposeAsync();
    }
}
