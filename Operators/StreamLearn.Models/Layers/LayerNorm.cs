using System.Numerics.Tensors;

namespace StreamLearn.Models;

/// <summary>Layer normalization per row, with gain and bias per position.</summary>
/// <remarks> Shape: any to the same. State: <c>layer-norm.gain</c> and <c>layer-norm.bias</c>, one per value, 1 and 0 at first; no
/// statistics. Cost: some operations per value, not counted. Order: as <c>GroupNorm</c>; gradients of gains and biases, rows in order.
/// Source: Ba, Kiros, Hinton (2016). </remarks>
/// <param name="Epsilon">Added to the variance, above 0; default 1e-5.</param>
public sealed record LayerNorm(float Epsilon = 1e-5f) : Layer
{
    /// <inheritdoc />
    public override LayerPlan Plan(Shape input)
    {
        LayerPlan.Check(input);
        if (!(Epsilon > 0 && float.IsFinite(Epsilon))) { throw new ArgumentException($"expected an epsilon above 0, got {Epsilon}"); }
        return new(input, 0, ("layer-norm.gain", SliceKind.Trained, input.Size), ("layer-norm.bias", SliceKind.Trained, input.Size))
        {
            TapeValues = 2,
            ScratchValues = input.Size,
            Reads = BackwardReads.Inputs,
        };
    }

    /// <inheritdoc />
    public override void Initialize(Shape input, Span<float> values, RandomStream random) => values[..input.Size].Fill(1);

    /// <inheritdoc />
    public override void Forward(in LayerCall call)
    {
        var size = call.Input.Size;
        for (var r = 0; r < call.Rows; r++)
        {
            var inputs = call.Inputs.Slice(r * size, size);
            var (sum, squares) = Sums.OfSquares(inputs);
            var exact = sum / size;
            var inverse = (float)(1 / Math.Sqrt(Math.Max(0, (squares / size) - (exact * exact)) + Epsilon));
            if (!call.Tape.IsEmpty) { (call.Tape[2 * r], call.Tape[(2 * r) + 1]) = ((float)exact, inverse); }
            var outputs = call.Outputs.Slice(r * size, size);
            Normalize(inputs, (float)exact, inverse, outputs);
            TensorPrimitives.FusedMultiplyAdd(outputs, call.Weights[..size], call.Weights.Slice(size, size), outputs);
        }
    }

    /// <inheritdoc />
    public override void Backward(in LayerCall call)
    {
        var size = call.Input.Size;
        var weighted = call.Scratch[..size];
        for (var r = 0; r < call.Rows; r++)
        {
            var inputs = call.Inputs.Slice(r * size, size);
            var gradients = call.OutputGradients.Slice(r * size, size);
            var (mean, inverse) = (call.Tape[2 * r], call.Tape[(2 * r) + 1]);
            if (!call.Gradients.IsEmpty)
            {
                var gains = call.Gradients[..size];
                var biases = call.Gradients.Slice(size, size);
                Normalize(inputs, mean, inverse, weighted);
                TensorPrimitives.FusedMultiplyAdd(weighted, gradients, gains, gains);
                TensorPrimitives.Add(biases, gradients, biases);
            }

            if (call.InputGradients.IsEmpty) { continue; }
            TensorPrimitives.Multiply(gradients, call.Weights[..size], weighted);
            var (sum, raw) = Sums.Of(weighted, inputs);
            var normal = inverse * (raw - (mean * sum));
            Normalization.Backward(weighted, inverse, inputs, mean, (float)(inverse * sum / size),
                (float)((double)inverse * inverse * normal / size), call.InputGradients.Slice(r * size, size));
        }
    }

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"layer-norm epsilon {Epsilon}");

    private static void Normalize(ReadOnlySpan<float> inputs, float mean, float inverse, Span<float> normal)
    {
        TensorPrimitives.Subtract(inputs, mean, normal);
        TensorPrimitives.Multiply(normal, inverse, normal);
    }
}
