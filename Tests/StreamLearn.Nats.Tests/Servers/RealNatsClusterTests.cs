namespace StreamLearn.Nats.Tests;

/// <summary>The cluster of real servers that tests use is one, and transports find its servers.</summary>
public sealed class RealNatsClusterTests
{
    [Theory, InlineData(true), InlineData(false)]
    public async Task A_transport_that_knows_one_server_goes_on_with_those_that_it_was_told_of_if_it_may(bool takesTold)
    {
        await using var cluster = await RealNatsCluster.StartAsync();
        await using var transport = new NatsTransport(new() { Servers = [cluster.Uris[0]], AcceptsDiscoveredServers = takesTold });
        await using var rows = transport.SubscribeAsync("rows", new() { Capacity = 100 }, Cancellation).GetAsyncEnumerator(Cancellation);
        await PassAsync(transport, rows, 1);
        await cluster.KillAsync(0);
        await UntilAsync(() => takesTold ? transport.Status.Connects == 2 : transport.Status.LastFault.Length > 0);
        if (!takesTold) { await cluster.StartAgainAsync(0); }
        await PassAsync(transport, rows, 2);
        Assert.Contains(transport.Status.Server.Split(' ')[1], takesTold ? new[] { "server-1", "server-2" } : ["server-0"]);
    }

    [Fact]
    public async Task A_publisher_that_begins_while_a_stream_has_no_leader_waits_for_one()
    {
        await using var cluster = await RealNatsCluster.StartAsync();
        await using (var transport = new NatsTransport(new() { Servers = cluster.Uris }))
        {
            await transport.CreateStreamAsync(new("rows", ["rows"]) { NumReplicas = 3 });
            var leader = (await transport.StreamAsync("rows"))!.Cluster!.Leader;
            await cluster.KillAsync(Enumerable.Range(0, RealNatsCluster.Size).Single(i => RealNatsCluster.NameOf(i) == leader));
        }
        await using var link = new TestLink(new() { Servers = cluster.Uris });
        await Patiently(link.PublishAsync("rows", [5]));
        Assert.Equal([[5]], await link.ReadAsync("rows", 1));
    }

    private static async Task PassAsync(NatsTransport transport, IAsyncEnumerator<Message> rows, byte number)
    {
        await Patiently(transport.PublishAsync("rows", new([number]), default, Cancellation).AsTask());
        await rows.NextAsync();
        Assert.Equal([number], rows.Current.Payload.ToArray());
        rows.Current.Dispose();
    }
}
