namespace StreamLearn.Nats.Tests;

/// <summary>Nothing that a stream confirmed is lost when programs die, and nothing is applied twice.</summary>
public sealed class NatsKillTests(ITestOutputHelper output)
{
    private const string Filter = "numbers/all";
    private static readonly int Kills = LongForm.IsAsked ? 20 : 3;

    [Theory, InlineData(1, "reader"), InlineData(2, "")]
    public async Task Killing_the_server_loses_nothing_and_delivers_nothing_twice(int seed, string name)
    {
        using var folder = new TemporaryFolder();
        await using var server = await StartAsync();
        await using var transport = Open(server, name);
        await using var writer = Open(server, "");
        using var reader = new LedgerReader(transport, new(Filter), folder.File("received"));
        using var numbers = new NumberedMessages(writer, new(Filter), folder.File("sent"));
        using CancellationTokenSource endPublishing = new(), endReading = new();
        var reading = reader.RunAsync(endReading.Token);
        await UntilAsync(() => transport.Status.IsConnected);
        await UntilReaderAsync(writer);
        var publishing = numbers.PublishAsync(endPublishing.Token, Cancellation);
        var random = new Random(seed);

        for (var kill = 0; kill < Kills; kill++)
        {
            var until = reader.Read + random.Next(50, 500);
            await UntilAsync(() => reader.Read >= until);
            await server.KillAsync();
            await server.StartAgainAsync();
        }
        await endPublishing.CancelAsync();
        await Patiently(publishing);
        await DrainedAsync(folder);
        var again = transport.Status.Subscriptions[0].Again;
        var state = (await writer.StreamAsync("streamlearn"))!.State;
        await endReading.CancelAsync();
        await Patiently(reading);
        var check = Check(folder);
        output.WriteLine($"{Kills} kills of the server: {check}, {writer.Status.Repeated} sent again, "
            + $"{transport.Status.Losses} losses of the connection, {again} came again, stream {state}");
        Assert.InRange(check.Sent, 50 * Kills, int.MaxValue);
        Assert.Equal((0, 0), (check.Lost, check.Duplicates));
        if (name.Length > 0) { await EmptyAsync(writer, server, folder); }
    }

    [Fact]
    public async Task Killing_the_reading_process_loses_nothing_and_applies_nothing_twice()
    {
        using var folder = new TemporaryFolder();
        await using var server = await StartAsync();
        await using var writer = Open(server, "");
        var random = new Random(3);
        await using (Start(server, folder, -1)) { await UntilReaderAsync(writer); }

        using var numbers = new NumberedMessages(writer, new(Filter), folder.File("sent"));
        using var end = new CancellationTokenSource();
        var running = numbers.PublishAsync(end.Token, Cancellation);
        for (var kill = 0; kill < Kills; kill++)
        {
            await using var reader = Start(server, folder, random.Next(50, 500));
            await reader.WaitForAsync("enough");
            await reader.KillAsync();
        }
        await end.CancelAsync();
        await Patiently(running);
        await using (Start(server, folder, -1)) { await DrainedAsync(folder); }
        var check = Check(folder);
        output.WriteLine($"{Kills} kills of the reader: {check}");
        Assert.InRange(check.Sent, 50 * Kills, int.MaxValue);
        Assert.Equal((0, 0), (check.Lost, check.Duplicates));
    }

    [Fact]
    public async Task A_cluster_of_three_that_loses_one_server_after_the_other_leaves_no_gap()
    {
        using var folder = new TemporaryFolder();
        await using var cluster = await RealNatsCluster.StartAsync();
        await using var transport = Open(cluster.Uris[0], "reader", replicas: 3);       // the others it is told of
        await using var writer = Open(cluster.Uris[1], "", replicas: 3);
        using var reader = new LedgerReader(transport, new(Filter), folder.File("received"));
        using var numbers = new NumberedMessages(writer, new(Filter), folder.File("sent"));
        using CancellationTokenSource endPublishing = new(), endReading = new();
        var reading = reader.RunAsync(endReading.Token);
        await UntilReaderAsync(writer);
        var publishing = numbers.PublishAsync(endPublishing.Token, Cancellation);
        var killed = LongForm.IsAsked ? RealNatsCluster.Size : 1;
        for (var i = 0; i < killed; i++)
        {
            await UntilReadAsync(reader, 1000);     // one that came back catches up
            await cluster.KillAsync(i);
            await UntilReadAsync(reader, 500);      // it goes on without it
            await cluster.StartAgainAsync(i);
        }
        await endPublishing.CancelAsync();
        await Patiently(publishing);
        await DrainedAsync(folder);
        await endReading.CancelAsync();
        await Patiently(reading);
        var check = Check(folder);
        output.WriteLine($"{killed} of three servers killed: {check}, {writer.Status.Repeated} sent again");
        Assert.Equal((0, 0), (check.Lost, check.Duplicates));
    }

    private static Task UntilReadAsync(LedgerReader reader, int more)
    {
        var until = reader.Read + more;
        return UntilAsync(() => reader.Read >= until);
    }

    private static NatsTransport Open(RealNats server, string reader) => Open(server.Uri, reader, replicas: 1);

    private static NatsTransport Open(Uri server, string reader, int replicas) => new(new()
    {
        Servers = [server],
        InitialReconnectDelay = TimeSpan.FromMilliseconds(50),
        Keep = new()
        {
            Topics = [Filter],
            Reader = reader,
            AckWait = TimeSpan.FromSeconds(1),
            Heartbeat = TimeSpan.FromSeconds(1),
            Replicas = replicas,
        },
    });

    private static ServerProcess Start(RealNats server, TemporaryFolder folder, int saysAfter) => new(
        "dotnet", Path.Combine(AppContext.BaseDirectory, "FleetProcess.dll"), "reader",
        server.Uri.ToString(), Filter, folder.File("received"),
        saysAfter.ToString());

    private static LedgerCheck Check(TemporaryFolder folder) =>
        LedgerCheck.Of(Ledger.Read(folder.File("sent")), Ledger.Read(folder.File("received")));

    /// <summary>Before there is a reader, the stream keeps nothing.</summary>
    private static async Task UntilReaderAsync(NatsTransport transport)
    {
        while (true)
        {
            var consumers = await transport.ConsumersAsync("streamlearn");
            if (consumers.Exists(static c => c.Config.FilterSubject == Filter.Replace('/', '.'))) { return; }
            Cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>What was acknowledged, and is still there because the server was killed, goes with the next start of the reader.</summary>
    private static async Task EmptyAsync(NatsTransport transport, RealNats server, TemporaryFolder folder)
    {
        await using var again = Open(server, "reader");
        using var reader = new LedgerReader(again, new(Filter), folder.File("again"));
        using var end = new CancellationTokenSource();
        var reading = reader.RunAsync(end.Token);
        var state = new StreamState { Messages = -1 };
        using var patience = new CancellationTokenSource(ServerProcess.Patience, TimeProvider.System);
        while (state.Messages != 0)
        {
            Assert.False(patience.IsCancellationRequested, $"{state}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);
            state = (await transport.StreamAsync("streamlearn"))!.State;
        }
        await end.CancelAsync();
        await Patiently(reading);
    }

    /// <summary>Waits until nothing is missing; after a while, what is missing is lost.</summary>
    private static async Task DrainedAsync(TemporaryFolder folder)
    {
        using var patience = new CancellationTokenSource(ServerProcess.Patience, TimeProvider.System);
        while (!patience.IsCancellationRequested)
        {
            if (Check(folder).Lost == 0) { return; }
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);
        }
    }
}
