using StreamLearn.Testing;

namespace TauDemo.Tests;

/// <summary>How the members of a fleet find each other by its name, and who does not.</summary>
public sealed class MeetingTests
{
    [Theory]
    [InlineData("nats")]
    [InlineData("mqtt")]
    public async Task A_second_fleet_of_a_name_ends_with_73_and_the_first_goes_on(string scheme)
    {
        await using var nats = scheme == "nats" ? await RealNats.StartAsync(new() { JetStream = true }) : null;
        await using var mqtt = scheme == "mqtt" ? await Mosquitto.StartAsync() : null;
        var server = nats?.Uri ?? mqtt!.Uri;
        await using var first = new FleetInProcess(new(server, null, "plant"));
        first.JoinAll();
        await first.GoesOnAsync();

        Assert.Equal(73, await CommandLine.RunAsync(["fleet", "--wait", "--link", $"{server}", "--fleet", "plant"])
            .WaitAsync(ServerProcess.Patience));

        await first.GoesOnAsync();
    }

    [Fact]
    public async Task Of_two_fleets_of_a_name_that_begin_at_once_one_gives_way()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        var link = new TauLink(server.Uri, null, "plant");
        await using var one = new FleetInProcess(link);
        await using var other = new FleetInProcess(link);

        var first = await Task.WhenAny(one.Ended, other.Ended).WaitAsync(ServerProcess.Patience);
        var end = await Assert.ThrowsAsync<FleetEndException>(() => first);
        var stays = first == one.Ended ? other : one;
        stays.JoinAll();
        await stays.GoesOnAsync();

        Assert.Equal(($"there is another {link}: give this one a --fleet of its own", 73), (end.Message, end.ExitCode));
    }

    [Fact]
    public async Task Fleets_of_two_names_do_not_hear_of_each_other()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        var link = new TauLink(server.Uri, null, "a");
        await using var one = new FleetInProcess(link);
        await using var other = new FleetInProcess(link with { Fleet = "b" });

        var a = await Meeting.HearAsync(link, FleetSignKind.Runs);
        var b = await Meeting.HearAsync(link with { Fleet = "b" }, FleetSignKind.Runs);

        Assert.NotEqual(a.Program, b.Program);
    }

    [Fact]
    public async Task Nodes_may_come_before_their_fleet_and_another_one_may_take_the_place_of_one_that_is_lost()
    {
        await using var server = await Mosquitto.StartAsync();
        var link = new TauLink(server.Uri, null, "plant");
        await using var early = new LinkedMember(link, 3, new(null, null, ServerProcess.Patience), static _ => { });
        using var over = new CancellationTokenSource();
        var learning = early.RunAsync(over.Token);
        await Meeting.HearAsync(link, FleetSignKind.Asks);
        await using var fleet = new FleetInProcess(link);
        foreach (var n in new[] { 0, 1, 2, 4 }) { _ = fleet.Join(n); }
        await fleet.GoesOnAsync();

        await over.CancelAsync();
        await Task.WhenAny(learning);
        _ = fleet.Join(3);

        await fleet.GoesOnAsync();
    }

    [Fact]
    public async Task A_node_that_expects_another_case_or_seed_ends_with_78()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        var link = new TauLink(server.Uri, null, "plant");
        await using var given = new GivenSign(link, FleetSign.Of(FleetSignKind.Runs) with { Run = 1, Case = 2 });
        string[] node = ["node", "--link", $"{server.Uri}", "--fleet", "plant", "--name", "node-1"];

        Assert.Equal(78, await CommandLine.RunAsync([.. node, "--case", "1"]).WaitAsync(ServerProcess.Patience));
        Assert.Equal(78, await CommandLine.RunAsync([.. node, "--case", "2", "--seed", "1"]).WaitAsync(ServerProcess.Patience));
    }

    [Fact]
    public async Task A_node_whose_fleet_is_gone_goes_over_to_another_one_of_the_name()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        var link = new TauLink(server.Uri, null, "plant");
        var (first, second) = (FleetSign.Of(FleetSignKind.Runs) with { Run = 1 }, FleetSign.Of(FleetSignKind.Runs) with { Run = 1 });
        await using var member = new LinkedMember(link, 1, new(null, null, ServerProcess.Patience), static _ => { });
        using var over = new CancellationTokenSource();
        var learning = member.RunAsync(over.Token);

        await using var one = new GivenSign(link, first);
        await Meeting.HearNewsAsync(link, first);
        await using var other = new GivenSign(link, second);
        await Meeting.HearAsync(link, sign => sign.Program == second.Program);
        Assert.Equal([first.RunName, first.RunName], await Meeting.HearNewsAsync(link, count: 2));
        await one.DisposeAsync();
        await Meeting.HearNewsAsync(link, second);

        Assert.False(learning.IsCompleted);
        await over.CancelAsync();
        await Task.WhenAny(learning);
    }

    [Fact]
    public async Task A_node_whose_fleet_is_gone_ends_with_68_after_its_patience()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        var link = new TauLink(server.Uri, null, "plant");
        var sign = FleetSign.Of(FleetSignKind.Runs) with { Run = 1 };
        var node = CommandLine.RunAsync(
            ["node", "--link", $"{server.Uri}", "--fleet", "plant", "--name", "node-1", "--case", "1", "--patience", "2s"]);

        await using (new GivenSign(link, sign)) { await Meeting.HearNewsAsync(link, sign); }

        Assert.Equal(68, await node.WaitAsync(ServerProcess.Patience));
    }
}
