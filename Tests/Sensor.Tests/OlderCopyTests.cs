namespace Sensor.Tests;

public sealed partial class OlderCopyTests(ITestOutputHelper output)
{
    private const int Versions = 5;
    private const int InFlight = 8;         // updates under way, of four devices: the version that came back may have them
    private static readonly string[] Devices = ["user-001", "user-002", "user-003", "user-004"];       // of two sensors

    /// <summary>The aggregator's own broker stores nothing; a registry over NATS is in the server's store.</summary>
    public static TheoryData<string, string, bool> Copies =>
    [
        .. from server in new[] { "own", "mosquitto", "nats" }
           from what in new[] { "aggregator", "device", "aggregator and device", "kept versions", "server" }
           where (server, what) is not ("own", "server") and not ("nats", "kept versions")
           from isKilled in new[] { true, false }
           select (server, what, isKilled),
    ];

    /// <summary>With codes and pieces, in which a device remembers the most of what it has sent.</summary>
    [LongTheory]
    [MemberData(nameof(Copies))]
    public async Task Nothing_is_made_twice_nobody_is_quarantined_and_what_is_lost_is_said(string server, string what, bool isKilled)
    {
        const string Exchange = "mode: async, code: 'top-k:0.3', piece: 4KiB";
        await using var fleet = server == "own" ? KilledFleet.StartEmbedded(Exchange)
            : await KilledFleet.StartAsync(overNats: server == "nats", Exchange);
        bool Of(string part) => what.Contains(part, StringComparison.Ordinal);
        var (ofAggregator, ofDevice, ofServer) = (Of("aggregator"), Of("device"), Of("server"));
        string[] folders = ofServer ? [fleet.ServerStore]
            : what == "kept versions" ? [fleet.StateOf("models")]
            : [.. (ofAggregator ? [FleetTopics.Aggregator] : Array.Empty<string>()).Concat(ofDevice ? Devices[..2] : [])
                .Select(fleet.StateOf)];
        async Task EndAsync(bool kill)
        {
            if (ofDevice) { await fleet.EndSensorAsync(0, kill); }
            if (ofServer) { await fleet.EndServerAsync(kill); }
            else if (!ofDevice || ofAggregator) { await (kill ? fleet.KillAggregatorAsync() : fleet.StopAggregatorAsync()); }
        }

        async Task StartAsync(bool drains)
        {
            if (ofServer) { await fleet.StartServerAsync(); }
            else if (!ofDevice || ofAggregator) { fleet.StartAggregator(drains); }
            if (ofDevice) { fleet.StartSensor(0, drains); }
        }

        fleet.StartAggregator(drains: ofDevice && !ofAggregator);      // one that is stopped before the end is saved
        fleet.StartSensor(0, drains: !ofDevice);
        fleet.StartSensor(1);
        await fleet.UntilEachAppliedAsync(Devices, 2);
        foreach (var folder in folders) { await fleet.UntilThereAsync(folder); }
        await EndAsync(kill: true);
        List<string> copies = [.. folders.Select(fleet.Copied)];
        await StartAsync(drains: false);
        await fleet.UntilLearnedFromAsync(fleet.Rounds().Max(static r => r.Version) + Versions);
        await EndAsync(isKilled);
        var newest = fleet.Rounds().Max(static r => r.Version);

        foreach (var (copy, folder) in copies.Zip(folders)) { KilledFleet.PutBack(copy, folder); }
        await StartAsync(drains: true);
        await fleet.UntilEachAppliedAsync(Devices, 4);
        var said = fleet.Said().ToList();
        await fleet.EndAsync();

        var made = fleet.Rounds().DistinctBy(static r => r.Text).ToList();
        var check = fleet.Check();
        var doubled = made.SelectMany(static r => r.Identities).CountBy(static i => i).Count(static i => i.Value > 1);
        output.WriteLine($"| {server} | {what} | {(isKilled ? "killed" : "stopped")} | {check.Lost} | {doubled} | "
            + string.Join("; ", said.Where(static l => Says().IsMatch(l)).Distinct()) + " |");
        Assert.Equal(made.Count, made.DistinctBy(static r => (r.Epoch, r.Version)).Count());
        Assert.InRange(made[^1].Version, newest + 1, int.MaxValue);
        Assert.DoesNotContain("quarantined", check.Refused, StringComparison.Ordinal);
        if (!(ofAggregator && ofDevice)) { Assert.InRange(doubled, 0, ofAggregator ? InFlight : 0); }      // else both give numbers again
    }

    /// <summary>A session of an earlier start would have the versions since then, the oldest first.</summary>
    [LongTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Without_its_state_an_aggregator_continues_from_the_version_that_the_server_retains(bool overNats)
    {
        await using var fleet = await KilledFleet.StartAsync(overNats);
        fleet.StartSensor(0);
        fleet.StartSensor(1);
        for (var start = 0; start < 2; start++)
        {
            fleet.StartAggregator();
            await fleet.UntilEachAppliedAsync(Devices, 2);
            await fleet.StopAggregatorAsync();
        }

        await fleet.EndSensorAsync(0, isKilled: true);
        await fleet.EndSensorAsync(1, isKilled: true);
        fleet.ForgetState(FleetTopics.Aggregator);
        fleet.StartAggregator();

        await fleet.UntilSaidAsync("which the server has kept");
        var newest = fleet.Rounds().Max(static r => r.Version);
        var said = Regex.Match(string.Join('\n', fleet.Said()), "continues from version ([0-9]+), which the server has kept");
        Assert.InRange(int.Parse(said.Groups[1].Value, CultureInfo.InvariantCulture), newest - 1, newest);
    }

    [GeneratedRegex("older|are lost|had numbers")]
    private static partial Regex Says();
}
