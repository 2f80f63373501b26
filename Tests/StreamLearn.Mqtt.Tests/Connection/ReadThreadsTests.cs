namespace StreamLearn.Mqtt.Tests;

/// <summary>Who reads a connection, and that a thread that was taken for it is free again whatever becomes of the connection.</summary>
public sealed class ReadThreadsTests
{
    private readonly ReadThreads _threads = new(1);

    [Fact]
    public void No_more_are_taken_than_there_are()
    {
        var threads = new ReadThreads(2);
        Assert.Equal([true, true, false, false], Enumerable.Range(0, 4).Select(_ => threads.TryTake()));
        threads.GiveBack();
        Assert.True(threads.TryTake());
        Assert.False(threads.TryTake());
    }

    [Fact]
    public async Task A_connection_without_a_free_thread_is_read_without_and_the_thread_is_free_after_the_end()
    {
        await using var server = new ScriptedServer();
        var first = await OpenAsync(server.Port);
        await using (var second = await OpenAsync(server.Port))
        {
            Assert.NotNull(first.Socket);
            Assert.Null(second.Socket);
        }
        Assert.False(_threads.TryTake());
        await first.DisposeAsync();
        Assert.True(_threads.TryTake());
    }

    [Fact]
    public async Task A_connection_that_is_not_there_to_be_read_takes_no_thread()
    {
        await using var server = new ScriptedServer();
        await using var connection = await Connector.OpenAsync(Options(server.Port), threads: null, Cancellation);
        Assert.Null(connection.Socket);
    }

    [Fact]
    public async Task A_server_that_is_away_costs_no_thread()
    {
        var away = await Assert.ThrowsAnyAsync<SocketException>(() => OpenAsync(LoopbackPort.Take()));
        Assert.Equal(SocketError.ConnectionRefused, away.SocketErrorCode);
        Assert.True(_threads.TryTake());
    }

    [Fact]
    public async Task A_connect_that_nobody_answers_ends_with_its_deadline_and_costs_no_thread()
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        var port = LoopbackPort.Take();
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen(0);                         // one may wait; the next gets no answer
        using var waiting = new TcpClient();
        await waiting.ConnectAsync(IPAddress.Loopback, port, Cancellation);
        using var deadline = new CancellationTokenSource();
        var opening = Connector.OpenAsync(Options(port), _threads, deadline.Token).AsTask();

        Assert.False(opening.IsCompleted);
        Assert.False(_threads.TryTake());
        await deadline.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ScriptedServer.Patiently(opening));
        Assert.True(_threads.TryTake());
    }

    private static MqttOptions Options(int port) => new() { Server = new($"mqtt://127.0.0.1:{port}") };

    private Task<Connection> OpenAsync(int port) =>
        ScriptedServer.Patiently(Connector.OpenAsync(Options(port), _threads, Cancellation).AsTask());
}
