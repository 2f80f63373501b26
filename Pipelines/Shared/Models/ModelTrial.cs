using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Programs;

/// <summary>What a model answers to rows that it did not learn from, each asked alone, and how long that takes on this machine.</summary>
/// <param name="Score">Of classes the share of right answers; of a value the mean distance of answers from it.</param>
/// <param name="Deviation">The standard deviation of what it is the mean of.</param>
/// <param name="Seconds">Of a row.</param>
internal sealed record ModelTrial(double Score, double Deviation, double Seconds)
{
    private const int Settled = 5;                  // repeats that are no faster: code is compiled again while it runs
    private const int MostRepeats = 40;
    private const double Faster = 0.95;
    private const int RowsBetweenLooks = 16;        // at the clock

    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(0.1);      // of a repeat

    /// <summary>Asks a model, and measures it.</summary>
    /// <param name="model">The model, with its weights.</param>
    /// <param name="rows">One row or more, with classes or values.</param>
    /// <param name="time">Measures.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    internal static ModelTrial Of(LoadedModel model, RecordedRows rows, TimeProvider time, CancellationToken stop)
    {
        var (plan, memory) = (model.Model.Plan, new Workspace());
        var values = plan.Aligned(model.Weights.Values.AsSpan());
        var (outputs, sum, squares) = (new float[plan.Outputs], 0.0, 0.0);
        for (var row = 0; row < rows.Count; row++)
        {
            stop.ThrowIfCancellationRequested();
            Ask(row);
            var score = plan.Target == TargetKind.Value ? Math.Abs(outputs[0] - rows.Targets.Span[row])
                : (plan.Outputs == 1 ? (outputs[0] > 0.5f ? 1 : 0) : ModelPlan.ClassOf(outputs)) == rows.Labels.Span[row] ? 1 : 0;
            (sum, squares) = (sum + score, squares + (score * score));
        }

        var (least, since) = (Time(), 0);
        for (var repeat = 1; repeat < MostRepeats && since < Settled; repeat++)
        {
            var seconds = Time();
            since = seconds < Faster * least ? 0 : since + 1;
            least = Math.Min(least, seconds);
        }

        var mean = sum / rows.Count;
        return new(mean, Math.Sqrt(Math.Max(0, (squares / rows.Count) - (mean * mean))), least);

        void Ask(int row) => model.Model.Infer(model.Weights, values.Span,
            new(rows.Features.Span.Slice(row * plan.Input.Size, plan.Input.Size), 1), outputs, memory);

        double Time()
        {
            var (start, count) = (time.GetTimestamp(), 0L);
            do
            {
                stop.ThrowIfCancellationRequested();
                for (var i = 0; i < RowsBetweenLooks; i++, count++) { Ask((int)(count % rows.Count)); }
            }
            while (time.GetElapsedTime(start) < Measured);
            return time.GetElapsedTime(start).TotalSeconds / count;
        }
    }
}
