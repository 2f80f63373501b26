using System.Collections.Immutable;
using System.Globalization;

namespace TauDemo;

/// <summary>Comparisons as a table for people, and as lines of JSON.</summary>
internal static class TauTable
{
    /// <summary>The lines of one experiment.</summary>
    internal static IEnumerable<string> Lines(TauExperiment experiment, ImmutableArray<TauComparison> cases)
    {
        yield return $"{cases[0].Settings.Model}: {experiment.Title}";
        yield return "case          adaptive: loss  accuracy    tau   used s | best fixed: tau    loss  accuracy | worst: tau    loss"
            + " | excess | calibrated: loss    best    tau";
        for (var i = 0; i < cases.Length; i++)
        {
            var (c, a) = (cases[i], cases[i].Adaptive);
            var isCalibrated = c.Settings.Model == TauModel.Svm && !experiment.Calibrated.IsEmpty;
            var calibrated = isCalibrated ? experiment.Calibrated[i] : (double.NaN, double.NaN, double.NaN);
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{(int)c.Settings.Case} {Name(c.Settings.Case),-12}     {a.Loss:F4}    {Or(a.Accuracy, "F4"),6}  {a.Steps,5:F1}   ")
                + string.Create(CultureInfo.InvariantCulture, $"{a.UsedSeconds,6:F2} |")
                + string.Create(CultureInfo.InvariantCulture,
                    $"             {c.BestSteps,3}  {c.BestLoss:F4}    {Or(c.BestAccuracy, "F4"),6} |")
                + string.Create(CultureInfo.InvariantCulture,
                    $"        {c.WorstSteps,3}  {c.Fixed[c.WorstSteps].Loss:F4} | {100 * c.Excess,5:F1}% |")
                + $"           {Or(calibrated.Item1, "F4"),6}  {Or(calibrated.Item2, "F4"),6}  {Or(calibrated.Item3, "F1"),5}";
        }

        yield return $"loss by case and fixed number of steps{string.Concat(cases[0].Fixed.Keys.Select(Column))}";
        foreach (var c in cases)
        {
            yield return $"{(int)c.Settings.Case} {Name(c.Settings.Case),-35}"
                + string.Concat(c.Fixed.Values.Select(static r => r.Loss.ToString("F4", CultureInfo.InvariantCulture).PadLeft(8)));
        }

        var most = cases.MaxBy(static c => c.Excess)!;
        yield return string.Create(CultureInfo.InvariantCulture,
            $"largest excess over the best fixed number: {100 * most.Excess:F1} % (case {(int)most.Settings.Case})");
        yield return $"rounds under 1 s with adaptive tau: {string.Join(", ", cases.Select(Quick))}";
    }

    private static string Quick(TauComparison c) => string.Create(CultureInfo.InvariantCulture,
        $"{Name(c.Settings.Case)} {Or(100 * c.Adaptive.ShareUnderSecond ?? double.NaN, "F1")} %");

    private static string Column(int steps) => steps.ToString(CultureInfo.InvariantCulture).PadLeft(8);

    private static string Name(DataCase dataCase) => dataCase switch
    {
        DataCase.Uniform => "uniform",
        DataCase.ByLabel => "by label",
        DataCase.Replicated => "replicated",
        _ => "mixed",
    };

    private static string Or(double value, string format) =>
        double.IsNaN(value) ? "-" : value.ToString(format, CultureInfo.InvariantCulture);
}
