using System.Numerics.Tensors;

namespace StreamLearn.Models;

/// <summary>A dense layer without bias and with low-bit weights and inputs, such as signs.</summary>
/// <remarks> Shape: any to [outputs]. State: <c>low-bit-dense.weight</c> [inputs, outputs], latent values, uniform in ±1/√inputs at first;
/// training clips those of 1 bit to [−1, 1]. With sign weights, outputs are multiplied by the mean magnitude of their weights. Put a batch
/// norm before it. Backward: straight through the rounding, and 0 for clipped values: 1-bit inputs and weights beyond [−1, 1], other inputs
/// beyond [0, 1]. Cost: inputs × outputs multiply-adds. Order: as <see cref="Dense"/>. Sources: <see cref="LowBits"/>; Bengio, Léonard,
/// Courville (2013), the straight-through estimator. </remarks>
/// <param name="Outputs">Outputs, at least 1.</param>
/// <param name="WeightBits">Bits per weight: 1 to 8, or 32: float32; default 1.</param>
/// <param name="InputBits">Bits per input: 1 to 8, or 32: float32; default 1.</param>
public sealed record LowBitDense(int Outputs, int WeightBits = 1, int InputBits = 1) : Layer
{
    private readonly Memo<(int Inputs, int Outputs), DenseProducts> _memo = new(static key => new(key.Inputs, key.Outputs));

    /// <inheritdoc />
    public override LayerPlan Plan(Shape input)
    {
        LayerPlan.Check(input);
        ArgumentOutOfRangeException.ThrowIfLessThan(Outputs, 1);
        LowBits.Check(WeightBits);
        LowBits.Check(InputBits);
        var weights = checked(input.Size * Outputs);
        return new(new(Outputs), weights, ("low-bit-dense.weight", SliceKind.Trained, weights))
        {
            ScratchValues = checked((2 * (weights + Outputs)) + Outputs + _memo[(input.Size, Outputs)].ScratchValues),
            ScratchValuesPerRow = checked(input.Size + Outputs + DenseProducts.ScratchValuesPerRow),
            Reads = BackwardReads.Inputs,
        };
    }

    /// <inheritdoc />
    public override void Initialize(Shape input, Span<float> values, RandomStream random) => Uniform(values, input.Size, random);

    /// <inheritdoc />
    public override void Forward(in LayerCall call)
    {
        var parts = Prepare(call);
        _memo[(call.Input.Size, Outputs)].Forward(call with { Weights = parts.Weights, Inputs = parts.Inputs, Scratch = parts.Scratch });
        if (WeightBits != 1) { return; }
        for (var r = 0; r < call.Rows; r++)
        {
            var row = call.Outputs.Slice(r * Outputs, Outputs);
            TensorPrimitives.Multiply(row, parts.Scales, row);
        }
    }

    /// <inheritdoc />
    public override void Backward(in LayerCall call)
    {
        var parts = Prepare(call);
        for (var r = 0; r < call.Rows; r++)
        {
            TensorPrimitives.Multiply(call.OutputGradients.Slice(r * Outputs, Outputs), parts.Scales,
                parts.OutputGradients.Slice(r * Outputs, Outputs));
        }

        call.Gradients.CopyTo(parts.Gradients);
        _memo[(call.Input.Size, Outputs)].Backward(call with
        {
            Weights = parts.Weights,
            Inputs = parts.Inputs,
            OutputGradients = parts.OutputGradients,
            Gradients = call.Gradients.IsEmpty ? [] : parts.Gradients,
            Scratch = parts.Scratch,
        });
        if (!call.InputGradients.IsEmpty) { LowBits.PassActivations(InputBits, call.Inputs, call.InputGradients); }
        for (var i = 0; i < call.Gradients.Length; i++)
        {
            if (WeightBits != 1 || MathF.Abs(call.Weights[i]) <= 1) { call.Gradients[i] = parts.Gradients[i]; }
        }
    }

    /// <inheritdoc />
    public override string ToString() => $"low-bit-dense {Outputs} weights {WeightBits} inputs {InputBits}";

    /// <summary>Prepares scratch memory, in this order: low-bit weights and zero biases, their gradients, scales; per row the low-bit
    /// inputs and the output gradient; the rest.</summary>
    private LowBitParts Prepare(in LayerCall call)
    {
        var (count, rows) = (call.Input.Size * Outputs, call.Rows);
        var rest = call.Scratch;
        var parts = new LowBitParts
        {
            Weights = Take(ref rest, count + Outputs),
            Gradients = Take(ref rest, count + Outputs),
            Scales = Take(ref rest, Outputs),
            Inputs = Take(ref rest, rows * call.Input.Size),
            OutputGradients = Take(ref rest, rows * Outputs),
            Scratch = rest,
        };
        LowBits.Weights(WeightBits, call.Weights[..count], parts.Weights);
        parts.Weights[count..].Clear();
        parts.Gradients.Clear();
        LowBits.Scales(WeightBits, call.Weights[..count], parts.Scales);
        LowBits.Activations(InputBits, call.Inputs[..(rows * call.Input.Size)], parts.Inputs);
        return parts;
    }

    private static Span<float> Take(scoped ref Span<float> rest, int count)
    {
        var taken = rest[..count];
        rest = rest[count..];
        return taken;
    }

    private ref struct LowBitParts
    {
        internal Span<float> Weights;
        internal Span<float> Gradients;
        internal Span<float> Scales;
        internal Span<float> Inputs;
        internal Span<float> OutputGradients;
        internal Span<float> Scratch;
    }
}
