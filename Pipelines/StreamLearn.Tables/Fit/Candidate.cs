using System.Globalization;
using StreamLearn.Models;
using StreamLearn.Simulation;
using StreamLearn.Tables;

namespace Tool;

/// <summary><paramref name="Accuracies"/>: per held-out device.</summary>
internal sealed record Candidate(string Model, double[] Accuracies, double Accuracy)
{
    /// <summary>Variance of a device's accuracy from its window count; overlapping windows count half.</summary>
    internal double WindowVariance { get; init; }

    internal static Candidate Over(IReadOnlyList<Candidate> trials) =>
        new(trials[0].Model, [.. trials.SelectMany(static t => t.Accuracies)], trials.Average(static t => t.Accuracy))
        {
            WindowVariance = trials.Average(static t => t.WindowVariance),
        };

    internal static Candidate Of(string model, LabelledWindows held, IModel network, Weights weights)
    {
        var devices = held.Judge(network, weights).ToList();
        var (right, rows) = (devices.Sum(static d => (double)d.Correct), (double)held.Labels.Length);
        var share = (right + 2) / (rows + 4);       // Agresti, Coull (1998): not 0 or 1
        return new(model, [.. devices.Select(static d => (double)d.Correct / d.Rows)], right / Math.Max(1, rows))
        {
            WindowVariance = share * (1 - share) * 2 * devices.Count / Math.Max(1, rows),
        };
    }
}

/// <summary>Chooses a fleet's model: candidates train as long as the fleet will; held-out devices judge.</summary>
internal static class ModelSearch
{
    private const double UsualSpread = 0.05;    // of a difference between devices
    private const int UsualWeight = 3;          // devices that it counts as much as
    private const int MaxFolds = 5;             // one of so many devices is left out at a time
    private const int MinJudges = 4;

    /// <summary>For <c>auto</c>, after trials in the first run's mode.</summary>
    internal static FleetModel Of(
        JobOptions options, FleetSource source, Scenario scenario, Action<string> say, CancellationToken cancellationToken)
    {
        if (options.Model != ModelKind.Auto) { return FleetModel.Of(options.Model, source, options.Seed); }
        var kinds = FleetModel.CandidatesOf(source);
        var trials = Trials(options, source, scenario, kinds, say, static (model, weights, held) =>
            Candidate.Of(model.Name, held, model.Network, weights), cancellationToken);
        var candidates = trials.Select(Candidate.Over).ToArray();
        var chosen = Choose(candidates);
        var model = FleetModel.Of(kinds[Array.IndexOf(candidates, chosen)], source, options.Seed);
        var where = WhereOf(options, scenario, chosen);
        return model with
        {
            Source = model.Source with { Choice = Text(candidates, chosen, where, source.Unseen.Length) },
            Promised = DeviceBounds.Of(chosen, source.Unseen.Length, candidates.Length),
        };
    }

    internal static string WhereOf(JobOptions options, Scenario scenario, Candidate chosen) => FormattableString.Invariant(
        $"after {SimulatedRuns.LengthOf(options, scenario).TotalSeconds:0} s on {chosen.Accuracies.Length} devices left out");

    /// <summary>Parallel, in the first run's mode, without the held-out devices.</summary>
    internal static T[][] Trials<T>(JobOptions options, FleetSource source, Scenario scenario, ModelKind[] kinds, Action<string> say,
        Func<FleetModel, Weights, LabelledWindows, T> judge, CancellationToken cancellationToken)
    {
        var time = SimulatedRuns.LengthOf(options, scenario);
        var mode = TrainingMode.Of(options, scenario, source.ReplaySpeed, source.HasOneClassEach)[0];
        var folds = Folds(source.Devices.Length, MinJudges);
        FleetModel[] models = [.. kinds.SelectMany(kind => folds.Select(fold =>
        {
            string[] held = [.. source.Devices.Where((_, d) => fold.Contains(d))];
            return FleetModel.Of(kind, source with { Devices = source.Devices.RemoveRange(held), Unseen = [.. held] }, options.Seed);
        }))];
        var trials = new T[models.Length];
        var line = new FitLine(TimeProvider.System, say);
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        Parallel.For(0, trials.Length, parallel, i =>
        {
            var model = models[i];
            var name = FormattableString.Invariant($"{model.Name}, fleet {1 + (i % folds.Count)} of {folds.Count}");
            var run = Pipelines.Run(model.Source, model.Network, scenario, mode, options.Seed, options.Continuous, fullSpeed: false);
            var fleet = SimulatedFleet.Run(run, time, f => line.Report(name, f.Elapsed(), time), cancellationToken);
            var windows = LabelledWindows.Collect(model.Source, model.Source.Unseen, options.Seed);
            var weights = fleet.CutOff!.Rounds is [.., var last] ? last.Averaged : model.Network.Initial;
            trials[i] = judge(model, weights, windows);
        });
        return [.. trials.Chunk(folds.Count)];
    }

    /// <summary>Holds out a fifth at a time until there are enough judges.</summary>
    internal static List<HashSet<int>> Folds(int devices, int minJudges)
    {
        var ways = Math.Min(MaxFolds, devices);
        var each = devices / ways;
        var folds = Math.Min(ways, (Math.Min(minJudges, devices) + each - 1) / each);
        return [.. Enumerable.Range(0, folds).Select(f => Enumerable.Range(0, devices).Where(d => d % ways == f).ToHashSet())];
    }

    internal static string Text(Candidate[] candidates, Candidate chosen, string where, int unseen)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{chosen.Model}: accuracy {string.Join(", ", candidates.Select(
            static c => string.Create(CultureInfo.InvariantCulture, $"{c.Accuracy:0.000} with {c.Model}")))} {where}");
        return text + (DeviceBounds.Of(chosen, unseen, candidates.Length) is not var (low, high)
            ? ", which says nothing of other devices"
            : string.Create(CultureInfo.InvariantCulture, $"; on {unseen} unseen {low:0.000} to {high:0.000} with 95 % confidence"));
    }

    /// <summary>The simplest candidate not significantly worse than the best.</summary>
    internal static Candidate Choose(IReadOnlyList<Candidate> candidates)
    {
        var best = candidates.MaxBy(static c => c.Accuracy)!;
        return candidates.First(c => ReferenceEquals(Better(c, best), c));
    }

    /// <summary>The first, which is simpler, unless the second is better by more than a standard error between devices.</summary>
    /// <remarks>Source: one-standard-error rule, Breiman, Friedman, Olshen, Stone (1984). With few devices the deviation is shrunk to a
    /// usual one.</remarks>
    internal static Candidate Better(Candidate first, Candidate second)
    {
        var differences = first.Accuracies.Zip(second.Accuracies, static (a, b) => b - a).ToList();
        var n = Math.Max(1, differences.Count);
        var mean = differences.Sum() / n;
        var variance = ((UsualWeight * UsualSpread * UsualSpread) + differences.Sum(d => (d - mean) * (d - mean))) / (UsualWeight + n - 1);
        var error = Math.Sqrt(Math.Max(variance, first.WindowVariance + second.WindowVariance) / n);
        return mean > error && second.Accuracy > first.Accuracy ? second : first;
    }
}
