using System.Buffers;
using StreamLearn.Testing;

namespace StreamLearn.Nats.Tests;

/// <summary>A peer that simply stops, at each point where it is waited for. The clock moves only when the test moves it.</summary>
public sealed class NatsDeadlineTests : IAsyncDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly ScriptedNats _server = new();
    private readonly List<NatsConnection> _connections = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        foreach (var connection in _connections) { await connection.DisposeAsync(); }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task INFO_or_PONG_that_does_not_come(int step)
    {
        var connection = Open();
        var publishing = PublishAsync(connection);
        var first = await _server.TakeAsync();
        if (step == 1)
        {
            await first.InfoAsync();
            await first.LineAsync();
            await first.LineAsync();
        }

        await PassAsync(() => connection.Counters.LastFault.Contains("no answer in time", StringComparison.Ordinal), connection);
        while (!publishing.IsCompleted)
        {
            // one that was pending for long may have been given up
            await PassAsync(() => _server.HasPending, connection);
            var next = await _server.TakeAsync();
            if (await next.TryAcceptAsync()) { await ScriptedNats.Patiently(publishing); }
        }

        await publishing;
    }

    [Fact]
    public async Task A_server_that_is_silent_is_asked_twice_and_left()
    {
        var connection = Open();
        var publishing = PublishAsync(connection);
        await using var first = await _server.AcceptAsync();
        await publishing;
        var begin = _time.GetUtcNow();

        await PassAsync(() => connection.Counters.Losses == 1, connection);

        Assert.Contains("expected the server to answer in time", connection.Counters.LastFault, StringComparison.Ordinal);
        Assert.InRange(_time.GetUtcNow() - begin, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(75));
        var rest = await first.RestAsync();
        Assert.Equal(2, rest.Split("PING").Length - 1);
    }

    [Fact]
    public async Task A_message_that_comes_in_single_bytes_and_never_ends_is_no_sign_of_life()
    {
        var connection = Open();
        var publishing = PublishAsync(connection);
        await using var first = await _server.AcceptAsync();
        await publishing;
        await first.SendAsync("MSG a 1 500\r\n");
        var began = _time.GetUtcNow();
        for (var second = 0; second < 450 && connection.Counters.Losses == 0; second++)
        {
            try { await first.SendAsync("x"); }
            catch (IOException) { break; }
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, Cancellation);       // it reads what was sent
        }

        await ScriptedNats.UntilAsync(() => connection.Counters.Losses == 1);
        Assert.InRange(_time.GetUtcNow() - began, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(200));
        Assert.Contains("expected the server to answer in time", connection.Counters.LastFault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_takes_no_bytes_is_left_and_publishers_wait_meanwhile()
    {
        var connection = Open();
        var first = PublishAsync(connection);
        await using var server = await _server.AcceptAsync();
        await first;
        List<Task> publishing = [];
        while (publishing.Count(static p => !p.IsCompleted) < 3)
        {
            publishing.Add(connection.PublishAsync(
                "rows"u8.ToArray(), default, default, default, new(new byte[500_000]), Cancellation).AsTask());
        }

        Assert.InRange(connection.Output.Count, 0, 4 << 20);
        await PassAsync(() => connection.Counters.Losses == 1, connection);
        // which of the two, the fill of the system's buffers decides
        Assert.Matches("expected the server to (take bytes|answer) in time", connection.Counters.LastFault);
        await PassAsync(() => _server.HasPending, connection);
        await using var next = await _server.AcceptAsync();
        _ = next.RestAsync();
        foreach (var publication in publishing) { await ScriptedNats.Patiently(publication); }
    }

    [Fact]
    public async Task A_reply_that_does_not_come()
    {
        var connection = Open();
        var request = connection.Rent();
        var asking = connection.RequestAsync(request, "ask"u8.ToArray(), default, default, default, Cancellation).AsTask();
        await using var first = await _server.AcceptAsync();
        Assert.StartsWith("PUB ask _INBOX.", await first.LineAsync(), StringComparison.Ordinal);

        await PassAsync(() => asking.IsCompleted, connection);

        var failure = await Assert.ThrowsAsync<TransportException>(() => asking);
        Assert.True(failure.IsTransient);
        connection.Return(request);
        Assert.Equal(0, connection.Counters.Losses);
    }

    [Fact]
    public async Task A_server_that_takes_connections_and_breaks_them_is_waited_for_ever_longer_and_the_status_says_for_how_long()
    {
        await using var transport = new NatsTransport(new() { Servers = [_server.Uri] }, _time);
        _ = transport.PublishAsync("a", new([1]), default, Cancellation).AsTask();
        var longest = TimeSpan.Zero;
        for (var losses = 1; losses <= 6; losses++)
        {
            await using (var connection = await _server.AcceptAsync()) { connection.Cut(); }
            await ScriptedNats.UntilAsync(() => transport.Status.Losses == losses);
            await ScriptedNats.UntilAsync(() => transport.Status.TriesAgainIn > TimeSpan.Zero || losses < 3);
            longest = transport.Status.TriesAgainIn;
            Assert.Equal(longest > TimeSpan.Zero, $"{transport.Status}".Contains("not connected, tries again in "));
            if (losses == 6) { break; }
            while (!_server.HasPending)
            {
                _time.Advance(TimeSpan.FromMilliseconds(100));
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Cancellation);
            }
        }

        Assert.InRange(longest, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10));
    }

    private NatsConnection Open()
    {
        var connection = new NatsConnection(new() { Servers = [_server.Uri] }, _time);
        _connections.Add(connection);
        return connection;
    }

    private static Task PublishAsync(NatsConnection connection) =>
        connection.PublishAsync("a"u8.ToArray(), default, default, default, new ReadOnlySequence<byte>([1]), Cancellation).AsTask();

    /// <summary>Lets time pass until a condition holds.</summary>
    private async Task PassAsync(Func<bool> condition, NatsConnection connection)
    {
        using var patience = new CancellationTokenSource(ServerProcess.Patience, TimeProvider.System);
        while (!condition())
        {
            Assert.False(patience.IsCancellationRequested, $"waited in vain: {connection.Counters.LastFault}");
            _time.Advance(TimeSpan.FromMilliseconds(250));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Cancellation);
        }
    }
}
