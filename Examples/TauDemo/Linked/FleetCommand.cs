using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using StreamLearn;
using StreamLearn.Fleets;

namespace TauDemo;

/// <summary>A fleet over a server, in real time: a process for each node, and the aggregator in this one.</summary>
internal static class FleetCommand
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan MostBudget = TimeSpan.FromHours(1);
    private static readonly TimeSpan ShowEvery = TimeSpan.FromSeconds(1);

    internal static Command Create()
    {
        var (link, cases, seed) = (new TauLinkOptions(), FleetOptions.CreateCase(), FleetOptions.CreateSeed());
        var budget = TimeOption.Create("--budget", "The budget: how long learning may take, such as 20s, the default; an hour at most.");
        var delay = FleetOptions.CreateDelay();
        var delayAt = TimeOption.Create("--delay-at", "When the delay begins, after the first version; default at the start.");
        var wait = new Option<bool>("--wait") { Description = "Start no nodes: wait for those of the command node." };
        var fleet = new Command("fleet", "Run a fleet over a server and print each round as a line of JSON.")
        {
            cases, budget, delay, delayAt, seed, wait,
        };
        link.AddTo(fleet);
        fleet.SetAction(async (parsed, cancellation) =>
        {
            if (parsed.GetValue(budget) > MostBudget)
            {
                Say("TauDemo: --budget: expected an hour at most");
                return CommandLine.Wrong;
            }

            var waits = parsed.GetValue(wait);
            var name = link.FleetOf(parsed) ?? (waits ? NodeCommand.Fleet : NameOfItsOwn());
            var (reached, exit) = await link.ReachAsync(parsed, name).ConfigureAwait(false);
            if (reached is null) { return exit; }
            var (added, at) = (parsed.GetValue(delay), parsed.GetValue(delayAt));
            var settings = new TauFleetSettings
            {
                Case = (DataCase)parsed.GetValue(cases),
                Budget = parsed.GetValue(budget) ?? Budget,
                Seed = parsed.GetValue(seed),
                AddedDelay = at is null ? TimeSpan.FromMilliseconds(added) : TimeSpan.Zero,
                Commands = at is { } time ? [new(time, DemoCommand.SetDelay(added))] : [],
            };
            return await RunAsync(reached, settings, !waits, parsed.InvocationConfiguration.Output, cancellation).ConfigureAwait(false);
        });
        return fleet;
    }

    private static async Task<int> RunAsync(
        TauLink link, TauFleetSettings settings, bool startsNodes, TextWriter output, CancellationToken cancellation)
    {
        try
        {
            var fleet = await TauProcessFleet.StartAsync(link, settings, cancellation).ConfigureAwait(false);
            await using var _ = fleet.ConfigureAwait(false);
            Say($"{link}: waiting for {settings.Nodes} nodes");
            if (!startsNodes) { return await PrintAsync(fleet, settings, output, cancellation).ConfigureAwait(false); }
            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var nodes = new NodeProcesses(link, settings, Say);
            await using var __ = nodes.ConfigureAwait(false);
            var (printing, end) = (PrintAsync(fleet, settings, output, over.Token), nodes.FirstEndAsync(over.Token));
            if (await Task.WhenAny(printing, end).ConfigureAwait(false) != printing && !cancellation.IsCancellationRequested
                && await end.ConfigureAwait(false) is { ExitCode: not 0 } lost)
            {
                await over.CancelAsync().ConfigureAwait(false);
                await ((Task)printing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (lost.ExitCode == CommandLine.Interrupted) { return CommandLine.Interrupted; }
                Say($"{lost.Name} ended with {lost.ExitCode}: the fleet cannot go on");
                return CommandLine.Failed;
            }

            return await printing.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return CommandLine.Interrupted;
        }
        catch (Exception e) when (e is BlockFailedException or TransportException)
        {
            Say(e.Message);
            return CommandLine.Failed;
        }
    }

    private static async Task<int> PrintAsync(
        TauProcessFleet fleet, TauFleetSettings settings, TextWriter output, CancellationToken cancellation)
    {
        var (rounds, shown, commands) = (0, TimeSpan.Zero, Task.CompletedTask);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            await foreach (var report in fleet.RunAsync(cancellation).ConfigureAwait(false))
            {
                if (rounds++ == 0) { commands = GiveAsync(fleet, settings, over.Token); }
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
            return 0;
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await commands.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return 0;
    }

    private static async Task GiveAsync(TauProcessFleet fleet, TauFleetSettings settings, CancellationToken cancellation)
    {
        foreach (var (at, command) in settings.Commands)
        {
            var left = at - fleet.Elapsed;
            if (left > TimeSpan.Zero) { await Task.Delay(left, TimeProvider.System, cancellation).ConfigureAwait(false); }
            await fleet.GiveAsync(command).ConfigureAwait(false);
            Say(string.Create(CultureInfo.InvariantCulture, $"{fleet.Elapsed.TotalSeconds:F1} s: {command}"));
        }
    }

    private static string NameOfItsOwn() =>
        $"{NodeCommand.Fleet}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";

    private static void Say(string text) => Console.Error.WriteLine(text);
}
