using System.Text.Json;
using StreamLearn.Testing;

namespace TauDemo.Tests;

/// <summary>Another case in a run over a real server.</summary>
public sealed class LinkedCaseTests(ITestOutputHelper output)
{
    /// <summary>A round of nodes of which some have the old rows and some the new ones would show a delta as of different digits.</summary>
    [Fact]
    public async Task All_nodes_take_another_case_with_the_same_version_and_the_estimates_and_tau_begin_anew()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var fleet = new FleetInProcess(
            new(server.Uri, null, "plant"), FleetInProcess.Endless with { TakesAllCases = true });
        fleet.JoinAll();
        await fleet.UntilAsync(static f => f.Rounds.Count > 10);

        await fleet.Aggregator!.GiveAsync(DemoCommand.SetCase(DataCase.Replicated), TestContext.Current.CancellationToken);
        await fleet.UntilAsync(static f => f.Rounds.Any(static r => r.Case == 3));
        await fleet.GoesOnAsync();
        await fleet.UntilAsync(static f => f.Rounds.Last().Delta is not null);

        List<RoundReport> rounds = [.. fleet.Rounds];
        var anew = rounds.FindLastIndex(static r => r is { Delta: null, Rho: null, Beta: null });
        var changed = rounds.FindIndex(6, static r => r is { Delta: null, Tau: 1 });
        output.WriteLine(string.Join('\n', rounds[(changed - 3)..].Select(static r => $"{r.Version} {r.Case} {r.Tau} {r.Delta}")));
        Assert.InRange(changed, 7, anew);
        Assert.All(rounds[changed..(anew + 1)], static r => Assert.Null(r.Delta));
        var (before, after) = (rounds[(changed - 5)..changed].Average(static r => r.Delta), rounds[(anew + 1)..].Max(static r => r.Delta));
        Assert.InRange(after!.Value, 0, before!.Value / 2);
        Assert.Equal(50_000, rounds[^1].Classes.Sum(static c => c.Sum()));
        Assert.Contains(rounds.SelectMany(static r => r.AggregatorLog), static l => l.Text == "got set-case 3");
        Assert.Contains(rounds.SelectMany(static r => r.NodeLog), static l => l.Text == "got case 3");
    }

    [Fact]
    public async Task A_fleet_takes_commands_at_their_times()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        using var lines = new StringWriter();
        var fleet = CommandLine.RunAsync(
            ["fleet", "--wait", "--link", $"{server.Uri}", "--fleet", "plant", "--budget", "4s", "--delay", "150",
                "--at", "1:set-delay=250", "--at", "0.5:set-case=4"],
            lines);
        var nodes = Enumerable.Range(0, 5).Select(n =>
            CommandLine.RunAsync(["node", "--link", $"{server.Uri}", "--fleet", "plant", "--name", $"node-{n}"])).ToList();

        Assert.Equal(0, await fleet.WaitAsync(ServerProcess.Patience));
        Assert.All(await Task.WhenAll(nodes).WaitAsync(ServerProcess.Patience), static code => Assert.Equal(0, code));
        List<RoundReport> rounds = [.. lines.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static l => JsonSerializer.Deserialize(l, ReportJson.Default.RoundReport)!)];
        Assert.Equal([1, 4], rounds.Select(static r => r.Case).Where(static c => c > 0).Distinct());
        Assert.Equal([150, 250], rounds.Select(static r => r.DelayMs).Distinct());
        Assert.Equal(["got set-case 4", "got set-delay 250"], rounds.SelectMany(static r => r.AggregatorLog)
            .Select(static l => l.Text).Where(static t => t.StartsWith("got set", StringComparison.Ordinal)));
        Assert.All(rounds, static r => Assert.NotNull(r.Accuracy));
    }
}
