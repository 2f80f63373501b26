using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using StreamLearn.Programs;

namespace TauDemo;

/// <summary>A fleet over a server, in real time: a process for each node, and the aggregator in this one.</summary>
internal static class FleetCommand
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan MostBudget = TimeSpan.FromHours(1);
    private static readonly TimeSpan ShowEvery = TimeSpan.FromSeconds(1);

    private static readonly Option<TimeSpan?> BudgetOption =
        TimeOption.Create("--budget", "The budget: how long learning may take, such as 20s, the default; an hour at most.");

    private static readonly Option<TimeSpan?> DelayAt =
        TimeOption.Create("--delay-at", "When the delay begins, after the first version; default at the start.");

    internal static Command Create()
    {
        var (link, cases, seed, delay) =
            (new TauLinkOptions(), FleetOptions.CreateCase(), FleetOptions.CreateSeed(), FleetOptions.CreateDelay());
        var (at, patience) = (FleetOptions.CreateAt("seconds since the first version"), PatienceOption.Create("node"));
        var wait = CreateWait();
        var fleet = new Command("fleet", "Run a fleet over a server and print each round as a line of JSON.")
        {
            cases, BudgetOption, delay, DelayAt, at, seed, wait, patience,
        };
        link.AddTo(fleet);
        fleet.SetAction(async (parsed, cancellation) =>
        {
            if (parsed.GetValue(BudgetOption) > MostBudget)
            {
                Say("TauDemo: --budget: expected an hour at most");
                return CommandLine.Wrong;
            }

            var waits = parsed.GetValue(wait);
            var (reached, exit) = await link.ReachAsync(parsed, waits).ConfigureAwait(false);
            if (reached is null) { return exit; }
            var commands = CommandsOf(parsed.GetValue(at) ?? [], parsed.GetValue(delay), parsed.GetValue(DelayAt));
            var settings = new TauFleetSettings
            {
                Case = (DataCase)parsed.GetValue(cases),
                Budget = parsed.GetValue(BudgetOption) ?? Budget,
                Seed = parsed.GetValue(seed),
                AddedDelay = parsed.GetValue(DelayAt) is null ? TimeSpan.FromMilliseconds(parsed.GetValue(delay)) : TimeSpan.Zero,
                Commands = commands,
                TakesAllCases = commands.Any(static c => c.Command.Case is not null),
            };
            return await RunAsync(reached, new(!waits, PatienceOption.Of(parsed, patience), settings.Nodes), settings,
                parsed.InvocationConfiguration.Output, cancellation).ConfigureAwait(false);
        });
        return fleet;
    }

    /// <summary>The option by which the nodes are those of others.</summary>
    internal static Option<bool> CreateWait() => new("--wait") { Description = "Start no nodes: wait for those of the command node." };

    private static ImmutableArray<TimedCommand> CommandsOf(TimedCommand[] at, int delay, TimeSpan? delayAt)
    {
        var late = delayAt is { } time ? new[] { new TimedCommand(time, DemoCommand.SetDelay(delay)) } : [];
        return [.. at.Concat(late).OrderBy(static c => c.At)];
    }

    private static Task<int> RunAsync(TauLink link, LinkedTerms terms, TauFleetSettings settings, TextWriter output,
        CancellationToken cancellation) => LinkedExit.OfAsync(
        async () =>
        {
            var host = new LinkedHost(link, terms, Say);
            await using var _ = host.ConfigureAwait(false);
            await host.RunAsync(
                async over =>
                {
                    var fleet = await host.BeginAsync(settings, over).ConfigureAwait(false);
                    await using var __ = fleet.ConfigureAwait(false);
                    Say($"{link}: waiting for {settings.Nodes} nodes");
                    await PrintAsync(fleet, settings, output, host.Rest, over).ConfigureAwait(false);
                },
                cancellation).ConfigureAwait(false);
            return 0;
        },
        Say, cancellation);

    private static async Task PrintAsync(
        TauProcessFleet fleet, TauFleetSettings settings, TextWriter output, Action rest, CancellationToken cancellation)
    {
        var (rounds, shown, commands) = (0, TimeSpan.Zero, Task.CompletedTask);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            await foreach (var report in fleet.RunAsync(cancellation).ConfigureAwait(false))
            {
                if (rounds++ == 0) { commands = GiveAsync(fleet, settings, over.Token); }
                if (report.Stage == "ended") { rest(); }        // the nodes have nothing more to say
                await output.WriteAsync(JsonSerializer.Serialize(report, ReportJson.Default.RoundReport) + "\n").ConfigureAwait(false);
                await output.FlushAsync(cancellation).ConfigureAwait(false);
                if (fleet.Elapsed - shown < ShowEvery && report.Stage != "ended") { continue; }
                shown = fleet.Elapsed;
                Say(string.Create(CultureInfo.InvariantCulture, $"{report.Used:F1} of {report.Limit:F1} s: {rounds} rounds, ")
                    + string.Create(CultureInfo.InvariantCulture, $"tau {report.Tau}, ")
                    + string.Create(CultureInfo.InvariantCulture, $"loss {report.Loss:F4}, accuracy {report.Accuracy:F4}, {report.Stage}"));
            }
        }
        catch (IOException e) when (LineOutput.IsReaderGone(e))
        {
            // nobody wants more
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await commands.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task GiveAsync(TauProcessFleet fleet, TauFleetSettings settings, CancellationToken cancellation)
    {
        foreach (var (at, command) in settings.Commands)
        {
            var left = at - fleet.Elapsed;
            if (left > TimeSpan.Zero) { await Task.Delay(left, TimeProvider.System, cancellation).ConfigureAwait(false); }
            await fleet.GiveAsync(command, cancellation).ConfigureAwait(false);
            Say(string.Create(CultureInfo.InvariantCulture, $"{fleet.Elapsed.TotalSeconds:F1} s: {command}"));
        }
    }

    private static void Say(string text) => Console.Error.WriteLine(text);
}
