using StreamLearn.Connections;

namespace StreamLearn.Nats.Tests;

/// <summary>What goes to a server while connections are lost and callers give up.</summary>
public sealed class NatsWireTests
{
    [Fact]
    public void What_was_meant_for_a_connection_before_is_left_out_wherever_it_is_divided()
    {
        const string Stale = "HPUB a _I.p.2-7 5 10\r\nh\r\n\r\nHPUB!\r\n", Other = "PUB b 16\r\nHPUB _I.p.1-1 \r\n\r\n";
        const string Fresh = "HPUB a _I.p.3-7 5 10\r\nh\r\n\r\nagain\r\n", Foreign = "HPUB a _X._I.p.1-1 5 6\r\nh\r\n\r\n1\r\n";
        var all = Encoding.ASCII.GetBytes($"CONNECT {{}}\r\nPING\r\n{Stale}{Other}{Stale}SUB c 1\r\n{Foreign}{Fresh}{Fresh}");
        for (var size = 1; size <= all.Length; size++)
        {
            var filter = new StaleFilter("_I.p.", connection: 3);
            var sent = new ArrayBufferWriter<byte>();
            foreach (var part in all.Chunk(size)) { filter.Filter(part, sent); }
            Assert.Equal($"CONNECT {{}}\r\nPING\r\n{Other}SUB c 1\r\n{Foreign}{Fresh}{Fresh}", Encoding.ASCII.GetString(sent.WrittenSpan));
            Assert.True(filter.IsOver);
        }
    }

    [Fact]
    public async Task A_message_that_was_given_up_before_there_is_a_connection_is_not_sent_from_memory_of_others()
    {
        await using var server = new ScriptedNats();
        await using var link = new TestLink(new() { Servers = [server.Uri] });
        var (memory, lease) = ("first"u8.ToArray(), new PayloadLease());
        var sending = link.Link.SendAsync("a", new(new(memory), lease), headers: null, reply: null).AsTask();
        lease.End();
        memory.AsSpan().Fill((byte)'x');
        await using var connection = await server.AcceptAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Patiently(sending));
        await link.Link.SendAsync("b", new(new("next"u8.ToArray())), headers: null, reply: null);
        Assert.Equal("PUB b 4", await LineAsync(connection));
    }

    [Fact]
    public async Task A_publisher_that_gives_up_and_a_transport_end_while_the_server_reads_nothing()
    {
        await using var server = new ScriptedNats();
        await using var transport = new NatsTransport(
            new() { Servers = [server.Uri], MaxUnsentBytes = 1 << 16, ReplyDeadline = TimeSpan.FromSeconds(2) });
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var payload = new ReadOnlySequence<byte>(new byte[1 << 19]);
        var publishing = transport.PublishAsync("a", payload, default, patience.Token).AsTask();
        await using var connection = await server.AcceptAsync();
        var second = TimeSpan.FromSeconds(1);
        while (await Task.WhenAny(publishing, Task.Delay(second, TimeProvider.System, Cancellation)) == publishing)
        {
            await publishing;
            publishing = transport.PublishAsync("a", payload, default, patience.Token).AsTask();
        }
        await patience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Patiently(publishing));
        await Patiently(transport.DisposeAsync().AsTask());
        await connection.RestAsync();
    }

    [Fact]
    public async Task A_subscription_that_ends_before_there_is_a_connection_is_not_made()
    {
        await using var server = new ScriptedNats();
        await using var link = new TestLink(new() { Servers = [server.Uri] });
        var ended = new NatsTap(link.Link.Connection, "ended", group: null, static (in _) => { });
        var adding = link.Link.AddAsync(ended);
        await ended.DisposeAsync();
        await using var connection = await server.AcceptAsync();
        await Patiently(adding);
        await link.Link.AddAsync(new(link.Link.Connection, "next", group: null, static (in _) => { }));
        Assert.StartsWith("SUB next ", await LineAsync(connection), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_that_meets_an_error_nobody_knows_says_so_and_ends()
    {
        await using var server = new ScriptedNats();
        await using var link = new TestLink(new() { Servers = [server.Uri] });
        var reader = new JetReader(link.Link, link.Api, new("S", new() { FilterSubject = "s.x" }),
            static _ => throw new InvalidOperationException("nobody knows"), new Signal());
        await using var connection = await server.AcceptAsync();
        await Patiently(reader.Running);
        lock (link.Link.Gate) { Assert.Equal("nobody knows", reader.Failure?.Message); }
        Assert.True(reader.Begun.IsCompletedSuccessfully);
        Assert.Equal("nobody knows", link.LastFault);
        reader.End();
    }

    [Fact]
    public async Task A_connection_of_the_application_that_was_disposed_ends_what_goes_over_it()
    {
        await using var server = await RealNats.StartAsync();
        var connection = await Strangers.OpenAsync(server.Uri);
        await using var transport = new NatsTransport(connection, keep: null);
        await connection.DisposeAsync();
        await using var messages = transport.Read("a");
        var publishing = transport.PublishAsync("b", default, default, Cancellation).AsTask();
        await Assert.ThrowsAsync<TransportException>(() => Patiently(messages.MoveNextAsync().AsTask()));
        await Assert.ThrowsAsync<TransportException>(() => Patiently(publishing));
    }

    /// <summary>The next line but for the pings of the client.</summary>
    private static async Task<string> LineAsync(ScriptedNatsConnection connection)
    {
        string line;
        do { line = (await connection.LineAsync()).TrimEnd(); }
        while (line == "PING");
        return line;
    }
}
