using System.Collections.Immutable;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Programs;

namespace Tool;

/// <summary>How a model of a value, fitted with one penalty, answered windows of devices that it did not learn from.
/// <paramref name="Epochs"/>: times that all were learned from. <paramref name="Values"/>: its answers.</summary>
internal sealed record ValueTrial(double Penalty, int Epochs, float[] Values, LabelledWindows Held)
{
    private const int Patience = 6;                 // epochs
    private const long PatienceSteps = 600;
    private const long MaxSteps = 30_000;

    private static readonly TimeSpan MaxTime = TimeSpan.FromMinutes(10);        // of one fit

    /// <summary>How much large weights count, of ridge regression: those left out choose, the largest of equals.</summary>
    private static readonly ImmutableArray<double> Penalties = [1, 0.1, 0.01, 0.001];

    /// <summary>Mean of |answer − target|.</summary>
    internal double Error => ErrorsOf(static _ => true).Average();

    /// <summary>The same of each device.</summary>
    internal double[] DeviceErrors => [.. Held.Owners.Distinct().Select(owner => ErrorsOf(r => Held.Owners[r] == owner).Average())];

    /// <summary>Fits a model to its end with each of its penalties, and answers what was left out.</summary>
    internal static ValueTrial[] Of(
        FleetModel model, LabelledWindows learning, LabelledWindows held, long seed, FitLine line, CancellationToken cancellationToken)
    {
        if (IsRidge(model))
        {
            return [.. model.Network.FitRidge(learning.Rows, Penalties)
                .Zip(Penalties, (weights, penalty) => new ValueTrial(penalty, 1, Answers(model, weights, held), held))];
        }

        var rows = new RecordedRows((float[])[.. learning.Features, .. held.Features], (float[])[.. learning.Targets, .. held.Targets])
        {
            Groups = (int[])[.. new int[learning.Labels.Length], .. Enumerable.Repeat(1, held.Labels.Length)],
        };
        using var time = new CancellationTokenSource(MaxTime, TimeProvider.System);
        var options = Options(seed, time.Token) with { Patience = Patience, PatienceSteps = PatienceSteps, ValidationGroups = [1] };
        var fit = model.Network.Fit(rows, options, line, cancellationToken);
        return [new(1, fit.BestEpoch, Answers(model, fit.Weights, held), held)];
    }

    /// <summary>Of trials with several penalties each, those with the penalty of the least error.</summary>
    internal static ValueTrial[] Best(IReadOnlyList<ValueTrial[]> trials) => Enumerable.Range(0, trials[0].Length)
        .Select(p => trials.Select(t => t[p]).ToArray()).MinBy(static same => same.Average(static t => t.Error))!;

    /// <summary>Fits the chosen model to all rows as its trials say: with their penalty, or as many epochs.</summary>
    internal static FinishedFit Finish(
        FleetModel model, LabelledWindows learning, ValueTrial[] trials, long seed, FitLine line, CancellationToken cancellationToken)
    {
        if (IsRidge(model)) { return new(model.Network.FitRidge(learning.Rows, [trials[0].Penalty])[0], 1, 1, "in closed form"); }
        using var time = new CancellationTokenSource(MaxTime, TimeProvider.System);
        var epochs = Math.Max(1, (int)Math.Round(trials.Average(static t => t.Epochs)));
        var fit = model.Network.Fit(
            learning.Rows, Options(seed, time.Token) with { Epochs = epochs, ValidationShare = 0 }, line, cancellationToken);
        return new(fit.Weights, fit.BestEpoch, fit.Steps, fit.End switch
        {
            FitEnd.Steps => FormattableString.Invariant($"the bound of {MaxSteps:N0} steps"),
            FitEnd.Stopped => FormattableString.Invariant($"the bound of {MaxTime.TotalMinutes:0} minutes"),
            _ => "where the error of what was left out stopped falling",
        });
    }

    internal static float[] Answers(FleetModel model, Weights weights, LabelledWindows windows)
    {
        var values = new float[windows.Labels.Length];
        model.Network.Infer(weights.Values.AsSpan(), windows.Sample, values, new());
        return values;
    }

    /// <summary>Mean distances of answers from their targets.</summary>
    private IEnumerable<double> ErrorsOf(Func<int, bool> isMeant) => Enumerable.Range(0, Values.Length).Where(isMeant)
        .Select(r => (double)ConformalScores.OfValue(Values[r], Held.Targets[r]));

    private static bool IsRidge(FleetModel model) => model.Source.Preparation.Kind is ModelKind.Rocket or ModelKind.Linear;

    private static FitOptions Options(long seed, CancellationToken stop) =>
        new() { Epochs = int.MaxValue, MaxSteps = MaxSteps, Seed = seed, Stop = stop };
}
