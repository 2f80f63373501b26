using System.Buffers;
using System.Text;
using StreamLearn.Testing;

namespace StreamLearn.Nats.Tests;

/// <summary>The cluster of real servers that tests use is one.</summary>
public sealed class RealNatsClusterTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Messages_pass_between_servers_while_one_is_dead_and_when_it_is_back()
    {
        await using var cluster = await RealNatsCluster.StartAsync();
        await using var writer = Open(cluster.Uris[0]);
        await using var reader = Open(cluster.Uris[1], cluster.Uris[2]);
        var rows = reader.Subscribe("rows"u8.ToArray(), [], new(10_000, 1 << 20, NatsOverflow.DropNewest));
        await PassAsync(writer, rows);
        Assert.Equal(("server-0", "server-1"), (ServerOf(writer), ServerOf(reader)));

        await cluster.KillAsync(1);
        await PassAsync(writer, rows);
        Assert.Equal("server-2", ServerOf(reader));

        await cluster.StartAgainAsync(1);
        await cluster.KillAsync(2);
        await PassAsync(writer, rows);
        Assert.Equal("server-1", ServerOf(reader));
    }

    [Fact]
    public async Task A_transport_that_knows_one_server_goes_on_with_those_that_it_was_told_of()
    {
        await using var cluster = await RealNatsCluster.StartAsync();
        await using var transport = new NatsTransport(new() { Servers = [cluster.Uris[0]] });
        await using var rows = transport.SubscribeAsync("rows", new() { Capacity = 100 }, Cancellation).GetAsyncEnumerator(Cancellation);
        for (byte i = 0; i < 2; i++)
        {
            await transport.PublishAsync("rows", new([i]), new(new("test", i)), Cancellation);
            Assert.True(await ScriptedNats.Patiently(rows.MoveNextAsync().AsTask()));
            Assert.Equal([i], rows.Current.Payload.ToArray());
            rows.Current.Dispose();
            if (i > 0) { break; }
            await cluster.KillAsync(0);
            await ScriptedNats.UntilAsync(() => transport.Status.Connects == 2);
        }

        Assert.Contains(transport.Status.Server.Split(' ')[1], new[] { "server-1", "server-2" });
    }

    [Fact]
    public async Task At_once_it_keeps_a_stream_three_times_and_when_the_leader_dies_another_one_leads()
    {
        await using var cluster = await RealNatsCluster.StartAsync();
        await using var connection = Open([.. cluster.Uris]);
        var made = await RequestAsync(connection, "$JS.API.STREAM.CREATE.rows", """{"name":"rows","subjects":["rows"],"num_replicas":3}""");
        Assert.DoesNotContain("\"error\"", made, StringComparison.Ordinal);
        Assert.All(Enumerable.Range(0, RealNatsCluster.Size), i => Assert.Contains($"\"{RealNatsCluster.NameOf(i)}\"", made));

        var first = await cluster.LeaderAsync();
        await cluster.KillAsync(first);
        var second = await cluster.LeaderAsync();
        Assert.NotEqual(first, second);
        await cluster.StartAgainAsync(first);
        Assert.Equal(3, cluster.Servers.Count(static s => !s.Process.HasExited));
    }

    [Fact]
    public async Task A_publisher_that_begins_while_a_stream_has_no_leader_waits_for_one()
    {
        await using var cluster = await RealNatsCluster.StartAsync();
        await using (var connection = Open([.. cluster.Uris]))
        {
            await RequestAsync(connection, "$JS.API.STREAM.CREATE.rows", """{"name":"rows","subjects":["rows"],"num_replicas":3}""");
            var told = await RequestAsync(connection, "$JS.API.STREAM.INFO.rows", "");
            await cluster.KillAsync(Enumerable.Range(0, RealNatsCluster.Size)
                .Single(i => told.Contains($"\"leader\":\"{RealNatsCluster.NameOf(i)}\"", StringComparison.Ordinal)));
        }

        await using var transport = new NatsTransport(new() { Servers = cluster.Uris });
        var published = await ScriptedNats.Patiently(transport.JetStream.PublishAsync("rows", default, default, Cancellation).AsTask());

        Assert.Equal(new("rows", 1, false), published);
    }

    private static NatsConnection Open(params Uri[] servers) =>
        new(new() { Servers = [.. servers], TakesServersTold = false }, TimeProvider.System);

    private static string? ServerOf(NatsConnection connection)
    {
        lock (connection.Gate) { return connection.Server?.ServerName; }
    }

    /// <summary>Publishes until a message comes, which shows that the servers know who reads, and then a thousand more, of which each
    /// comes.</summary>
    private static async Task PassAsync(NatsConnection writer, NatsSubscription reader)
    {
        var sent = 0;
        var before = reader.Inbox.Received;
        using var patience = new CancellationTokenSource(ServerProcess.Patience, TimeProvider.System);
        while (reader.Inbox.Received == before)
        {
            Assert.False(patience.IsCancellationRequested, "waited in vain");
            await PublishAsync(writer, sent++);
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Cancellation);
        }

        for (var end = sent + 1000; sent < end; sent++) { await PublishAsync(writer, sent); }
        var came = new List<int>();
        var messages = new NatsMessage[100];
        while (came.Count == 0 || came[^1] < sent - 1)
        {
            var taken = reader.Take(messages);
            foreach (var message in messages.AsSpan(0, taken))
            {
                came.Add(int.Parse(message.Payload));
                reader.Release(message.Id);
            }

            if (taken == 0) { await ScriptedNats.Patiently(reader.ToDeliver.WaitAsync().AsTask()); }
        }

        Assert.Equal(Enumerable.Range(came[0], sent - came[0]), came);
        Assert.True(came.Count > 1000);
    }

    private static ValueTask PublishAsync(NatsConnection connection, int number) => connection.PublishAsync(
        "rows"u8.ToArray(), default, default, default, new ReadOnlySequence<byte>(Encoding.ASCII.GetBytes($"{number}")), Cancellation);

    private static async Task<string> RequestAsync(NatsConnection connection, string subject, string text)
    {
        var request = connection.Rent();
        try
        {
            var reply = await connection.RequestAsync(request, Encoding.ASCII.GetBytes(subject), default, default,
                new ReadOnlySequence<byte>(Encoding.ASCII.GetBytes(text)), Cancellation);
            return Encoding.UTF8.GetString(reply.Payload);
        }
        finally
        {
            connection.Return(request);
        }
    }
}
