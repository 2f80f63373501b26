using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

/// <summary>Leaky rectifier: max(x, slope · x).</summary>
/// <remarks>Shape: any to the same. State: none. Cost: two operations per value; the tape keeps one bit. The gradient at 0 is the slope.
/// Source: Maas, Hannun, Ng (2013).</remarks>
/// <param name="Slope">Factor below zero, at least 0 and below 1; default 0.01.</param>
public sealed record LeakyRelu(float Slope = 0.01f) : Layer
{
    /// <inheritdoc />
    public override LayerPlan Plan(Shape input)
    {
        LayerPlan.Check(input);
        if (!(Slope >= 0 && Slope < 1)) { throw new ArgumentException($"expected a slope in [0, 1), got {Slope}"); }
        return new(input) { TapeValues = KeptBits.Slots(input.Size), Reads = BackwardReads.None, Streams = true };
    }

    /// <inheritdoc />
    public override void Forward(in LayerCall call)
    {
        Bend(call.Inputs, call.Outputs);
        if (call.Tape.IsEmpty) { return; }
        var words = KeptBits.Words(call.Tape);
        var (size, slots) = (call.Input.Size, KeptBits.Slots(call.Input.Size));
        for (var r = 0; r < call.Rows; r++) { KeptBits.SetPositive(call.Inputs.Slice(r * size, size), words.Slice(r * slots, slots)); }
    }

    /// <inheritdoc />
    public override void Backward(in LayerCall call)
    {
        if (call.InputGradients.IsEmpty) { return; }
        var words = KeptBits.Words(call.Tape);
        var (size, slots) = (call.Input.Size, KeptBits.Slots(call.Input.Size));
        for (var r = 0; r < call.Rows; r++)
        {
            KeptBits.Multiply(words.Slice(r * slots, slots), call.OutputGradients.Slice(r * size, size), 1, Slope,
                call.InputGradients.Slice(r * size, size));
        }
    }

    private void Bend(ReadOnlySpan<float> inputs, Span<float> outputs)
    {
        ref var from = ref MemoryMarshal.GetReference(inputs[..outputs.Length]);
        ref var to = ref MemoryMarshal.GetReference(outputs);
        var slopes = Vector512.Create(Slope);
        var i = 0;
        for (; i + Vector512<float>.Count <= outputs.Length; i += Vector512<float>.Count)
        {
            var input = Vector512.LoadUnsafe(ref from, (nuint)i);
            Vector512.ConditionalSelect(Vector512.GreaterThan(input, Vector512<float>.Zero), input, input * slopes)
                .StoreUnsafe(ref to, (nuint)i);
        }

        for (; i < outputs.Length; i++) { outputs[i] = inputs[i] > 0 ? inputs[i] : inputs[i] * Slope; }
    }

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"leaky-relu {Slope}");
}
