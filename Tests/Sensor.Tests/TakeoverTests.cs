using Aggregator;

namespace Sensor.Tests;

/// <summary>Aggregators on several hosts, of which one leads: when it is gone with its disk, another one takes over. The ledgers tell what
/// became of every update, and devices notice nothing but a wait.</summary>
public sealed class TakeoverTests(ITestOutputHelper output)
{
    private static readonly int Kills = LongForm.IsAsked ? 5 : 1;
    private static readonly int UpdatesBetween = LongForm.IsAsked ? 10 : 4;

    [Fact]
    public async Task Aggregators_killed_in_a_row_with_their_disks_lose_no_update_and_apply_none_twice()
    {
        await using var fleet = await KilledFleet.StartTakeoverAsync("1s", length: LongForm.IsAsked ? "6m" : "60s");
        await StartTwoAsync(fleet);
        var random = new Random(7);
        for (var kill = 0; kill < Kills; kill++)
        {
            if (kill > 0) { fleet.StartHost(kill + 1); }
            await fleet.Host(kill + 1).WaitForAsync("standby;");
            await fleet.UntilAsync(fleet.Taken() + 1 + random.Next(UpdatesBetween));
            await fleet.LoseHostAsync(kill);
            await fleet.Host(kill + 1).WaitForAsync("leads as");
            await fleet.Host(kill + 1).WaitForAsync("resumed from checkpoint");
        }

        await EndAsync(fleet);
    }

    /// <summary>As a machine that was suspended, or a process that waited for its disk: it goes on where it was, and is too late.</summary>
    [Fact]
    public async Task An_aggregator_that_was_stopped_beyond_its_lease_changes_nothing_and_stands_by()
    {
        await using var fleet = await KilledFleet.StartTakeoverAsync("1s", length: LongForm.IsAsked ? "5m" : "90s");
        await StartTwoAsync(fleet);
        await fleet.UntilAsync(UpdatesBetween);

        fleet.Host(0).Freeze();
        await fleet.Host(1).WaitForAsync("resumed from checkpoint");
        await fleet.UntilAsync(UpdatesBetween + 1);
        fleet.Host(0).Thaw();
        await fleet.Host(0).WaitForAsync("another aggregator of this fleet has taken over; this one is on standby");
        await fleet.Host(0).WaitForAsync("standby;");
        if (LongForm.IsAsked)
        {
            await fleet.UntilAsync(fleet.Taken() + UpdatesBetween);
            await fleet.LoseHostAsync(1);           // and back
            await fleet.UntilAsync(fleet.Taken() + UpdatesBetween);
        }

        await EndAsync(fleet);
    }

    /// <summary>The leader has all that the store had; the other one leaves it the time to give it back.</summary>
    [LongFact]
    public async Task A_leader_gives_a_server_without_store_what_it_had_and_the_fleet_learns_on()
    {
        await using var fleet = await KilledFleet.StartTakeoverAsync("1s", length: "24h");
        await StartTwoAsync(fleet);
        await fleet.UntilRoundsAsync(3);

        await fleet.LoseStoreAsync();
        await fleet.Host(0).WaitForAsync("the server had lost its store");
        await fleet.UntilRoundsAsync(fleet.Rounds().Count + 3);
        await fleet.LoseHostAsync(0);
        await fleet.Host(1).WaitForAsync("resumed from checkpoint");
        await fleet.UntilRoundsAsync(fleet.Rounds().Count + 2);
        await fleet.EndAsync();

        var check = fleet.Check();
        output.WriteLine(check.ToString());
        Assert.Equal((0, 0), (check.AppliedTwice, check.VersionGaps));
        Assert.Empty(fleet.Contradictions());
        Assert.Equal(fleet.Rounds().Max(static r => r.Version), await fleet.RegisteredAsync());
        Assert.Equal(2, await fleet.RetainedAsync());       // a version, and what its model takes and answers
    }

    /// <summary>What cannot be saved is not: 75, or 74 where the server refuses.</summary>
    [LongTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Asked_to_end_after_the_store_is_lost_the_program_ends_in_time(bool staysAway)
    {
        await using var fleet = await KilledFleet.StartTakeoverAsync("1s", length: "24h");
        fleet.StartHost(0, drains: false);
        fleet.StartSensor(0);
        await fleet.UntilRoundsAsync(2);
        await fleet.LoseStoreAsync(staysAway);

        var clock = TimeProvider.System.GetTimestamp();
        var code = await fleet.StopHostAsync(0);

        output.WriteLine($"{code} after {TimeProvider.System.GetElapsedTime(clock).TotalSeconds:0.0} s");
        Assert.Contains(code, staysAway ? [74, 75] : new[] { 0 });
        Assert.InRange(TimeProvider.System.GetElapsedTime(clock), TimeSpan.Zero, TimeSpan.FromSeconds(30));
    }

    /// <summary>The layers at the aggregator, their optimizers and what was under way are in the checkpoint.</summary>
    [LongTheory]
    [InlineData("3")]
    [InlineData("auto")]
    public async Task Split_training_goes_on_at_the_aggregator_that_takes_over(string split)
    {
        await using var fleet = await KilledFleet.StartTakeoverAsync("1s", length: "5m",
            exchange: "steps_per_update: 3", learn: $"split: {split}, batch: 4", aggregate: """
            strategy: { fedavg: { devices: 2 } }
            split: { batch: 4 }
            """);
        await StartTwoAsync(fleet);
        await fleet.UntilVersionAsync(0, 3);

        await fleet.LoseHostAsync(0);
        await fleet.Host(1).WaitForAsync("resumed from checkpoint");
        await fleet.UntilSplitAsync(1, devices: 2);
        await fleet.UntilVersionAsync(1, 6);
        await fleet.UntilSensorsEndAsync();
        await fleet.EndAsync();

        var status = fleet.StatusOf(1)!.Value;      // of the end: one of a fleet at work may count an update here and not yet there
        output.WriteLine($"{status}");
        Assert.Equal(status.GetProperty("accepted").GetInt64(),
            status.GetProperty("updatesInRound").GetInt64() + status.GetProperty("devices").EnumerateArray()
                .Sum(static d => d.GetProperty("applied").GetInt64()));
    }

    /// <summary>What is used of a budget is in the checkpoint: a takeover begins no new one.</summary>
    [LongFact]
    public async Task A_budget_goes_on_at_the_aggregator_that_takes_over()
    {
        await using var fleet = await KilledFleet.StartTakeoverAsync("1s", length: "24h", exchange: "mode: barrier",
            aggregate: "strategy: { adaptive_tau: { devices: 2, bytes: 1500000, max_steps: 8 } }");
        await StartTwoAsync(fleet);
        await fleet.UntilRoundsAsync(4);

        await fleet.LoseHostAsync(0);
        await fleet.Host(1).WaitForAsync("resumed from checkpoint");
        await fleet.UntilSensorSaysAsync(0, "learning has ended");
        await fleet.EndAsync();

        var check = fleet.Check();
        output.WriteLine(check.ToString());
        Assert.True(check.IsExact, check.ToString());
        Assert.Empty(fleet.Contradictions());
        Assert.InRange(check.Rounds, 8, 16);        // a round takes a fifteenth of the budget; a new one would make four more
    }

    [Theory]
    [InlineData("mqtt://localhost:1883")]
    [InlineData("mqtts://edge-1")]
    public void Over_MQTT_it_is_refused_by_name(string url)
    {
        string FileOf(string server) => $"{{ streamlearn: 1, fleet: f, link: {{ url: '{server}' }}, aggregate: {{ takeover: 5s }} }}";
        var refused = Assert.Throws<ConfigurationException>(() => ConfigTree.Parse("f.yaml", FileOf(url)).Read(AggregatorConfig.Read));

        var problem = Assert.Single(refused.Problems);
        Assert.Contains("aggregate.takeover: expected a link.url of NATS", $"{problem}", StringComparison.Ordinal);
        Assert.Contains("JetStream", $"{problem}", StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(5),
            ConfigTree.Parse("f.yaml", FileOf("nats://edge-1")).Read(AggregatorConfig.Read).Value.Takeover);
    }

    [Fact]
    public async Task Without_JetStream_the_program_ends_and_says_why()
    {
        await using var server = await RealNats.StartAsync();
        using var folder = new TemporaryFolder();
        var sample = await Programs.SampleAsync(Programs.Aggregator);
        await File.WriteAllTextAsync(folder.File("a.yaml"), sample, TestContext.Current.CancellationToken);

        var ended = await Programs.HereAsync(Programs.Aggregator, "run", "-c", folder.File("a.yaml"), "--set", $"state={folder.File("s")}",
            "--set", $"link.url={server.Uri.ToString().TrimEnd('/')}", "--set", "aggregate.takeover=5s");

        Assert.Equal(78, ended.ExitCode);
        Assert.Matches(@"aggregate\.takeover: nats://127\.0\.0\.1:\d+: .*has no JetStream", ended.Error);
    }

    private static async Task StartTwoAsync(KilledFleet fleet)
    {
        fleet.StartHost(0);
        await fleet.Host(0).WaitForAsync("leads as");
        fleet.StartHost(1);
        await fleet.Host(1).WaitForAsync("standby;");
        fleet.StartSensor(0);
    }

    private async Task EndAsync(KilledFleet fleet)
    {
        await fleet.UntilSensorsEndAsync();
        await fleet.EndAsync();

        var check = fleet.Check();
        output.WriteLine(check.ToString());
        Assert.True(check.IsExact, check.ToString());
        Assert.Empty(fleet.Contradictions());
        Assert.Matches(@"^\d+ no-samples$", check.Refused);        // devices begin with rows of one class
        Assert.InRange(check.Rounds, 2, int.MaxValue);
        Assert.Equal(fleet.Rounds().Max(static r => r.Version), await fleet.RegisteredAsync());
    }
}
