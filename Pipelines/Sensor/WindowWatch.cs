using System.Globalization;
using StreamLearn;
using StreamLearn.Tables;

namespace Sensor;

/// <summary>Warns once for each device with rows but no window.</summary>
internal sealed class WindowWatch(SensorConfig config, IReadOnlyList<PipelineRun> runs, Action<string> say)
{
    private const int LeastRows = 200;

    private readonly HashSet<string> _seen = [];
    private readonly HashSet<string> _said = [];

    /// <summary>Reports one check later, since rows may be on their way.</summary>
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
            $"no window was made of the {rows} rows of {device}, so it learns nothing: a window takes {config.Window.Samples} good rows ")
            + $"without a gap{gap}; look at rate, at the samples of the window, and at the rows with 'once'";
    }
}
