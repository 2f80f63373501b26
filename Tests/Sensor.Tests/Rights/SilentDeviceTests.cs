namespace Sensor.Tests;

/// <summary>Over a real server, a device that versions wait for sends nothing but heartbeats.</summary>
public sealed class SilentDeviceTests
{
    [LongTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_device_that_only_sends_heartbeats_does_not_hold_the_others(bool overNats)
    {
        await using var fleet = await GuardedFleet.StartAsync(overNats, guarded: true, waits: true);
        await using var silent = new Liar(fleet.Server);
        var before = fleet.Rounds.Count;
        await silent.SendAsync(silent.Update(fleet.Rounds[^1].Made.Id));
        await fleet.UntilAsync(
            () => fleet.Rounds.Skip(before).Any(static r => r.Contributions.Any(static c => c.Device == Liar.Name)), "it");

        await fleet.UntilAsync(() => Beats() && fleet.Aggregate.Counter("devices-left-out") > 0, "a round without it");

        await fleet.UntilAllLearnAsync();
        Assert.True(Beats() && fleet.Rounds[^1].Missing == 1, $"{fleet.Rounds[^1]}");
        var left = fleet.Rounds.Count;
        await silent.SendAsync(silent.Update(fleet.Rounds[^1].Made.Id));
        await fleet.UntilAsync(() => fleet.Rounds.Skip(left).Any(static r => r is { Missing: 0, Contributions.Length: 4 }), "all");

        bool Beats()
        {
            _ = silent.SendAsync(Liar.Say(Liar.Name, silent.Start) with { Kind = PresenceKind.Heartbeat });
            return true;
        }
    }
}
