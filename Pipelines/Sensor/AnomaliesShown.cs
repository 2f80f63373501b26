using System.Globalization;
using System.Text.Json;

namespace Sensor;

internal static class AnomaliesShown
{
    private const string Detect = "detect-anomalies";
    private const string Threshold = "alert-threshold";
    private const string Score = "score";

    /// <summary>Returns the status line: the highest of the newest scores, alerts and episodes.</summary>
    internal static string Text(IReadOnlyList<PipelineRun> runs)
    {
        var learning = Learning(runs) is > 0 and var devices ? FormattableString.Invariant($" learning={devices}") : "";
        return string.Create(CultureInfo.InvariantCulture,
            $" score={runs.Max(ScoreOf):G4} alerts={Alerts(runs)} episodes={Episodes(runs)}{learning}");
    }

    internal static void Write(Utf8JsonWriter json, IReadOnlyList<PipelineRun> runs)
    {
        json.WriteNumber("anomaly_rows", runs.Sum(static r => r.Metrics[Detect].RowsOut));
        foreach (var (reason, count) in runs.SelectMany(static r => r.Metrics[Detect].RowsDropped)
            .GroupBy(static d => d.Key, static d => d.Value).OrderBy(static g => g.Key, StringComparer.Ordinal)
            .Select(static g => (g.Key, g.Sum())))
        {
            json.WriteNumber($"anomaly_rows_left_out_{reason}", count);
        }

        json.WriteNumber("anomaly_score", runs.Max(ScoreOf));
        json.WriteNumber("anomaly_alerts", Alerts(runs));
        json.WriteNumber("anomaly_episodes", Episodes(runs));
        json.WriteNumber("anomaly_devices_learning", Learning(runs));
        json.WriteStartArray("anomaly_thresholds");
        foreach (var run in runs)
        {
            if (run.Metrics[Detect].Gauges.TryGetValue(Threshold, out var threshold)) { json.WriteNumberValue(threshold); }
        }

        json.WriteEndArray();
    }

    /// <summary>Reports that the rows ended while the rule was still learning; null otherwise.</summary>
    internal static string? WhyNone(IReadOnlyList<PipelineRun> runs, AnomaliesConfig config) =>
        runs.FirstOrDefault(IsLearning) is not { } run ? null : string.Create(CultureInfo.InvariantCulture,
            $"no row of {run.Metrics.Pipeline} was scored: {run.Metrics[Detect].RowsOut} rows arrived, and the first ")
            + string.Create(CultureInfo.InvariantCulture, $"{config.Watch.Options.LearnRows} are the baseline; learn_rows sets their "
                + $"number");

    private static int Learning(IReadOnlyList<PipelineRun> runs) => runs.Count(IsLearning);

    private static bool IsLearning(PipelineRun run) => !run.Metrics[Detect].Gauges.ContainsKey(Threshold);

    private static double ScoreOf(PipelineRun run) => run.Metrics[Detect].Gauges.GetValueOrDefault(Score);

    private static long Alerts(IReadOnlyList<PipelineRun> runs) => runs.Sum(static r => r.Metrics[Detect].Counter("alerts"));

    private static long Episodes(IReadOnlyList<PipelineRun> runs) => runs.Sum(static r => r.Metrics["episodes"].Counter("episodes"));
}
