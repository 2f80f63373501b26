using FleetProcess;

namespace Sensor.Tests;

public sealed class FleetKillTests(ITestOutputHelper output)
{
    private static readonly int UpdatesBetween = LongForm.IsAsked ? 12 : 4;
    private static readonly int KillsAtRandom = LongForm.IsAsked ? 20 : 4;
    private const int KillsOfSignificance = 8;

    private static readonly string[] Devices = ["user-001", "user-002", "user-003", "user-004"];      // of two sensors

    /// <summary>mosquitto; in the long form nats-server, too, over which other tests kill programs in the short one.</summary>
    public static TheoryData<bool> Servers => LongForm.IsAsked ? [true, false] : [false];

    /// <summary>Nothing is lost where the server keeps its word: mosquitto does if it saves each change.</summary>
    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Programs_killed_at_random_lose_no_update_and_apply_none_twice(bool overNats)
    {
        await using var fleet = await KilledFleet.StartAsync(overNats);
        fleet.StartAggregator();
        fleet.StartSensor(0);
        fleet.StartSensor(1);
        var random = new Random(7);
        for (var kill = 0; kill < KillsAtRandom; kill++)
        {
            await fleet.UntilAsync(fleet.Taken() + random.Next(UpdatesBetween));
            switch (kill < 3 ? kill : random.Next(3))           // each program once at least
            {
                case 0:
                    await fleet.KillAggregatorAsync();
                    fleet.StartAggregator();
                    break;
                case var victim:
                    await fleet.KillSensorAsync(victim - 1);
                    fleet.StartSensor(victim - 1);
                    break;
            }
        }

        await fleet.UntilAsync(fleet.Taken() + UpdatesBetween);
        await fleet.EndAsync();

        var check = fleet.Check();
        output.WriteLine(check.ToString());
        Assert.True(check.IsExact, check.ToString());
        Assert.Matches(@"^\d+ no-samples$", check.Refused);        // devices begin with rows of one class
        Assert.InRange(check.Updates, KillsAtRandom, int.MaxValue);
    }

    /// <summary>The broker keeps nothing over a kill: devices send again what was not answered, and what was is in a checkpoint.</summary>
    [LongFact]
    public async Task An_aggregator_killed_with_its_own_broker_loses_no_update_and_applies_none_twice()
    {
        const int Sensors = 3;
        var kills = LongForm.IsAsked ? 10 : 2;
        await using var fleet = KilledFleet.StartEmbedded();
        fleet.StartAggregator();
        for (var sensor = 0; sensor < Sensors; sensor++) { fleet.StartSensor(sensor); }
        var random = new Random(7);
        for (var kill = 0; kill < kills; kill++)
        {
            await fleet.UntilAsync(fleet.Taken() + Sensors + random.Next(UpdatesBetween));
            await fleet.KillAggregatorAsync();
            fleet.StartAggregator();
        }

        // after many kills a device may wait for ten seconds before it connects again, which is as long as it has to end
        await fleet.UntilEachAppliedAsync([.. Enumerable.Range(1, 2 * Sensors).Select(static u => $"user-{u:000}")], 1);
        await fleet.EndAsync();

        var check = fleet.Check();
        output.WriteLine(check.ToString());
        Assert.True(check.IsExact, check.ToString());
        Assert.Matches(@"^\d+ no-samples$", check.Refused);        // devices begin with rows of one class
        Assert.InRange(check.Updates, kills, int.MaxValue);
    }

    /// <summary>What waits to be sent is part of a device's state, and so is what is unanswered: no bit of it changes.</summary>
    [LongFact]
    public async Task So_it_is_where_only_significant_changes_go()
    {
        await using var fleet = await KilledFleet.StartAsync(overNats: true, "significance: 0.5");
        await LearnAsync(fleet);
        for (var kill = 0; kill < KillsOfSignificance; kill++)
        {
            await fleet.UntilAsync(fleet.Taken() + UpdatesBetween);
            if (kill % 2 == 1)
            {
                await fleet.KillAggregatorAsync();
                fleet.StartAggregator();
                continue;
            }

            await fleet.KillSensorAsync(kill / 2 % 2);
            fleet.StartSensor(kill / 2 % 2);
        }

        await fleet.UntilAsync(fleet.Taken() + UpdatesBetween);
        await fleet.EndAsync();

        var check = fleet.Check();
        Assert.True(check.IsExact, check.ToString());
        Assert.InRange(check.Updates, KillsOfSignificance * UpdatesBetween, int.MaxValue);
    }

    [LongFact]
    public async Task An_aggregator_killed_at_each_step_loses_no_update_and_applies_none_twice()
    {
        await using var fleet = await KilledFleet.StartAsync(overNats: true);
        fleet.StartSensor(0);
        fleet.StartSensor(1);
        foreach (var step in Enum.GetValues<KillStep>().Where(static s => s != KillStep.Never))
        {
            fleet.StartKilledAt(step, time: 2);
            Assert.Equal(137, await fleet.EndOfAggregatorAsync());
        }

        fleet.StartKilledAt(KillStep.Never, time: 1);
        await fleet.UntilAsync(fleet.Taken() + UpdatesBetween);
        await fleet.EndAsync();

        var check = fleet.Check();
        output.WriteLine(check.ToString());
        Assert.True(check.IsExact, check.ToString());
        Assert.Matches(@"^\d+ no-samples$", check.Refused);        // devices begin with rows of one class
    }

    /// <summary>With a barrier each round waits for every device, and a device that knows of it learns once from each version; before
    /// and after it, whoever is faster. A kill at the barrier changes nothing.</summary>
    [Fact]
    public async Task A_fleet_goes_from_asynchronous_rounds_to_a_barrier_and_back()
    {
        await using var fleet = await KilledFleet.StartAsync(overNats: true);
        await LearnAsync(fleet);

        await fleet.SwitchAsync("fedavg");
        await fleet.UntilAsync(fleet.Taken() + (2 * UpdatesBetween));
        await fleet.KillAggregatorAsync();
        fleet.StartAggregator();
        await fleet.UntilAsync(fleet.Taken() + (2 * UpdatesBetween));
        await fleet.SwitchAsync("fedbuff");
        await fleet.UntilAsync(fleet.Taken() + UpdatesBetween);
        await fleet.EndAsync();

        var rounds = fleet.Rounds();
        Assert.All(rounds.Zip(rounds.Skip(1)).Where(static r => r.First.Strategy == "fedavg" && r.Second.Strategy == "fedavg"),
            static r => Assert.Equal(Devices, r.Second.Applied.Select(static a => a.Device).Distinct().Order()));
        Assert.DoesNotContain("", rounds.SkipWhile(static r => r.Strategy.Length == 0).Select(static r => r.Strategy));
        var told = rounds.First(static r => r.Strategy == "fedavg").Version;
        var atBarrier = rounds.Where(static r => r.Strategy == "fedavg").SelectMany(static r => r.Applied)
            .Where(a => a.Base >= told).ToList();
        Assert.InRange(atBarrier.Count, 2 * UpdatesBetween, int.MaxValue);
        Assert.Equal(atBarrier.Distinct().Count(), atBarrier.Count);
        var check = fleet.Check();
        Assert.True(check.IsExact, check.ToString());
    }

    /// <summary>Of three sensors, one is stopped until versions no longer wait for its devices, and another in the middle of the round
    /// that the kill hits.</summary>
    [LongTheory, InlineData(true), InlineData(false)]
    public async Task A_barrier_without_silent_devices_ends_its_round_over_a_kill_and_waits_for_them_once_they_are_back(bool overNats)
    {
        string[] silent = ["user-005", "user-006"];
        await using var fleet = await KilledFleet.StartAsync(overNats, "mode: barrier", "strategy: { fedavg: { devices: 6 } }");
        fleet.StartAggregator(more: ["--set", "aggregate.round_timeout=2s"]);
        for (var sensor = 0; sensor < 3; sensor++) { fleet.StartSensor(sensor); }
        await fleet.UntilEachAppliedAsync([.. Devices, .. silent], 1);
        fleet.Sensor(2).Freeze();
        await fleet.UntilRoundOfAsync(Devices);
        await fleet.KillAggregatorAsync();
        fleet.StartAggregator();                    // waits for at least a minute
        await fleet.UntilEachAppliedAsync(Devices, 1);
        fleet.Sensor(1).Freeze();
        var newest = await fleet.UntilTakenFromNewestAsync(Devices[..2]);

        await fleet.KillAggregatorAsync();
        fleet.Sensor(1).Thaw();
        fleet.StartAggregator();
        await fleet.UntilRoundsAsync((int)newest.Version + 2);
        var shrunken = fleet.Rounds().SkipWhile(r => r.Version <= newest.Version).ToList();
        fleet.Sensor(2).Thaw();
        await fleet.UntilEachAppliedAsync(silent, 1);
        var after = fleet.Rounds().Count;
        await fleet.UntilRoundsAsync(after + 2);
        var whole = fleet.Rounds()[after..];
        await fleet.EndAsync();

        Assert.All(shrunken, r => Assert.Equal(Devices.Select(d => (d, r.Version - 1)), r.Applied.Order()));
        Assert.All(whole, r => Assert.Equal([.. Devices, .. silent], r.Applied.Select(static a => a.Device).Distinct().Order()));
        var check = fleet.Check();
        output.WriteLine(check.ToString());
        Assert.True(check.IsExact, check.ToString());
    }

    /// <summary>Devices follow the aggregator that started later. When it is gone they come back to the first one.</summary>
    [Fact]
    public async Task A_second_aggregator_that_came_and_went_does_not_stop_a_fleet()
    {
        await using var fleet = await KilledFleet.StartAsync(overNats: true);
        await LearnAsync(fleet);

        await fleet.RunSecondAggregatorAsync();

        await fleet.UntilEachAppliedAsync(Devices, UpdatesBetween);
        await fleet.EndAsync();
        Assert.Equal(0, fleet.Check().AppliedTwice);
    }

    /// <summary>Without a checkpoint the same kills leave traces: the judge can see them.</summary>
    [Fact]
    public async Task An_aggregator_that_has_lost_its_state_is_found_out_by_the_ledgers()
    {
        await using var fleet = await KilledFleet.StartAsync(overNats: true);
        fleet.StartAggregator();
        fleet.StartSensor(0);
        await fleet.UntilRoundsAsync(1);                    // before it there is nothing to lose: what is not applied is sent again
        await fleet.KillAggregatorAsync();
        fleet.ForgetState("aggregator");
        fleet.StartAggregator();
        await fleet.UntilRoundsAsync(fleet.Rounds().Count + 1);
        await fleet.EndAsync();

        Assert.False(fleet.Check().IsExact);
    }

    /// <summary>Lets an aggregator and two sensors learn until updates of each device are in versions: then all have rows of several
    /// classes.</summary>
    private static async Task LearnAsync(KilledFleet fleet)
    {
        fleet.StartAggregator();
        fleet.StartSensor(0);
        fleet.StartSensor(1);
        await fleet.UntilEachAppliedAsync(Devices, 2);
    }
}
