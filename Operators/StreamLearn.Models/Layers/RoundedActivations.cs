namespace StreamLearn.Models;

/// <summary>Rounds activations to 256 values of a range, as integer inference does.</summary>
/// <remarks> Shape: any to the same. State: statistics <c>rounded-activations.low</c> and <c>.high</c>, set by the first batch and moved by
/// momentum · (its own − old). Values outside are clamped; if both are 0, values are not rounded. Cost: some operations per value, not
/// counted. The gradient passes inside the range, and is 0 outside. Source: Jacob et al. (2018), section 3. </remarks>
/// <param name="Momentum">Share of a batch in the range, 0 to 1; 0 keeps the range. Default 0.01.</param>
public sealed record RoundedActivations(float Momentum = 0.01f) : Layer
{
    /// <summary>True: learns the range without rounding. Default false.</summary>
    public bool Observes { get; init; }

    /// <inheritdoc />
    public override LayerPlan Plan(Shape input)
    {
        LayerPlan.Check(input);
        if (!(Momentum >= 0 && Momentum <= 1)) { throw new ArgumentException($"expected a momentum in [0, 1], got {Momentum}"); }
        return new(input, 0, ("rounded-activations.low", SliceKind.Statistic, 1), ("rounded-activations.high", SliceKind.Statistic, 1))
        {
            ScratchValues = (input.Size + 3) / 4,
            Reads = BackwardReads.Inputs,
            MixesRows = true,       // a batch updates the range once
        };
    }

    /// <inheritdoc />
    public override void Forward(in LayerCall call)
    {
        if (Numbers(call.Weights) is not { } affine)
        {
            call.Inputs[..call.Outputs.Length].CopyTo(call.Outputs);
            return;
        }

        var size = call.Input.Size;
        var numbers = System.Runtime.InteropServices.MemoryMarshal.AsBytes(call.Scratch)[..size];
        for (var r = 0; r < call.Rows; r++)
        {
            var inputs = call.Inputs.Slice(r * size, size);
            var outputs = call.Outputs.Slice(r * size, size);
            if (float.IsNaN(Affine8.RangeOf(inputs).Low))
            {
                outputs.Fill(float.NaN);
                continue;
            }

            affine.Quantize(inputs, numbers);
            affine.Restore(numbers, outputs);
        }
    }

    /// <inheritdoc />
    public override void Backward(in LayerCall call)
    {
        var values = call.Rows * call.Input.Size;
        if (!call.Gradients.IsEmpty)
        {
            (call.Gradients[0], call.Gradients[1]) = Moved(call.Weights[0], call.Weights[1], call.Inputs[..values]);
        }

        if (call.InputGradients.IsEmpty) { return; }
        call.OutputGradients[..values].CopyTo(call.InputGradients);
        if (Numbers(call.Weights) is not { } affine) { return; }
        var (low, high) = (affine.Scale * -affine.Zero, affine.Scale * (byte.MaxValue - affine.Zero));
        for (var i = 0; i < values; i++)
        {
            if (!(call.Inputs[i] >= low && call.Inputs[i] <= high)) { call.InputGradients[i] = 0; }
        }
    }

    /// <inheritdoc />
    public override string ToString() =>
        FormattableString.Invariant($"rounded-activations momentum {Momentum}{(Observes ? " observing" : "")}");

    /// <summary>Returns the quantization of the range; null if values pass unchanged.</summary>
    /// <param name="weights">The layer's two values.</param>
    public Affine8? Numbers(ReadOnlySpan<float> weights) => Observes ? null : Affine8.OfRange(weights[0], weights[1]);

    private (float Low, float High) Moved(float low, float high, ReadOnlySpan<float> values)
    {
        var (least, greatest) = Affine8.RangeOf(values);
        if (!float.IsFinite(least) || !float.IsFinite(greatest)) { return (low, high); }
        return low == 0 && high == 0
            ? (Math.Min(least, 0), Math.Max(greatest, 0))
            : (low + (Momentum * (Math.Min(least, 0) - low)), high + (Momentum * (Math.Max(greatest, 0) - high)));
    }
}
