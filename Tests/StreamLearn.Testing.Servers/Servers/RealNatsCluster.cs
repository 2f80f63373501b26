using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace StreamLearn.Testing;

/// <summary>Three real nats-servers with JetStream that are one cluster, on free ports of the loopback interface, each with a folder of its
/// own. Each can be killed and started again with its data.</summary>
public sealed class RealNatsCluster : IAsyncDisposable
{
    /// <summary>How many servers it has.</summary>
    public const int Size = 3;

    private static readonly ImmutableArray<string> Names = [.. Enumerable.Range(0, Size).Select(NameOf)];
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private readonly SocketsHttpHandler _sockets = new() { UseProxy = false };
    private readonly HttpClient _client;
    private readonly int[] _monitors = [.. Enumerable.Range(0, Size).Select(static _ => LoopbackPort.Take())];
    private readonly bool[] _runs = new bool[Size];
    private ImmutableArray<RealNats> _servers = [];

    private RealNatsCluster() => _client = new(_sockets) { Timeout = ServerProcess.Patience };

    /// <summary>Its servers. A test ends and starts them by <see cref="KillAsync"/> and <see cref="StartAgainAsync"/>.</summary>
    public IReadOnlyList<RealNats> Servers => _servers;

    /// <summary>Where its servers are.</summary>
    public ImmutableArray<Uri> Uris => [.. _servers.Select(static s => s.Uri)];

    /// <summary>Starts one; done when its servers have one leader of JetStream, which knows all of them: then streams of three replicas can
    /// be made.</summary>
    /// <exception cref="MissingProgramException">nats-server is not installed.</exception>
    /// <exception cref="InvalidOperationException">It does not start.</exception>
    /// <exception cref="TimeoutException">They had no leader within <see cref="ServerProcess.Patience"/>.</exception>
    public static async Task<RealNatsCluster> StartAsync(RealNatsOptions? options = null)
    {
        var cluster = new RealNatsCluster();
        try
        {
            await cluster.BeginAsync(options ?? new());
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>What names a server in the answers of JetStream.</summary>
    public static string NameOf(int index) => $"server-{index}";

    /// <summary>Ends a server at once, as <c>kill -9</c> does. If it led, it takes seconds until another one leads.</summary>
    public async Task KillAsync(int index)
    {
        _runs[index] = false;
        await _servers[index].KillAsync();
    }

    /// <summary>Starts a server with the ports and the data it had before; done when it has caught up with JetStream's leader.</summary>
    /// <exception cref="TimeoutException">It did not within <see cref="ServerProcess.Patience"/>.</exception>
    public async Task StartAgainAsync(int index)
    {
        await _servers[index].StartAgainAsync();
        _runs[index] = true;
        await LeaderAsync();
    }

    /// <summary>Waits until the servers that run have one leader of JetStream, whom all of them follow without being behind.</summary>
    /// <exception cref="TimeoutException">They had none within <see cref="ServerProcess.Patience"/>; the message has what they wrote.
    /// </exception>
    public async Task<int> LeaderAsync()
    {
        using var patience = new CancellationTokenSource(ServerProcess.Patience, TimeProvider.System);
        while (true)
        {
            var leader = await TryLeaderAsync();
            if (leader >= 0) { return leader; }
            if (patience.IsCancellationRequested)
            {
                throw new TimeoutException($"expected a leader, got:\n{string.Join("\n\n", _servers.Select(static s => s.Log))}");
            }

            await Task.Delay(Pause, TimeProvider.System);
        }
    }

    /// <summary>Kills all servers, and removes their folders.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers) { await server.DisposeAsync(); }
        _client.Dispose();
        _sockets.Dispose();
    }

    private async Task BeginAsync(RealNatsOptions options)
    {
        var routes = Enumerable.Range(0, Size).Select(static _ => LoopbackPort.Take()).ToArray();
        var others = string.Join(", ", routes.Select(static port => $"\"nats://127.0.0.1:{port}\""));
        for (var i = 0; i < Size; i++)
        {
            _servers = _servers.Add(await RealNats.StartAsync(options with
            {
                JetStream = true,
                More =
                [
                    .. options.More,
                    $"server_name: \"{NameOf(i)}\"",
                    $"http: \"127.0.0.1:{_monitors[i]}\"",
                    $"cluster {{ name: \"cluster\", listen: \"127.0.0.1:{routes[i]}\", routes: [{others}] }}",
                ],
            }));
            _runs[i] = true;
        }

        await LeaderAsync();
    }

    /// <summary>The leader whom all servers that run name, and who says that all of them follow; less than 0: there is none yet.</summary>
    private async Task<int> TryLeaderAsync()
    {
        var (leader, following) = (-1, 0);
        for (var i = 0; i < Size; i++)
        {
            if (!_runs[i]) { continue; }
            if (await StateAsync(i) is not { } state || state.Leader < 0 || !_runs[state.Leader]) { return -1; }
            if (leader >= 0 && state.Leader != leader) { return -1; }
            leader = state.Leader;
            if (i == leader) { following = state.Following; }
        }

        return following == _runs.Count(static runs => runs) - 1 ? leader : -1;
    }

    /// <summary>Whom a server takes for the leader, and how many others that run follow it, as far as it knows; null: it does not answer
    /// yet.</summary>
    private async Task<(int Leader, int Following)?> StateAsync(int index)
    {
        try
        {
            using var json = JsonDocument.Parse(await _client.GetStringAsync(new Uri($"http://127.0.0.1:{_monitors[index]}/jsz")));
            if (!json.RootElement.TryGetProperty("meta_cluster", out var meta)) { return null; }
            var leader = meta.TryGetProperty("leader", out var name) ? IndexOf(name) : -1;
            var following = meta.TryGetProperty("replicas", out var replicas)
                ? replicas.EnumerateArray().Count(r =>
                    r.GetProperty("current").GetBoolean() && IndexOf(r.GetProperty("name")) is >= 0 and var i && _runs[i])
                : 0;
            return (leader, following);
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException or IOException
            || e.StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            return null;
        }
    }

    private static int IndexOf(JsonElement name) => Names.IndexOf(name.GetString() ?? "");
}
