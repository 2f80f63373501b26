using System.Globalization;
using StreamLearn.Models;
using StreamLearn.Programs;
using StreamLearn.Simulation;

namespace Tool;

/// <summary>How a candidate answered devices that it did not learn from. <paramref name="Accuracies"/>: its accuracy on each of these
/// devices.</summary>
internal sealed record Candidate(string Model, double[] Accuracies, double Accuracy)
{
    /// <summary>What a candidate came to in several trials.</summary>
    internal static Candidate Over(IReadOnlyList<Candidate> trials) =>
        new(trials[0].Model, [.. trials.SelectMany(static t => t.Accuracies)], trials.Average(static t => t.Accuracy));

    internal static Candidate Of(string model, LabelledWindows held, IModel network, Weights weights)
    {
        var devices = held.Judge(network, weights).ToList();
        return new(model, [.. devices.Select(static d => (double)d.Correct / d.Rows)],
            (double)devices.Sum(static d => d.Correct) / Math.Max(1, held.Labels.Length));
    }
}

/// <summary>Chooses what a fleet learns: candidates train on a tenth of the time, and are judged by devices that are left out.</summary>
internal static class ModelSearch
{
    private const double ShareOfTime = 0.1;
    private const double UsualSpread = 0.05;    // of a difference between devices, where few of them seem to agree
    private const int HeldOfDevices = 5;        // one of so many is left out

    /// <summary>The model that the options name; for <c>auto</c> the better one.</summary>
    internal static FleetModel Of(
        JobOptions options, FleetSource source, Scenario scenario, CancellationToken cancellationToken)
    {
        if (options.Model != ModelKind.Auto) { return FleetModel.Of(options.Model, source, options.Seed); }
        var held = source.Devices.Where((_, i) => i % HeldOfDevices == Math.Min(HeldOfDevices, source.Devices.Length) - 1).ToList();
        var trial = source with { Devices = source.Devices.RemoveRange(held), Unseen = [.. held] };
        var time = TimeSpan.FromSeconds(ShareOfTime * (options.Seconds ?? scenario.RunSeconds ?? AllRuns.DefaultSeconds));
        var choice = source.HasOneClassEach ? ModeChoice.Barrier : ModeChoice.Async;
        var mode = TrainingMode.Of(options with { Mode = choice }, scenario, source.ReplaySpeed)[0];
        var kinds = FleetModel.CandidatesOf(source);
        FleetModel[] models = [.. kinds.Select(kind => FleetModel.Of(kind, trial, options.Seed))];
        var candidates = new Candidate[models.Length];
        Parallel.For(0, models.Length, new() { CancellationToken = cancellationToken }, i =>
        {
            var run = new FleetRun(models[i].Source, models[i].Network, scenario, mode, options.Seed, Continuous: true, FullSpeed: false);
            var fleet = SimulatedFleet.Run(run, time, static _ => { }, cancellationToken);
            var windows = LabelledWindows.Collect(models[i].Source, held, options.Seed);
            var weights = fleet.CutOff!.Rounds is [.., var last] ? last.Averaged : models[i].Network.Initial;
            candidates[i] = Candidate.Of(models[i].Name, windows, models[i].Network, weights);
        });
        var best = Array.IndexOf(candidates, candidates.Aggregate(Better));
        var chosen = FleetModel.Of(kinds[best], source, options.Seed);
        var where = held.Count <= 4 ? string.Join(", ", held) : $"{held.Count} devices";
        return chosen with
        {
            Source = chosen.Source with
            {
                Choice = Text(candidates, chosen.Name,
                    FormattableString.Invariant($"after {time.TotalSeconds:0} s on {where} that were left out")),
            },
        };
    }

    /// <summary>What was chosen, and why.</summary>
    internal static string Text(Candidate[] candidates, string chosen, string where) => string.Create(CultureInfo.InvariantCulture,
        $"{chosen}: accuracy {string.Join(", ", candidates.Select(static c => string.Create(CultureInfo.InvariantCulture,
            $"{c.Accuracy:0.000} with {c.Model}")))} {where}");

    /// <summary>The first, which is simpler, unless the second is better by more than two standard errors of the difference between
    /// devices.</summary>
    /// <remarks>Source: the rule of Breiman, Friedman, Olshen, Stone (1984), with two errors in place of one.</remarks>
    internal static Candidate Better(Candidate first, Candidate second)
    {
        var differences = first.Accuracies.Zip(second.Accuracies, static (a, b) => b - a).ToList();
        var mean = differences.Count == 0 ? 0 : differences.Average();
        var error = differences.Count < 2 ? UsualSpread
            : Math.Max(UsualSpread, Math.Sqrt(differences.Sum(d => (d - mean) * (d - mean)) / (differences.Count - 1)))
                / Math.Sqrt(differences.Count);
        return mean > 2 * error && second.Accuracy > first.Accuracy ? second : first;
    }
}
