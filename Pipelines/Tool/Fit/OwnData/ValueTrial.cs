using System.Collections.Immutable;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Programs;

namespace Tool;

/// <summary>How a model of a value, fitted with one penalty, answered windows of devices that it did not learn from.
/// <paramref name="Epochs"/>: times that all were learned from. <paramref name="Values"/>: its answers.</summary>
internal sealed record ValueTrial(double Penalty, int Epochs, float[] Values, LabelledWindows Held)
{
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

        var fit = SteppedFit.UntilDone(model.Network, learning, held, seed, line, cancellationToken);
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
        var fit = SteppedFit.AsOften(model.Network, learning, trials.Select(static t => t.Epochs), seed, line, cancellationToken);
        return new(fit.Weights, fit.BestEpoch, fit.Steps,
            SteppedFit.BoundOf(fit.End) ?? "where the error of what was left out stopped falling");
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
}
