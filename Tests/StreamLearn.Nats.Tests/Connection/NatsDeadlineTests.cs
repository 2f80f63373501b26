namespace StreamLearn.Nats.Tests;

/// <summary>A peer that simply stops, at each point where it is waited for. The client's own deadlines run by the system's clock, the waits
/// between tries by the test's.</summary>
public sealed class NatsDeadlineTests : IAsyncDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly ScriptedNats _server = new();
    private readonly List<NatsTransport> _transports = [];

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        foreach (var transport in _transports) { await transport.DisposeAsync(); }
    }

    [Theory, InlineData(0), InlineData(1)]
    public async Task INFO_or_PONG_that_does_not_come(int step)
    {
        var transport = Open(new());
        var publishing = PublishAsync(transport);
        var first = await _server.TakeAsync();
        if (step == 1)
        {
            await first.InfoAsync();
            await first.LineAsync();
            await first.LineAsync();
        }
        await PassAsync(() => transport.Status.LastFault.Contains("timed out", StringComparison.Ordinal), transport);
        while (!publishing.IsCompleted)
        {
            // one that was pending for long may have been given up
            await PassAsync(() => _server.HasPending, transport);
            var next = await _server.TakeAsync();
            if (await next.TryAcceptAsync()) { await Patiently(publishing); }
        }
    }

    [Fact]
    public async Task A_server_that_is_silent_is_asked_and_left()
    {
        var transport = Open(new() { PingEvery = TimeSpan.FromSeconds(1) });
        var publishing = PublishAsync(transport);
        await using var first = await _server.AcceptAsync();
        await Patiently(publishing);
        await PassAsync(() => transport.Status.Losses == 1, transport);
        Assert.Contains("expected the server to answer in time", transport.Status.LastFault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_takes_no_bytes_is_left_and_publishers_wait_meanwhile()
    {
        var transport = Open(new()
        {
            PingEvery = TimeSpan.FromSeconds(1),
            ReplyDeadline = TimeSpan.FromSeconds(2),
            MaxUnsentBytes = 64 << 10,
        });
        var first = PublishAsync(transport);
        await using var server = await _server.AcceptAsync();
        await Patiently(first);
        List<Task> publishing = [];
        while (publishing.Count(static p => !p.IsCompleted) < 3)
        {
            publishing.Add(transport.PublishAsync("rows", new(new byte[500_000]), default, Cancellation).AsTask());
        }
        Assert.InRange(publishing.Count, 3, 100);
        await PassAsync(() => transport.Status.Losses == 1, transport);
        await PassAsync(() => _server.HasPending, transport);
        await using var next = await _server.AcceptAsync();
        _ = next.RestAsync();
        foreach (var publication in publishing) { await Patiently(publication); }
    }

    [Fact]
    public async Task A_server_that_takes_connections_and_breaks_them_is_waited_for_ever_longer_and_the_status_says_for_how_long()
    {
        var transport = Open(new());
        _ = transport.PublishAsync("a", new([1]), default, Cancellation).AsTask();
        var longest = TimeSpan.Zero;
        for (var losses = 1; losses <= 6; losses++)
        {
            await using (var connection = await _server.AcceptAsync()) { connection.Cut(); }
            await UntilAsync(() => transport.Status.Losses == losses);
            await UntilAsync(() => transport.Status.TriesAgainIn > TimeSpan.Zero || losses < 3);
            longest = transport.Status.TriesAgainIn;
            Assert.Equal(longest > TimeSpan.Zero, $"{transport.Status}".Contains("not connected, tries again in "));
            if (losses == 6) { break; }
            await PassAsync(() => _server.HasPending, transport);
        }
        Assert.InRange(longest, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10));
    }

    private NatsTransport Open(NatsOptions options)
    {
        var transport = new NatsTransport(options with { Servers = [_server.Uri], ConnectDeadline = TimeSpan.FromSeconds(1) }, _time);
        _transports.Add(transport);
        return transport;
    }

    private static Task PublishAsync(NatsTransport transport) => transport.PublishAsync("a", new([1]), default, Cancellation).AsTask();

    /// <summary>Lets time pass until a condition holds.</summary>
    private async Task PassAsync(Func<bool> condition, NatsTransport transport)
    {
        using var patience = new CancellationTokenSource(ServerProcess.Patience, TimeProvider.System);
        while (!condition())
        {
            Assert.False(patience.IsCancellationRequested, $"waited in vain: {transport.Status}");
            _time.Advance(TimeSpan.FromMilliseconds(250));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Cancellation);
        }
    }
}
