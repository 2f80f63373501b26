using System.CommandLine;
using System.Text.Json;

namespace Papers;

/// <summary>Adaptive tau (Wang et al., 2019) beside fixed numbers of local steps, in virtual time.</summary>
internal static class TauCommands
{
    private const double Near = 0.02, Far = 0.1;

    internal static Command Create() => new("tau", "Learn under a budget: adaptive tau beside fixed numbers of local steps.")
    {
        TableCommand(), DrawnCommand(), RunCommand(), BytesCommand(),
    };

    private static Command TableCommand()
    {
        string[] names = [.. TauExperiment.All.Select(static e => e.Name)];
        var experiments = new Argument<string[]>("experiments")
        {
            Description = $"Which comparisons: {string.Join(", ", names)}; default all.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        experiments.AcceptOnlyFromAmong(names);
        string[] models = [.. TauModel.All.Select(static m => m.Name)];
        var model = new Option<string>("--model")
        {
            Description = $"What is learned: {string.Join(", ", models)}.",
            DefaultValueFactory = static _ => TauModel.Svm.Name,
        };
        model.AcceptOnlyFromAmong(models);
        var seeds = CommandLine.Whole("--seeds", "Seeds, of whose results the means are printed.", 1, 100, 3);
        return CommandLine.Of("table", "Compare with eleven fixed numbers of steps in the four data cases.", (parsed, cancellation) =>
            from experiment in TauExperiment.All
            where parsed.GetValue(experiments) is not [_, ..] chosen || chosen.Contains(experiment.Name)
            let of = TauModel.All.Single(m => m.Name == parsed.GetValue(model))
            from line in experiment.Lines(experiment.Run(of, parsed.GetValue(seeds), cancellation)).Append("")
            select line, experiments, model, seeds);
    }

    private static Command DrawnCommand()
    {
        var data = new Option<DirectoryInfo?>("--data")
        {
            Description = "Folder that holds mnist, har and streams; what is not there is generated.",
        };
        return CommandLine.Of("drawn", "Compare in 60 combinations of model, data, nodes, case, aggregations and budget that a seed has "
            + "drawn; prints each as it comes.", (parsed, cancellation) => Drawn(parsed.GetValue(data)?.FullName, cancellation), data);
    }

    private static IEnumerable<string> Drawn(string? folder, CancellationToken cancellation)
    {
        var excesses = new List<double>();
        yield return " # model     data      nodes, case, aggregations, budget | adaptive: loss, mean tau | best fixed: loss, tau"
            + " | worst: loss, tau | excess";
        foreach (var (i, of) in TauDraw.Of(TauDraw.Seed).Index())
        {
            var row = TauSweep.Run([of.Fleet(folder)], seeds: 1, cancellationToken: cancellation)[0];
            excesses.Add(row.Excess);
            yield return of.Line(i + 1, row);
        }

        yield return Invariant($"at most 2 % above the best of eleven: {excesses.Count(static e => e <= Near)} of {excesses.Count}; ")
            + Invariant($"above 10 %: {excesses.Count(static e => !(e <= Far))}; largest {100 * excesses.Max():F1} %");
    }

    private static Command RunCommand()
    {
        var dataCase = CommandLine.Whole("--case", "The case that nodes begin with.", 1, 4, 1);
        var seconds = CommandLine.Whole("--seconds", "The budget: virtual seconds that learning may take.", 1, 600, 15);
        var delay = CommandLine.Whole("--delay", "Milliseconds by which versions take longer.", 0, DemoCommand.MostDelay, 0);
        var (seed, at) = (CommandLine.Seed(), At());
        return CommandLine.Of("run", "Run one fleet and print each round as a line of JSON.", (parsed, cancellation) => Rounds(new()
        {
            Case = (DataCase)parsed.GetValue(dataCase),
            Budget = TimeSpan.FromSeconds(parsed.GetValue(seconds)),
            Seed = parsed.GetValue(seed),
            AddedDelay = TimeSpan.FromMilliseconds(parsed.GetValue(delay)),
            Commands = [.. parsed.GetValue(at) ?? []],
        }, cancellation), at, dataCase, seconds, seed, delay);
    }

    /// <summary>The rounds of a fleet, each a line of JSON. The same settings give the same bytes.</summary>
    internal static IEnumerable<string> Rounds(TauFleetSettings settings, CancellationToken cancellation)
    {
        using var fleet = new WatchedFleet(settings);
        foreach (var report in fleet.Run(cancellation)) { yield return JsonSerializer.Serialize(report, PapersJson.Default.RoundReport); }
    }

    private static Option<TimedCommand[]> At() => new("--at")
    {
        Description = "A command and when it is given, in virtual seconds: 5:set-case=2 or 5:set-delay=500. May be repeated.",
        HelpName = "SECONDS:COMMAND=NUMBER",
        DefaultValueFactory = static _ => [],
        CustomParser = static result =>
        {
            List<TimedCommand> commands = [];
            foreach (var token in result.Tokens)
            {
                if (TimedCommand.TryParse(token.Value, out var command, out var reason)) { commands.Add(command); }
                else { result.AddError($"--at: {reason}, got '{token.Value}'"); }
            }

            return [.. commands];
        },
    };

    private static Command BytesCommand()
    {
        var (folder, seed) = (CommandLine.People(), CommandLine.Seed());
        return CommandLine.Of("bytes", "Compare the accuracy of 21 people's devices with the bytes that they send: FedBuff, significant "
            + "changes, adaptive tau, both, and fixed tau.", (parsed, cancellation) =>
            {
                var people = MotionPeople.Of(parsed.GetValue(folder)?.FullName, parsed.GetValue(seed));
                return MotionComparison.Run(people, parsed.GetValue(seed), cancellation).Lines()
                    .Prepend($"{people.Learners.Length} devices, {people.Text}, judged by {people.Judges.Length} unseen people");
            }, folder, seed);
    }
}
