using System.Numerics.Tensors;

namespace StreamLearn.Models;

/// <summary>Rectified linear unit: max(x, 0).</summary>
/// <remarks>Shape: any to the same. State: none. Cost: one comparison per value; the tape keeps one bit. The gradient at 0 is 0. Source:
/// Nair, Hinton (2010).</remarks>
public sealed record Relu : Layer
{
    /// <inheritdoc />
    public override LayerPlan Plan(Shape input)
    {
        LayerPlan.Check(input);
        return new(input) { TapeValues = KeptBits.Slots(input.Size), Reads = BackwardReads.None, Streams = true, Shares = true };
    }

    /// <inheritdoc />
    public override void Forward(in LayerCall call)
    {
        var (size, slots) = (call.Input.Size, KeptBits.Slots(call.Input.Size));
        var (from, to) = call.Share(call.Rows);
        if (call.Tape.IsEmpty)
        {
            TensorPrimitives.Max(call.Inputs[(from * size)..(to * size)], 0f, call.Outputs[(from * size)..(to * size)]);
            return;
        }

        var words = KeptBits.Words(call.Tape);
        for (var r = from; r < to; r++)
        {
            KeptBits.Positive(call.Inputs.Slice(r * size, size), words.Slice(r * slots, slots), call.Outputs.Slice(r * size, size));
        }
    }

    /// <inheritdoc />
    public override void Backward(in LayerCall call) => KeptBits.GiveBack(call, 1);

    /// <inheritdoc />
    public override string ToString() => "relu";
}
