using System.CommandLine;

namespace Papers;

/// <summary>Adaptive tau (Wang et al., 2019) compared with fixed numbers of local steps, in virtual time.</summary>
internal static class TauCommands
{
    private const double Near = 0.02, Far = 0.1;

    internal static Command Create() => new("tau", "Learn under a budget: adaptive tau compared with fixed numbers of local steps.")
    {
        TableCommand(), DrawnCommand(),
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
            Description = $"The models to train: {string.Join(", ", models)}.",
            DefaultValueFactory = static _ => TauModel.Svm.Name,
        };
        model.AcceptOnlyFromAmong(models);
        var seeds = CommandLine.Whole("--seeds", "Seeds; results are averaged over them.", 1, 100, 3);
        return CommandLine.Of("table", "Compare with eleven fixed numbers of steps in the four data cases.", (parsed, cancellation) =>
            from experiment in TauExperiment.All
            where parsed.GetValue(experiments) is not [_, ..] chosen || chosen.Contains(experiment.Name)
            let of = TauModel.All.Single(m => m.Name == parsed.GetValue(model))
            from line in experiment.Lines(experiment.Run(of, parsed.GetValue(seeds), cancellation)).Append("")
            select line, experiments, model, seeds);
    }

    private static Command DrawnCommand()
    {
        var data = new Argument<DirectoryInfo>("data") { Description = "Folder with mnist, har and streams." };
        return CommandLine.Of("drawn", "Compare in 60 combinations of model, data, nodes, case, aggregations and budget, drawn at "
            + "random; prints each result at "
            + "once.", (parsed, cancellation) => Drawn(parsed.GetValue(data)!.FullName, cancellation), data);
    }

    private static IEnumerable<string> Drawn(string folder, CancellationToken cancellation)
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
}
