using System.Globalization;
using StreamLearn.Tables;

namespace Sensor;

internal sealed class WindowWatch(SensorConfig config, IReadOnlyList<PipelineRun> runs, Action<string> say)
{
    private const int LeastRows = 200;

    private readonly HashSet<string> _seen = [];
    private readonly HashSet<string> _said = [];

    /// <summary>Reports at the next check, since rows may still arrive.</summary>
    internal void Look()
    {
        foreach (var run in runs)
        {
            var (device, hasEnded) = (run.Metrics.Pipeline, run.Completion.IsCompleted);
            var rows = run.Metrics["window"].RowsIn + run.Metrics["check-quality"].RowsDropped.Values.Sum();
            if (run.Metrics["window"].ItemsOut > 0 || rows < (hasEnded ? LeastRows : Math.Max(LeastRows, 2 * config.Window.Samples)))
            {
                continue;
            }

            if ((!_seen.Add(device) || hasEnded) && _said.Add(device)) { say(TextOf(config, device, rows)); }
        }
    }

    internal static string TextOf(SensorConfig config, string device, long rows)
    {
        var gap = config.Source.RowsPerSecond is not { } rate || config.Columns.Time is not { Unit: not null } ? ""
            : string.Create(CultureInfo.InvariantCulture,
                $" (at rate {rate:0.######}/s, a step of more than {StepLength.GapRows / rate:0.######} s)");
        return string.Create(CultureInfo.InvariantCulture,
            $"the {rows} rows of {device} made no window, so it learns nothing: a window needs {config.Window.Samples} valid rows ")
            + $"without a gap{gap}. Check the rate, the samples of the window, and the rows ('once' shows them)";
    }
}
