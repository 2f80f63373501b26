using System.Numerics.Tensors;
using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>Rows of a step with noise added, as of sensors that differ from those that the rows came from.</summary>
/// <remarks>
/// Normal numbers are drawn once; a row takes a run of them from a random place on. State: none. Cost: two operations per value. Source:
/// Bishop (1995), Training with noise is equivalent to Tikhonov regularization.
/// </remarks>
internal sealed class RowNoise(ModelPlan plan, float deviations, RandomStream random)
{
    private const int Run = 1024;
    private static readonly float[] Drawn = Draw();

    private readonly Slice? _inverse = plan.Find(ModelPlan.ScaleInverse);
    private readonly float[] _by = new float[plan.Input.Size];      // noise of each value of a row
    private Memory<float> _rows;

    /// <summary>A copy of a step's rows with noise, valid until the next one. <paramref name="weights"/>: they scale the rows.</summary>
    internal Sample Over(scoped in Sample rows, ReadOnlySpan<float> weights)
    {
        var size = plan.Input.Size;
        var inputs = rows.Features;
        if (_rows.Length < inputs.Length) { _rows = Workspace.Zeros(inputs.Length); }
        var noisy = _rows.Span[..inputs.Length];
        Follow(weights);
        for (var at = 0; at < inputs.Length; at += size)
        {
            for (var from = 0; from < size; from += Run)
            {
                var length = Math.Min(Run, size - from);
                TensorPrimitives.MultiplyAdd(Drawn.AsSpan(random.NextInt32(Drawn.Length - length), length), _by.AsSpan(from, length),
                    inputs.Slice(at + from, length), noisy.Slice(at + from, length));
            }
        }

        return new(noisy, rows.Labels) { Targets = rows.Targets, Number = rows.Number, LogitOffsets = rows.LogitOffsets };
    }

    private void Follow(ReadOnlySpan<float> weights)
    {
        var samples = plan.Input.Samples;
        for (var c = 0; c < plan.Input.Channels; c++)
        {
            _by.AsSpan(c * samples, samples).Fill(_inverse is { } inverse ? deviations / inverse.Of(weights)[c] : deviations);
        }
    }

    private static float[] Draw()
    {
        var (random, drawn) = (new RandomStream(1, "row noise"), new float[8 * Run]);
        for (var i = 0; i < drawn.Length; i++) { drawn[i] = (float)random.NextGaussian(); }
        return drawn;
    }
}
