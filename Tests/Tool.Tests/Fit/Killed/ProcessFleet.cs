using System.Collections.Concurrent;
using System.Text;
using FleetProcess;
using StreamLearn;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Mqtt;
using StreamLearn.Testing;

namespace Tool.Tests;

/// <summary>Sensors and an aggregator as processes over a real broker, and what their ledgers say.</summary>
internal sealed class ProcessFleet : IAsyncDisposable
{
    /// <summary>The name of the aggregator.</summary>
    internal const string Edge = "edge";

    private const string End = "end";
    private static readonly BatchPool Pool = new();

    private readonly TemporaryFolder _folder = new();
    private readonly IReadOnlyDictionary<string, WindowRowsOptions> _windows;
    private readonly Mosquitto _server;
    private readonly EnvelopedTransport _link;
    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentDictionary<MessageOrigin, string> _entries = new();
    private readonly ConcurrentBag<MessageOrigin> _contradictions = [];
    private readonly Dictionary<string, StartedProcess> _processes = new(StringComparer.Ordinal);
    private readonly Task _watching;
    private readonly HashSet<string> _updates = new(StringComparer.Ordinal);       // of the reader of the ledgers, as the next one
    private readonly HashSet<string> _takenUpdates = new(StringComparer.Ordinal);
    private int _made;
    private int _taken;
    private int _cameAgain;
    private bool _hasEnded;
    private Weights? _inUse;

    private ProcessFleet(Mosquitto server, IReadOnlyDictionary<string, WindowRowsOptions> windows)
    {
        (_server, _windows) = (server, windows);
        _link = new(new MqttTransport(new() { Server = server.Uri, ClientId = "watcher" }));
        _watching = Task.WhenAll(WatchLedgersAsync(), WatchModelAsync());
    }

    /// <summary>Updates that were made.</summary>
    internal int Made => Volatile.Read(ref _made);

    /// <summary>The ledgers.</summary>
    internal FleetCheck Check => FleetCheck.Of(_entries.Values);

    /// <summary>Messages of the ledgers that came again, and those of them that said something else than before.</summary>
    internal (int CameAgain, int Contradictions) Repeated => (_cameAgain, _contradictions.Count);

    /// <summary>The model in use.</summary>
    internal Weights InUse => _inUse ?? throw new InvalidOperationException("no version has been made");

    /// <summary>Times from the starts of processes to their first message, those of starts while all others ran.</summary>
    internal List<(string Name, TimeSpan Time)> Starts { get; } = [];

    /// <param name="windows">The file of each sensor, by its name.</param>
    internal static async Task<ProcessFleet> StartAsync(IReadOnlyDictionary<string, WindowRowsOptions> windows)
    {
        var fleet = new ProcessFleet(await Mosquitto.StartAsync(new() { Durable = true, More = ["log_type subscribe"] }), windows);
        await fleet.SubscribedAsync(FleetPipelines.Ledgers, FleetPipelines.InUse);
        fleet.Start(Edge);
        await fleet.SubscribedAsync(FleetPipelines.Updates, FleetPipelines.Presences);
        foreach (var name in windows.Keys) { fleet.Start(name); }
        return fleet;
    }

    /// <summary>Kills a process and starts it again.</summary>
    internal async Task KillAsync(string name)
    {
        await _processes[name].Process.KillAsync();
        Start(name);
    }

    /// <summary>Done when every process has sent or taken a message.</summary>
    internal Task GoOnAsync() => Task.WhenAll(_processes.Values.Select(static p => p.GoesOn));

    /// <summary>Waits for what the processes do.</summary>
    internal async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(ServerProcess.Patience, TimeProvider.System);
        while (!condition())
        {
            foreach (var (name, process) in _processes)
            {
                Assert.False(process.Process.HasExited, process.Process.HasExited ? $"{name} ended: {process.Process.Log}" : "");
            }

            Assert.False(patience.IsCancellationRequested, patience.IsCancellationRequested ? $"waited in vain: {Made} made, {Check}" : "");
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Lets the sensors end in good order, then the aggregator once it has taken all updates, and reads the rest of the
    /// ledgers. An aggregator that ends earlier leaves updates on the server: they are not lost, but nobody writes down what became of
    /// them.</summary>
    internal async Task EndAsync()
    {
        foreach (var name in _windows.Keys)
        {
            Assert.Equal(0, await _processes[name].Process.StopAsync());
            _processes.Remove(name);
        }

        await UntilAsync(() => Volatile.Read(ref _taken) >= Made);
        Assert.Equal(0, await _processes[Edge].Process.StopAsync());
        _processes.Clear();
        await _link.PublishAsync("sl/har/watcher/up/ledger", new(Encoding.UTF8.GetBytes(End)), new(new("watcher", 0, 1)),
            TestContext.Current.CancellationToken);
        await UntilAsync(() => Volatile.Read(ref _hasEnded) && Volatile.Read(ref _inUse)?.Version == Check.Rounds);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        foreach (var process in _processes.Values) { await process.Process.DisposeAsync(); }
        await _watching;
        await _link.DisposeAsync();
        await _server.DisposeAsync();
        _ending.Dispose();
        _folder.Dispose();
    }

    /// <summary>How long a process takes that does nothing, from its start to its first line.</summary>
    internal static async Task<TimeSpan> MeasureBareAsync()
    {
        var begun = TimeProvider.System.GetTimestamp();
        await using var process = new ServerProcess("dotnet", Program);
        await process.WaitForAsync(FirstMessageTransport.Line);
        return TimeProvider.System.GetElapsedTime(begun);
    }

    private static string Program => Path.Combine(AppContext.BaseDirectory, "FleetProcess.dll");

    private void Start(string name)
    {
        var othersRun = _processes.Where(p => p.Key != name).All(static p => p.Value.GoesOn.IsCompletedSuccessfully);
        var begun = TimeProvider.System.GetTimestamp();
        IReadOnlyList<string> words = [Program, _server.Uri.ToString(), _folder.File(name), name];
        var process = new ServerProcess("dotnet", _windows.TryGetValue(name, out var windows) ? [.. words, windows.File] : words);
        _processes[name] = new(process, GoOnAsync());

        async Task GoOnAsync()
        {
            await process.WaitForAsync(FirstMessageTransport.Line);
            var time = TimeProvider.System.GetElapsedTime(begun);
            lock (Starts)
            {
                if (othersRun) { Starts.Add((name, time)); }
            }
        }
    }

    /// <summary>Before that, what is published is for nobody, and confirmed all the same.</summary>
    private Task SubscribedAsync(params string[] filters) =>
        UntilAsync(() => filters.All(f => _server.Log.Contains($" 1 {f}", StringComparison.Ordinal)));

    private async Task WatchLedgersAsync()
    {
        await foreach (var message in _link.SubscribeAsync(FleetPipelines.Ledgers, new(), _ending.Token))
        {
            using (message)
            {
                var text = Encoding.UTF8.GetString(message.Payload);
                if (text == End) { Volatile.Write(ref _hasEnded, true); }
                else if (_entries.TryAdd(message.Origin, text))
                {
                    foreach (var line in text.Split('\n').Where(static l => l.StartsWith("took", StringComparison.Ordinal)))
                    {
                        if (_takenUpdates.Add(line)) { Interlocked.Increment(ref _taken); }
                    }

                    // one that was sent again is written down again
                    if (text.StartsWith("made", StringComparison.Ordinal) && _updates.Add(text)) { Interlocked.Increment(ref _made); }
                }
                else
                {
                    _cameAgain++;
                    if (_entries[message.Origin] != text) { _contradictions.Add(message.Origin); }
                }

                message.Acknowledge();
            }
        }
    }

    private async Task WatchModelAsync()
    {
        await foreach (var message in _link.SubscribeAsync(FleetPipelines.InUse, new(), _ending.Token))
        {
            using (message)
            {
                Assert.True(LearningCodecs.Weights.TryDecode(message.Payload, Pool, out var version));
                if (!(version.Version < _inUse?.Version)) { Volatile.Write(ref _inUse, version); }
                message.Acknowledge();
            }
        }
    }

    /// <summary>A process, and its first message since it was started.</summary>
    private sealed record StartedProcess(ServerProcess Process, Task GoesOn);
}
