namespace Benchmarks;

/// <summary>Ours, asked for one row after the other: the median of the times of single calls.</summary>
internal sealed class InferRun
{
    internal const double Seconds = 0.15;       // of a repeat
    private readonly BenchmarkModel _model;
    private readonly Memory<float> _weights;
    private readonly float[] _outputs;
    private readonly Workspace _memory = new();
    private readonly long[] _took;

    private InferRun(BenchmarkModel model, int calls)
    {
        (_model, _weights, _took) = (model, model.Model.Plan.Aligned(model.Model.Initial.Values.AsSpan()), new long[calls]);
        _outputs = new float[model.Model.Plan.Outputs];
    }

    /// <summary>A contender of an inference case: microseconds.</summary>
    internal static Contender Contender(BenchmarkModel model) => new("streamlearn", TrainRun.Lazily(() =>
    {
        var calls = Measurement.Times(Seconds, times =>
        {
            var start = Stopwatch.GetTimestamp();
            new InferRun(model, times).Measure();
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        });
        var run = new InferRun(model, calls);
        for (var seconds = 0.0; seconds < TrainRun.WarmUpSeconds; seconds += Measurement.Seconds(() => run.Measure()).Value)
        {
            // as in training
        }
        return run;
    }, run => run.Measure()));

    /// <summary>A contender that is asked call by call: microseconds.</summary>
    internal static Contender Contender(string name, double seconds, Func<Action<int>> prepare) => new(name, TrainRun.Lazily(() =>
    {
        var ask = prepare();
        return new Prepared(ask, Measurement.Times(seconds, times => times / Measurement.PerProcessorSecond(ask, times).Value));
    }, static prepared => MedianOf(prepared.Ask, new long[prepared.Calls])));

    private Sample Measure()
    {
        var width = _model.Model.Plan.Input.Size;
        return MedianOf(
            i => _model.Model.Infer(_weights.Span, new(_model.Features.AsSpan(i % _model.Rows * width, width), 1), _outputs, _memory),
            _took);
    }

    /// <summary>The median of the times of single calls; and by processor time, the mean.</summary>
    private static Sample MedianOf(Action<int> ask, long[] took)
    {
        var whole = Measurement.PerProcessorSecond(i =>
        {
            var start = Stopwatch.GetTimestamp();
            ask(i);
            took[i] = Stopwatch.GetTimestamp() - start;
        }, took.Length);
        Array.Sort(took);
        return new(took[took.Length / 2] * 1e6 / Stopwatch.Frequency, 1e6 / whole.Value, whole.AllocatedBytes);
    }

    private sealed record Prepared(Action<int> Ask, int Calls);
}
