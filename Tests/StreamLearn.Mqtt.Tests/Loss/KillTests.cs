namespace StreamLearn.Mqtt.Tests;

/// <summary>Nothing that the server confirmed is lost when programs die.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const string Filter = "numbers/all";
    private const int Window = 20;      // of the writer
    private static readonly int Kills = LongForm.IsAsked ? 20 : 2;
    private static readonly TimeSpan FirstMessageWithin = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Mosquitto confirms a message before it saves it, at the end of the round of its one loop, and takes one packet of each client in a
    /// round. So a kill may lose one confirmed message of each publisher, whatever its clients do, and none of what was saved. What it
    /// repeats is what it had sent and not read the acknowledgement of: more than the client's Receive Maximum once messages have queued
    /// up, for this version sends as many again for each acknowledgement that it reads (its issue 2301). So its log says how many.
    /// </summary>
    [Theory, InlineData(MqttVersion.V5, 1, true)]
    [InlineData(MqttVersion.V311, 2, true)]
    [InlineData(MqttVersion.V5, 3, false)]
    [InlineData(MqttVersion.V311, 4, false)]
    public async Task Killing_a_durable_broker_loses_nothing_that_was_saved_and_repeats_no_more_than_was_under_way(
        MqttVersion version, int seed, bool isSaved)
    {
        using var folder = new TemporaryFolder();
        await using var mosquitto = await Mosquitto.StartAsync(new() { Durable = true, LogsPackets = true });
        await using var proxy = new FaultProxy(mosquitto.Port);
        await using var transport = new MqttTransport(new() { Server = mosquitto.Uri, Version = version, ClientId = "reader" });
        await using var writer = new MqttTransport(
            new() { Server = proxy.Uri, Version = version, ClientId = "writer", PublishInFlight = Window });
        using var reader = new LedgerReader(transport, new(Filter), folder.File("received"));
        using var numbers = new NumberedMessages(writer, new(Filter), folder.File("sent"));
        using CancellationTokenSource endPublishing = new(), endReading = new();
        var reading = reader.RunAsync(endReading.Token);
        await SubscribedAsync(mosquitto);
        var publishing = numbers.PublishAsync(endPublishing.Token, Cancellation);
        var random = new Random(seed);
        var firsts = new List<TimeSpan>();

        for (var kill = 0; kill < Kills; kill++)
        {
            var until = reader.Read + random.Next(50, 500);
            await Long.UntilAsync(() => reader.Read >= until, () => $"{until} messages, {Long.Text(transport.Status)}\n{mosquitto.Log}");
            if (isSaved)
            {
                proxy.Refuses = true;
                proxy.Cut();
                await SavedAsync(mosquitto);
            }
            await mosquitto.KillAsync();
            await mosquitto.StartAgainAsync();
            proxy.Refuses = false;
            var back = TimeProvider.System.GetTimestamp();
            await reader.Next.WaitAsync(ServerProcess.Patience);
            firsts.Add(TimeProvider.System.GetElapsedTime(back));
        }
        await endPublishing.CancelAsync();
        await publishing.WaitAsync(ServerProcess.Patience);
        await DrainedAsync(folder, isSaved ? 0 : Kills);
        await Long.UntilAsync(() => Deliveries.Of(mosquitto.Log, "reader").Unacknowledged == 0, () => Long.Text(transport.Status));
        await endReading.CancelAsync();
        await reading.WaitAsync(ServerProcess.Patience);
        var (check, deliveries) = (Check(folder), Deliveries.Of(mosquitto.Log, "reader"));
        var median = Long.Median(firsts);
        output.WriteLine($"{check}; {deliveries}; first message after the port was back: median {median.TotalSeconds:0.00} s, "
            + $"most {firsts.Max().TotalSeconds:0.00} s");
        Assert.InRange(check.Lost, 0, isSaved ? 0 : Kills);
        Assert.InRange(check.Duplicates, 0, (Kills * Window) + deliveries.Resent);
        // a median of two is nothing: only the long form has enough of them, on a machine of its own
        if (LongForm.IsAsked) { Assert.True(median <= FirstMessageWithin, $"the first message came after {median.TotalSeconds:0.00} s"); }
    }

    [Theory, InlineData(MqttVersion.V311), InlineData(MqttVersion.V5)]
    public async Task Killing_the_reading_process_loses_nothing_and_repeats_only_what_the_server_sends_again(MqttVersion version)
    {
        using var folder = new TemporaryFolder();
        await using var mosquitto = await Mosquitto.StartAsync(new() { LogsPackets = true });
        await using var transport = new MqttTransport(new() { Server = mosquitto.Uri, ClientId = "writer" });
        var random = new Random(3);
        await using (Start(mosquitto, version, folder, -1)) { await SubscribedAsync(mosquitto); }

        using var numbers = new NumberedMessages(transport, new(Filter), folder.File("sent"));
        using var end = new CancellationTokenSource();
        var running = numbers.PublishAsync(end.Token, Cancellation);
        for (var kill = 0; kill < Kills; kill++)
        {
            await using var reader = Start(mosquitto, version, folder, random.Next(50, 500));
            await reader.WaitForAsync("enough");
            await reader.KillAsync();
        }
        await end.CancelAsync();
        await running.WaitAsync(ServerProcess.Patience);
        await using (Start(mosquitto, version, folder, -1))
        {
            await DrainedAsync(folder, mayBeLost: 0);
            await Long.UntilAsync(() => Deliveries.Of(mosquitto.Log, "reader").Unacknowledged == 0, () => mosquitto.Log);
        }
        var (check, deliveries) = (Check(folder), Deliveries.Of(mosquitto.Log, "reader"));
        output.WriteLine($"{check}; {deliveries}");
        Assert.Equal(0, check.Lost);
        Assert.InRange(check.Duplicates, 0, deliveries.Resent);
    }

    private static ServerProcess Start(Mosquitto mosquitto, MqttVersion version, TemporaryFolder folder, int saysAfter) => new(
        "dotnet", Path.Combine(AppContext.BaseDirectory, "FleetProcess.dll"), "reader",
        mosquitto.Uri.ToString(), version.ToString(), "reader", Filter,
        folder.File("received"), saysAfter.ToString());

    /// <summary>Done when what the server has confirmed is saved: the second of two messages, one after the confirmation of the other, is
    /// confirmed in a later round than the first.</summary>
    private static async Task SavedAsync(Mosquitto mosquitto)
    {
        await using var prober = new MqttTransport(new() { Server = mosquitto.Uri });
        for (var i = 0; i < 2; i++)
        {
            await prober.PublishAsync("probe", default, default, Cancellation).AsTask().WaitAsync(ServerProcess.Patience);
        }
    }

    /// <summary>Before that, what is published is for nobody, and confirmed all the same.</summary>
    private static Task SubscribedAsync(Mosquitto mosquitto) => mosquitto.Process.WaitForAsync($" 1 {Filter}");

    private static LedgerCheck Check(TemporaryFolder folder) =>
        LedgerCheck.Of(Ledger.Read(folder.File("sent")), Ledger.Read(folder.File("received")));

    /// <summary>Waits until nothing is missing; after a while, what is missing is lost.</summary>
    private static async Task DrainedAsync(TemporaryFolder folder, int mayBeLost)
    {
        using var patience = new CancellationTokenSource(ServerProcess.Patience, TimeProvider.System);
        while (Check(folder).Lost > mayBeLost && !patience.IsCancellationRequested)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);
        }
    }
}
