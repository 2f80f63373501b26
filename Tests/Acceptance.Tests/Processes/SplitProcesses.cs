using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using FleetProcess;
using NATS.Client.JetStream;
using StreamLearn.Mqtt;
using StreamLearn.Nats;
using StreamLearn.Programs;

namespace Acceptance.Tests;

/// <summary>Devices, edges and an aggregator in split training, each a process, over a real server; and all that passes between
/// them.</summary>
internal sealed class SplitProcesses : IAsyncDisposable
{
    private const string Everything = "sl/split/#";
    private static readonly BatchPool Pool = new();

    private readonly TemporaryFolder _folder = new();
    private readonly IAsyncDisposable _server;
    private readonly Uri _url;
    private readonly EnvelopedTransport _link;
    private readonly CancellationTokenSource _ending = new();
    private readonly Dictionary<string, ServerProcess> _processes = new(StringComparer.Ordinal);
    private readonly Task _watching;
    private long _published;

    private SplitProcesses(IAsyncDisposable server, Uri url)
    {
        (_server, _url) = (server, url);
        _link = new(url.Scheme == "nats" ? new NatsTransport(new() { Servers = [url], Keep = new() { Retained = [SplitTopics.Versions] } })
            : new MqttTransport(new() { Server = url, ClientId = "watcher" }));
        _watching = WatchAsync();
    }

    internal ConcurrentQueue<Activations> Sent { get; } = [];

    internal ConcurrentQueue<BoundaryGradients> Answers { get; } = [];

    internal ConcurrentQueue<SessionTransfer> Moves { get; } = [];

    internal ServerProcess this[string name] => _processes[name];

    internal static async Task<SplitProcesses> StartAsync(bool overNats, string[] edges, int devices = 1)
    {
        SplitProcesses fleet;
        if (overNats)
        {
            var nats = await RealNats.StartAsync(new() { JetStream = true });
            fleet = new(nats, nats.Uri);
        }
        else
        {
            var mosquitto = await Mosquitto.StartAsync(new() { More = ["log_type subscribe"] });
            fleet = new(mosquitto, mosquitto.Uri);
        }

        fleet.Start($"{SplitTopics.Aggregator} devices={devices}");
        foreach (var edge in edges) { fleet.Start(edge); }
        await fleet.SubscribedAsync([Everything, SplitTopics.Updates, .. edges.Select(static e => SplitTopics.BatchesOf(e.Split(' ')[0]))]);
        return fleet;
    }

    internal void Start(string words)
    {
        var (name, settings) = (words.Split(' ')[0], words.Split(' ')[1..]);
        _processes[name] = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "FleetProcess.dll"), $"split-{name.Split('-')[0]}",
            _url.ToString(), _folder.File(name), name, .. settings]);
    }

    internal string Write(string name, string text)
    {
        File.WriteAllText(_folder.File(name), text);
        return _folder.File(name);
    }

    internal async Task UntilDeadAsync(string name)
    {
        var code = await _processes[name].EndAsync();
        Assert.True(code == 137, $"{name} ended with {code}: {_processes[name].Log}");
        await _processes[name].DisposeAsync();
    }

    internal async Task<float[]> VersionAsync(int version)
    {
        try
        {
            await _processes[SplitTopics.Aggregator].WaitForAsync($"version {version} is ", TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            Assert.Fail(Text());
        }

        var bytes = await File.ReadAllBytesAsync(Path.Combine(_folder.File(SplitTopics.Aggregator), $"version-{version}"));
        return MemoryMarshal.Cast<byte, float>(bytes).ToArray();
    }

    internal ValueTask PublishAsync<T>(string topic, ICodec<T> codec, T message)
        where T : class
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        codec.Encode(message, buffer);
        return _link.PublishAsync(topic, new(buffer.WrittenMemory), new(new("test", 0, Interlocked.Increment(ref _published))),
            TestContext.Current.CancellationToken);
    }

    internal async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(ServerProcess.Patience, TimeProvider.System);
        while (!condition())
        {
            if (patience.IsCancellationRequested) { Assert.Fail(Text()); }
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits until a checkpoint of a process holds all that it has done up to now: the next but one began later.</summary>
    internal Task UntilSavedAsync(string name)
    {
        var now = Checkpoint.Newest(_folder.File(name))?.Number ?? 0;
        return UntilAsync(() => Checkpoint.Newest(_folder.File(name))?.Number >= now + 2);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        foreach (var process in _processes.Values) { await process.DisposeAsync(); }
        try { await _watching; }
        catch (OperationCanceledException) { }

        await _link.DisposeAsync();
        await _server.DisposeAsync();
        _ending.Dispose();
        _folder.Dispose();
    }

    internal string Text() => $"{string.Join('\n', Sent)}\n"
        + $"{string.Join('\n', Answers.Select(static a => a.Voids ? $"void {a}" : $"{a}"))}\n{string.Join('\n', Moves)}\n"
        + string.Join('\n', _processes.Select(static p => $"{p.Key}: {p.Value.Log}"));

    /// <summary>Before that, what is published is for nobody, and confirmed all the same.</summary>
    private async Task SubscribedAsync(IReadOnlyList<string> filters)
    {
        if (_server is Mosquitto mosquitto)
        {
            foreach (var filter in filters) { await mosquitto.Process.WaitForAsync($" 1 {filter}"); }
            return;
        }

        await using var client = EdgeServer.OpenNatsClient(_url, login: null);
        var kept = new NatsJSContext(client);
        var missing = filters.Select(static f => f.Replace('/', '.').Replace('+', '*').Replace('#', '>')).ToHashSet(StringComparer.Ordinal);
        while (missing.Count > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
            try
            {
                await foreach (var consumer in kept.ListConsumersAsync("streamlearn", TestContext.Current.CancellationToken))
                {
                    missing.Remove(consumer.Info.Config.FilterSubject ?? "");
                    missing.ExceptWith(consumer.Info.Config.FilterSubjects ?? []);
                }
            }
            catch (NatsJSApiException) { }      // there is no stream yet
        }
    }

    private async Task WatchAsync()
    {
        await foreach (var message in _link.SubscribeAsync(Everything, new(), _ending.Token))
        {
            using (message)
            {
                switch (message.Topic.Value.Split('/')[^1])
                {
                    case "batch": Add(message, LearningCodecs.Activations, Sent); break;
                    case "gradient": Add(message, LearningCodecs.BoundaryGradients, Answers); break;
                    case "session": Add(message, LearningCodecs.SessionTransfers, Moves); break;
                }

                message.Acknowledge();
            }
        }
    }

    private static void Add<T>(Message message, ICodec<T> codec, ConcurrentQueue<T> all)
        where T : class
    {
        if (codec.TryDecode(message.Payload, Pool, out var value)) { all.Enqueue(value); }
    }
}
