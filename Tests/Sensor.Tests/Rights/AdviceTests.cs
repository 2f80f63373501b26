namespace Sensor.Tests;

public sealed partial class AdviceTests : IDisposable
{
    private const string Fenced = "user-001", Quarantined = "user-002";
    private const int MoreThanStrikes = 40;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<bool> Servers { get; } = LongForm.IsAsked ? [true, false] : [true];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task What_a_sensor_advises_ends_a_fence_and_a_quarantine(bool overNats)
    {
        await using var server = await GuardedServer.StartAsync(overNats, guarded: false);
        await using var liar = new Liar(server);
        await using var aggregator = await StartAsync(server, Programs.Aggregator, "run", "--set", "aggregate.strategy.fedbuff.updates=2");
        await using var sensor = await StartAsync(server, Programs.Sensor, "run", "--set", "source.generator.users=[1, 2]",
            "--set", "source.generator.length=24h", "--set", "source.generator.speed=40");
        await UntilAcceptedAsync(Fenced, aggregator);
        await UntilAcceptedAsync(Quarantined, aggregator);

        await liar.PublishAsync(GuardedFleet.Topics.PresencesOf(Fenced), LearningCodecs.Presences, Liar.Say(Fenced, Liar.Ahead));
        var impossible = liar.Update(default) with
        {
            Device = Quarantined,
            Epoch = long.MaxValue,
            SchemaHash = (await ModelAsync()).SchemaHash,
        };
        for (var i = 0; i < MoreThanStrikes; i++)
        {
            await liar.PublishAsync(GuardedFleet.Topics.DeltasOf(Quarantined), LearningCodecs.Deltas, impossible);
        }

        foreach (var (device, reason) in new[] { (Fenced, "'fenced'"), (Quarantined, "'quarantined'") })
        {
            await sensor.WaitForAsync(reason);
            var advice = sensor.Log.Split('\n').Single(l => l.Contains($" {device} ", StringComparison.Ordinal)
                && l.Contains(reason, StringComparison.Ordinal));
            await using var advised = await StartAsync(server, Programs.Aggregator, Command().Match(advice).Groups[1].Value.Split(' '));
            Assert.True(await advised.EndAsync() == 0, advised.Log);
            await UntilAcceptedAsync(device, aggregator);
        }
    }

    [Fact]
    public async Task A_sensor_that_forgets_its_aggregator_follows_the_first_that_answers()
    {
        await using var server = await GuardedServer.StartAsync(overNats: false, guarded: false);
        await using var liar = new Liar(server);
        var initial = await ModelAsync();
        Weights ahead = initial with { Epoch = Liar.Ahead, Version = 7 },
            now = initial with { Epoch = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), Version = 3 };
        var source = new[] { "--set", "source.generator.users=[1]", "--set", "source.generator.length=24h" };
        await using (var sensor = await StartAsync(server, Programs.Sensor, ["run", .. source]))
        {
            await UntilHeldAsync(server, liar, ahead);
            await using var refused = await StartAsync(server, Programs.Sensor, "forget-aggregator");
            Assert.Equal(73, await refused.EndAsync());
            Assert.Equal(0, await sensor.StopAsync());
        }

        await using var forgets = await StartAsync(server, Programs.Sensor, "forget-aggregator");
        Assert.True(await forgets.EndAsync() == 0, forgets.Log);
        Assert.Contains($"{Fenced} will follow the first aggregator that answers", forgets.Log, StringComparison.Ordinal);
        await using var again = await StartAsync(server, Programs.Sensor, ["run", .. source]);
        await UntilHeldAsync(server, liar, now);
        var note = Path.Join(_folder.File(Programs.Sensor), "plant", Fenced, "forget-aggregator");
        while (File.Exists(note))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<Weights> ModelAsync() =>
        ConfigTree.Parse("s", await Programs.SampleAsync(Programs.Sensor), []).Read(SensorConfig.Read).Value.Model.Create().Initial;

    private static async Task UntilHeldAsync(GuardedServer server, Liar liar, Weights version)
    {
        var held = false;
        var sending = Task.Run(async () =>
        {
            while (!Volatile.Read(ref held))
            {
                await liar.PublishAsync(GuardedFleet.Topics.ModelsOf(Fenced), LearningCodecs.Weights, version);
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
            }
        });
        while (!held)
        {
            var said = await Liar.ReadAsync(server, "gateway", GuardedFleet.Topics.PresencesOf(Fenced), static () => false);
            held = LearningCodecs.Presences.TryDecode(new(said!), new(), out var presence) && presence.Held == version.Id;
        }

        await sending;
    }

    private async Task<ServerProcess> StartAsync(GuardedServer server, string program, params string[] command)
    {
        var config = _folder.File($"{program}.yaml");
        if (!File.Exists(config)) { await File.WriteAllTextAsync(config, await Programs.SampleAsync(program)); }
        return new("dotnet", [Path.Combine(AppContext.BaseDirectory, $"{program}.dll"), .. command, "-c", config,
            "--set", $"link.url={server.Uri.ToString().TrimEnd('/')}", "--set", $"state={_folder.File(program)}",
            "--set", $"link.login={server.Login(program == Programs.Sensor ? "gateway" : FleetTopics.Aggregator)}"]);
    }

    /// <summary>Waits until more updates of a device are in versions than there are now.</summary>
    private async Task UntilAcceptedAsync(string device, ServerProcess aggregator)
    {
        using var patience = new CancellationTokenSource(ServerProcess.Patience, TimeProvider.System);
        for (var before = Applied(device); Applied(device) == before;)
        {
            Assert.False(patience.IsCancellationRequested || aggregator.HasExited, $"no update of {device}: {aggregator.Log}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    private long Applied(string device)
    {
        var status = Path.Join(_folder.File(Programs.Aggregator), "plant", FleetTopics.Aggregator, "status.json");
        if (!File.Exists(status)) { return 0; }
        using var json = JsonDocument.Parse(File.ReadAllText(status));
        return json.RootElement.GetProperty("devices").EnumerateArray().Where(d => d.GetProperty("name").GetString() == device)
            .Sum(static d => d.GetProperty("applied").GetInt64());
    }

    [GeneratedRegex("run streamlearn-aggregator (devices forget [^ ]+) with the aggregator's configuration")]
    private static partial Regex Command();
}
