using System.Buffers;
using StreamLearn.Fleets;

namespace Sensor.Tests;

public sealed class RightsTests
{
    private const string Victim = "user-001";
    private const int Names = 10_000;
    private const long Huge = long.MaxValue - 1;
    private const long Mebibyte = 1 << 20;

    private static readonly FleetTopics Topics = GuardedFleet.Topics;

    public static TheoryData<bool> Servers() => [true, false];

    public static TheoryData<bool> OneServer() => LongForm.IsAsked ? Servers() : [false];

    [Theory]
    [MemberData(nameof(OneServer))]
    public async Task Without_rights_a_login_speaks_for_all_and_reads_of_all(bool overNats)
    {
        await using var fleet = await GuardedFleet.StartAsync(overNats, guarded: false);
        await using var liar = new Liar(fleet.Server);

        var bytes = await Liar.ReadAsync(fleet.Server, Liar.Name, Topics.ReceiptsOf(Victim), () => false);
        Assert.True(LearningCodecs.Receipts.TryDecode(new(bytes!), new(), out var receipt));
        await liar.PublishAsync(Topics.ReceiptsOf(Victim), LearningCodecs.Receipts,
            receipt with { Fates = [new(1L << 40, UpdateOutcome.Applied)] });
        await fleet.UntilAsync(() => fleet.Counted("numbers-passed-over") > 0, "a receipt that the aggregator never wrote");
        await liar.PublishAsync(Topics.PresencesOf(Victim), LearningCodecs.Presences, Liar.Say(Victim, Liar.Ahead));
        await fleet.UntilRefusedAsync(Victim, "fenced");
        foreach (var publish in OfOthers(liar)) { await publish(); }
        await fleet.UntilAsync(() => fleet.Aggregate.Counter("devices-forgotten") > 0, "the word of the console");
        foreach (var never in new[] { new ModelVersion(Huge / 2, 5), new(1, Huge / 2), new(Huge, Huge) })
        {
            var version = GuardedFleet.Model.Initial with { Epoch = never.Epoch, Version = never.Version };
            await liar.PublishAsync(Topics.ModelsOf(Victim), LearningCodecs.Weights, version);
            await liar.PublishAsync(Topics.ReceiptsOf(Victim), LearningCodecs.Receipts, receipt with { Newest = never, Fates = [] });
        }

        await fleet.UntilAllLearnAsync();       // followers of false versions are called back
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task With_rights_it_speaks_for_itself_and_takes_little_from_the_others(bool overNats)
    {
        await using var fleet = await GuardedFleet.StartAsync(overNats, guarded: true);
        await using var liar = new Liar(fleet.Server);
        var bytes = await Liar.ReadAsync(fleet.Server, "aggregator", Topics.DeltasOf(Victim), () => false);
        var size = fleet.Saved.SizeBytes;

        await SpeaksForNobodyAsync(fleet, liar, bytes!);
        await SaysWhatCannotBeAsync(fleet, liar);
        var names = Enumerable.Range(0, Names).Select(i => liar.SendAsync(Liar.Say($"nobody-{i}", epoch: 1)));
        foreach (var some in names.Chunk(100)) { await Task.WhenAll(some); }
        await fleet.UntilAsync(() => fleet.Aggregate.Counter("presences-not-its-topic") >= 16, "names of others");
        var saved = fleet.Saved.Number;
        await fleet.UntilAllLearnAsync();
        await fleet.UntilAsync(() => fleet.Saved.Number > saved, "a checkpoint");

        Assert.InRange(fleet.Saved.SizeBytes, 1, size + Mebibyte);
        var rounds = fleet.Rounds;
        Assert.Equal(Enumerable.Range(1, rounds.Count), rounds.Select(static r => (int)r.Version));
        Assert.Equal((0, 0), (fleet.Counted("numbers-passed-over"), fleet.Counted("updates-refused-fenced")));
        Assert.Equal(0, fleet.Aggregate.Counter("devices-forgotten") + fleet.Aggregate.Counter("overtaken"));
        Assert.All(rounds.SelectMany(static r => r.Refusals).Where(static r => r.Reason is not ("no-samples" or "stale")),
            static r => Assert.Equal(Liar.Name, r.Device));
    }

    [Theory]
    [MemberData(nameof(OneServer))]
    public async Task With_rights_a_device_reads_what_the_console_labels(bool overNats)
    {
        await using var server = await GuardedServer.StartAsync(overNats, guarded: true);
        await using var aggregator = new EnvelopedTransport(server.Open("aggregator", "sl-plant-aggregator-control"));
        await using var console = server.Open("console", "sl-plant-console");
        await using var device = server.Open(Victim, $"sl-plant-{Victim}");
        var options = new PublishOptions(new("aggregator", 1));
        // which makes the stream
        await aggregator.PublishAsync(Topics.ModelsOf(Victim), default, options, TestContext.Current.CancellationToken);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var reading = Task.Run(async () =>
        {
            await foreach (var message in device.SubscribeAsync(Topics.Labels, new(), over.Token)) { return message.Payload.ToArray(); }
            return [];
        }, over.Token);
        while (!reading.IsCompleted)
        {
            await console.PublishAsync(Topics.Labels, new("{}"u8.ToArray()), default, over.Token);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, over.Token);
        }

        Assert.Equal("{}"u8.ToArray(), await reading);
    }

    [Theory]
    [MemberData(nameof(OneServer))]
    public async Task With_rights_a_device_trains_with_layers_at_the_aggregator_and_measures_its_link(bool overNats)
    {
        await using var fleet = await GuardedFleet.StartAsync(overNats, guarded: true, splits: true);

        await fleet.UntilAsync(() => fleet.Plans is [.., { Devices: { Length: 3 } devices }]
            && devices.All(static d => d.BitsPerSecond > 0),
            "echoes of the probes of all devices");
        await fleet.UntilAllLearnAsync();

        Assert.Equal(0, fleet.Counted("rounds-void"));
    }

    /// <summary>What the server refuses, and what the aggregator refuses as none of its topic.</summary>
    private static async Task SpeaksForNobodyAsync(GuardedFleet fleet, Liar liar, byte[] bytes)
    {
        foreach (var publish in OfOthers(liar))
        {
            var refused = await Assert.ThrowsAsync<TransportException>(publish);
            Assert.Matches("not permitted|NotAuthorized", refused.Message);
        }

        var rounds = fleet.Rounds.Count;
        Assert.Null(await Liar.ReadAsync(fleet.Server, Liar.Name, Topics.ReceiptsOf(Victim), () => fleet.Rounds.Count > rounds + 4));
        await liar.SendAsync(Liar.Say(Victim, Liar.Ahead));
        await liar.SendAsync(liar.Update(default) with { Device = Victim, Epoch = Liar.Ahead, Sequence = 1L << 40, Leaving = true });
        await liar.SendBytesAsync(Topics.DeltasOf(Liar.Name), new ReadOnlySequence<byte>(bytes), LearningCodecs.Deltas);
        await fleet.UntilRefusedAsync(Liar.Name, "not-its-topic", 3);
    }

    /// <summary>What nothing can be, in its own name: it is refused, or counts for as much as it can be.</summary>
    private static async Task SaysWhatCannotBeAsync(GuardedFleet fleet, Liar liar)
    {
        ModelVersion Newest() => fleet.Rounds[^1].Made.Id;
        async Task RefusedAsync(string reason, WeightDelta update)
        {
            await liar.SendAsync(update);
            await fleet.UntilRefusedAsync(Liar.Name, reason);
        }

        var start = liar.Update(Newest()).Epoch;
        var usual = liar.Update(Newest());
        await liar.SendAsync(usual);
        await liar.SendAsync(usual);
        await fleet.UntilAsync(() => fleet.Aggregate.Drops.GetValueOrDefault("duplicate") > 0, "a replay of its own");
        await liar.SendAsync(Liar.Say(Liar.Name, start, Newest() with { Version = Huge }));
        await liar.SendAsync(Liar.Say(Liar.Name, start, Newest() with { Version = Newest().Version + 1_000_000 }));
        await RefusedAsync("version", liar.Update(Newest() with { Version = Huge }));
        await RefusedAsync("version", liar.Update(Newest() with { Version = Newest().Version + 1_000_000 }) with
        {
            Held = Newest() with { Version = Newest().Version + 1_000_000 },
        });
        await RefusedAsync("norm", liar.Update(Newest(), 1e6f));
        await RefusedAsync("non-finite", liar.Update(Newest(), float.NaN));
        await RefusedAsync("shape", liar.Update(Newest()) with { Values = [1] });
        await RefusedAsync("implausible-epoch", liar.Update(Newest()) with { Epoch = long.MaxValue });
        await liar.SendAsync(liar.Update(Newest()) with { Epoch = Liar.Ahead, Samples = int.MaxValue, Steps = int.MaxValue });
        await fleet.UntilAsync(
            () => fleet.Rounds.Any(r => r.Contributions.Any(static c => c is { Device: Liar.Name, IsCapped: true })), "a capped update");
        await RefusedAsync("fenced", liar.Update(Newest()));
    }

    private static IEnumerable<Func<Task>> OfOthers(Liar liar)
    {
        var far = new ModelVersion(Liar.Ahead, 5);
        var receipt = new Receipt { Device = Victim, Epoch = 1, Aggregator = "aggregator", Newest = far, Fates = [] };
        var version = GuardedFleet.Model.Initial with { Epoch = far.Epoch, Version = far.Version, Recipient = Victim };
        yield return () => liar.PublishAsync(Topics.DeltasOf(Victim), LearningCodecs.Deltas, liar.Update(default) with { Device = Victim });
        yield return () => liar.PublishAsync(Topics.PresencesOf(Victim), LearningCodecs.Presences, Liar.Say(Victim, 1));
        yield return () => liar.PublishAsync(Topics.ModelsOf("user-004"), LearningCodecs.Weights, version with { Recipient = "user-004" });
        yield return () => liar.PublishAsync(Topics.Newest, LearningCodecs.Weights, version, retain: true);
        yield return () => liar.PublishAsync(Topics.ReceiptsOf(Victim), LearningCodecs.Receipts, receipt);
        yield return () => liar.PublishAsync(Topics.Choices, StrategyChoice.Codec, new("fedavg"));
        yield return () => liar.PublishAsync(Topics.Labels, LabelSpan.Codec, new(Victim, "worn", default, DateTimeOffset.UnixEpoch));
        yield return () => liar.PublishAsync(Topics.Forgotten, ForgottenDevice.Codec, new(Victim));
    }
}
