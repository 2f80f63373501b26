using StreamLearn.Testing;

namespace TauDemo.Tests;

/// <summary>Fleets whose server is away for a while, or for good: real servers, really killed.</summary>
public sealed class ServerAwayTests
{
    [Fact]
    public async Task A_fleet_says_that_its_server_is_away_and_that_it_is_back_and_can_be_interrupted_meanwhile()
    {
        await using var server = await Mosquitto.StartAsync();
        await using var fleet = new DemoProcess("fleet", "--wait", "--link", $"{server.Uri}");
        await fleet.WaitForAsync("waiting for 5 nodes");

        await server.KillAsync();
        await fleet.WaitForAsync($"the connection to mqtt://127.0.0.1:{server.Port} is lost: cannot reach ");
        await server.StartAgainAsync();
        await fleet.WaitForAsync($"mqtt://127.0.0.1:{server.Port} is back");

        await server.KillAsync();
        Assert.Equal(130, await fleet.InterruptAsync());
        Assert.Single(fleet.Log.Split('\n'), static l => l.Contains("is lost", StringComparison.Ordinal));
    }

    /// <summary>A server that is killed loses what it has taken, and each message of a round is waited for.</summary>
    [Fact]
    public async Task A_fleet_goes_on_where_a_server_that_keeps_nothing_is_killed_again_and_again()
    {
        await using var server = await Mosquitto.StartAsync();
        await using var fleet = new FleetInProcess(new(server.Uri, null, "plant"));
        fleet.JoinAll();
        for (var kill = 0; kill < 3; kill++)
        {
            await fleet.GoesOnAsync();
            await server.KillAsync();
            await server.StartAgainAsync();
        }

        await fleet.GoesOnAsync();
        Assert.Equal(Enumerable.Range(1, fleet.Rounds.Count).Select(static v => (long)v), fleet.Rounds.Select(static r => r.Version));
    }

    [Fact]
    public async Task Nodes_and_fleet_that_wait_for_each_other_while_the_server_is_killed_still_meet()
    {
        await using var server = await Mosquitto.StartAsync();
        await using var fleet = new FleetInProcess(new(server.Uri, null, "plant"));
        for (var n = 0; n < 4; n++) { _ = fleet.Join(n); }
        await fleet.UntilAsync(static f => f.Aggregator?.CaseOf(3) > 0);

        await server.KillAsync();
        await server.StartAgainAsync();
        _ = fleet.Join(4);

        await fleet.GoesOnAsync();
    }

    [Theory]
    [InlineData("nats")]
    [InlineData("mqtt")]
    public async Task Who_waits_for_a_server_for_longer_than_his_patience_ends_with_69(string scheme)
    {
        await using var nats = scheme == "nats" ? await RealNats.StartAsync(new() { JetStream = true }) : null;
        await using var mqtt = scheme == "mqtt" ? await Mosquitto.StartAsync() : null;
        var link = new TauLink(nats?.Uri ?? mqtt!.Uri, null, "plant");
        string[] options = ["--link", $"{link.Server}", "--patience", "1s"];
        var member = CommandLine.RunAsync(["node", .. options, "--fleet", "other", "--name", "node-0"]);
        var fleet = CommandLine.RunAsync(["fleet", "--wait", .. options, "--fleet", "plant"]);
        await Task.WhenAny(fleet, Meeting.HearAsync(link, FleetSignKind.Runs));
        await Task.WhenAny(member, Meeting.HearAsync(link with { Fleet = "other" }, FleetSignKind.Asks));

        if (nats is not null) { await nats.KillAsync(); }
        if (mqtt is not null) { await mqtt.KillAsync(); }

        Assert.Equal(69, await fleet.WaitAsync(ServerProcess.Patience));
        Assert.Equal(69, await member.WaitAsync(ServerProcess.Patience));
    }

    /// <summary>A server that is stopped keeps its connections, and nobody hears anything.</summary>
    [Fact]
    public async Task A_server_that_stands_still_is_away_until_it_goes_on()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var fleet = new FleetInProcess(new(server.Uri, null, "plant"));
        fleet.JoinAll();
        await fleet.GoesOnAsync();

        server.Process.Freeze();
        await fleet.UntilAsync(f => f.Said.Contains(
            $"nats://127.0.0.1:{server.Port} does not answer; the fleet waits for it, for "
            + $"{ServerProcess.Patience.TotalSeconds} s at most"));
        server.Process.Thaw();

        await fleet.UntilAsync(f => f.Said.Contains($"nats://127.0.0.1:{server.Port} is back"));
        await fleet.GoesOnAsync();
    }
}
