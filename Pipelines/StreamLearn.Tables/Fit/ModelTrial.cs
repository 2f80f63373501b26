namespace StreamLearn.Tables;

internal sealed record ModelTrial(double Score, double Deviation, double Seconds)
{
    /// <summary>Half of the interval at 95 % confidence of the score on devices like these; null: they are one.</summary>
    internal double? HalfOfDevices { get; private init; }

    private const int Settled = 10;                 // repeats without a speedup before it stops, since code is recompiled meanwhile
    private const int MaxRepeats = 60;
    private const double Faster = 0.95;
    private const int RowsBetweenLooks = 16;        // rows between clock reads

    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(0.03);     // duration of a repeat

    internal static ModelTrial Of(LoadedModel model, RecordedRows rows, TimeProvider time, CancellationToken stop)
    {
        var (asking, plan) = (new Asking(model, rows), model.Model.Plan);
        var (sum, squares) = (0.0, 0.0);
        var devices = new SortedDictionary<int, (double Sum, int Rows)>();
        for (var row = 0; row < rows.Count; row++)
        {
            stop.ThrowIfCancellationRequested();
            var outputs = asking.Ask(row);
            var score = plan.Target == TargetKind.Value ? Math.Abs(outputs[0] - rows.Targets.Span[row])
                : (plan.Outputs == 1 ? (outputs[0] > 0.5f ? 1 : 0) : ModelPlan.ClassOf(outputs)) == rows.Labels.Span[row] ? 1 : 0;
            (sum, squares) = (sum + score, squares + (score * score));
            var device = rows.Groups.IsEmpty ? 0 : rows.Groups.Span[row];
            var (own, count) = devices.GetValueOrDefault(device);
            devices[device] = (own + score, count + 1);
        }

        var mean = sum / rows.Count;
        return new(mean, Math.Sqrt(Math.Max(0, (squares / rows.Count) - (mean * mean))), Time(asking, time, stop))
        {
            HalfOfDevices = HalfOf(devices.Values, mean, rows.Count),
        };
    }

    /// <summary>Returns Student's quantile times the error of a mean of whole devices. Source: Liang, Zeger (1986).</summary>
    internal static double? HalfOf(ICollection<(double Sum, int Rows)> devices, double mean, int rows)
    {
        if (devices.Count < 2) { return null; }
        var squares = devices.Sum(d => (d.Sum - (d.Rows * mean)) * (d.Sum - (d.Rows * mean)));
        var free = devices.Count - 1;
        return DeviceBounds.Student(DeviceBounds.Error, free) * Math.Sqrt(squares * devices.Count / free) / rows;
    }

    /// <summary>Measures once more and returns the lower time, since recompilation slows the first model measured.</summary>
    internal static double Again(double seconds, LoadedModel model, RecordedRows rows, TimeProvider time, CancellationToken stop) =>
        Math.Min(seconds, Time(new(model, rows), time, stop));

    /// <summary>Returns the minimum, once it stops decreasing.</summary>
    private static double Time(Asking asking, TimeProvider time, CancellationToken stop)
    {
        var (least, since) = (double.PositiveInfinity, 0);
        for (var repeat = 0; repeat < MaxRepeats && since < Settled; repeat++)
        {
            var (start, count) = (time.GetTimestamp(), 0L);
            do
            {
                stop.ThrowIfCancellationRequested();
                for (var i = 0; i < RowsBetweenLooks; i++, count++) { asking.Ask((int)(count % asking.Rows)); }
            }
            while (time.GetElapsedTime(start) < Measured);
            var seconds = time.GetElapsedTime(start).TotalSeconds / count;
            since = seconds < Faster * least ? 0 : since + 1;
            least = Math.Min(least, seconds);
        }

        return least;
    }

    private sealed class Asking(LoadedModel model, RecordedRows rows)
    {
        private readonly int _size = model.Model.Plan.Input.Size;
        private readonly Memory<float> _values = model.Model.Plan.Aligned(model.Weights.Values.AsSpan());
        private readonly float[] _outputs = new float[model.Model.Plan.Outputs];
        private readonly Workspace _memory = new();

        internal int Rows => rows.Count;

        internal ReadOnlySpan<float> Ask(int row)
        {
            model.Model.Infer(model.Weights, _values.Span, new(rows.Features.Span.Slice(row * _size, _size), 1), _outputs, _memory);
            return _outputs;
        }
    }
}
