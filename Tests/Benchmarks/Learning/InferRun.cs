using System.Diagnostics;
using StreamLearn.Models;

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

    private Sample Measure()
    {
        var (calls, width) = (_took.Length, _model.Model.Plan.Input.Size);
        var whole = Measurement.PerProcessorSecond(() =>
        {
            for (var i = 0; i < calls; i++)
            {
                var start = Stopwatch.GetTimestamp();
                _model.Model.Infer(_weights.Span, new(_model.Features.AsSpan(i % _model.Rows * width, width), 1), _outputs, _memory);
                _took[i] = Stopwatch.GetTimestamp() - start;
            }

            return calls;
        });
        Array.Sort(_took);
        return new(_took[calls / 2] * 1e6 / Stopwatch.Frequency, 1e6 / whole.Value, whole.AllocatedBytes);
    }
}
