using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

/// <summary>Zeroes a random share of values in training and scales the others by 1 / (1 − rate).</summary>
/// <remarks> Shape: any to the same. State: none. Cost: 32 random bits per value in training; the tape keeps one bit. Value i of row r
/// stays if 32 bits of draw r · ⌈values / 2⌉ + i / 2 of the call's key, the lower for even i, are at least rate · 2³². Source: Srivastava
/// et al. (2014). </remarks>
/// <param name="Rate">Share of zeroed values, at least 0 and below 1.</param>
public sealed record Dropout(float Rate) : Layer
{
    /// <inheritdoc />
    public override LayerPlan Plan(Shape input)
    {
        LayerPlan.Check(input);
        if (!(Rate >= 0 && Rate < 1)) { throw new ArgumentException($"expected a rate in [0, 1), got {Rate}"); }
        return new(input) { TapeValues = KeptBits.Slots(input.Size), Reads = BackwardReads.None, MixesRows = true };
    }

    /// <inheritdoc />
    public override void Forward(in LayerCall call)
    {
        if (!call.Training)
        {
            call.Inputs.CopyTo(call.Outputs);
            return;
        }

        var words = KeptBits.Words(call.Tape);
        var (size, slots) = (call.Input.Size, KeptBits.Slots(call.Input.Size));
        for (var r = 0; r < call.Rows; r++)
        {
            var row = words.Slice(r * slots, slots);
            Draw(call.RandomKey, (ulong)r * (ulong)((size + 1) / 2), row);
            KeptBits.Keep(row, call.Inputs.Slice(r * size, size), 1 / (1 - Rate), call.Outputs.Slice(r * size, size));
        }
    }

    /// <inheritdoc />
    public override void Backward(in LayerCall call) => KeptBits.GiveBack(call, 1 / (1 - Rate));

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"dropout {Rate}");

    /// <summary>Sets the bits of kept values, 16 draws per word.</summary>
    private void Draw(ulong key, ulong first, Span<uint> words)
    {
        var threshold = Vector512.Create((uint)(Rate * 4294967296.0));
        foreach (ref var word in words)
        {
            var (lower, upper) = (RandomKeys.EightBits(key, first).AsUInt32(), RandomKeys.EightBits(key, first + 8).AsUInt32());
            word = (uint)(Vector512.GreaterThanOrEqual(lower, threshold).ExtractMostSignificantBits()
                | (Vector512.GreaterThanOrEqual(upper, threshold).ExtractMostSignificantBits() << 16));
            first += 16;
        }
    }
}
