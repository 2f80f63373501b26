using System.Collections.Immutable;

namespace StreamLearn.Learning;

/// <summary>Layers one behind the other, as one layer.</summary>
/// <remarks>
/// Shape: that of the first layer to that of the last. State: the slices of the layers, each under its place: <c>1.dense.weight</c>.
/// Cost: the sum. All rows go through a layer before the next one; the tape keeps those results that a backward pass reads.
/// </remarks>
/// <param name="Layers">The layers, at least one.</param>
public sealed record Sequential(params ImmutableArray<Layer> Layers) : Layer
{
    private Chain? _chain;      // made again when it does not fit: a copy may have other layers, a call another shape

    /// <inheritdoc />
    public override LayerPlan Plan(Shape input) => Plan(On(input), null);

    /// <inheritdoc />
    internal override LayerPlan Masked(LayerPlan plan, Shape input, Func<string, bool> learns, bool isLowest)
    {
        var chain = (plan.Parts ?? On(input)).Masked((layer, name) => learns($"{layer}.{name}"), isLowest);
        return Plan(chain, chain);
    }

    private static LayerPlan Plan(Chain chain, Chain? parts)
    {
        var slices = ImmutableArray.CreateBuilder<(string Name, SliceKind Kind, int Length)>();
        var (multiplyAdds, tape, last) = (0L, 0, chain.Layers.Length - 1);
        for (var i = 0; i <= last; i++)
        {
            var plan = chain.Plans[i];
            foreach (var (name, kind, length) in plan.Slices) { slices.Add(($"{i}.{name}", kind, length)); }
            multiplyAdds += plan.MultiplyAdds;
            tape = checked(tape + Own(chain, i) + Kept(chain, i));
        }

        return new(chain.Boundaries[^1], multiplyAdds, slices.ToImmutable())
        {
            TapeValues = tape,
            ScratchValues = chain.Plans.Max(p => p.ScratchValues),
            ScratchValuesPerRow = checked(chain.Plans.Max(p => p.ScratchValuesPerRow) + (2 * chain.Widest(0, last + 1))),
            MixesRows = chain.Plans.Any(p => p.MixesRows),
            Reads = (parts is null ? chain.Plans[0].Reads & ~BackwardReads.Outputs
                : parts.Plans[0].ReadsInputs ? BackwardReads.Inputs : BackwardReads.None) | (chain.Plans[last].Reads & BackwardReads.Outputs),
            Descends = true,
            Parts = parts,
        };
    }

    /// <inheritdoc />
    public override void Initialize(Shape input, Span<float> values, RandomStream random) => On(input).Initialize(values, random);

    /// <inheritdoc />
    public override void Forward(in LayerCall call)
    {
        var chain = call.Parts ?? On(call.Input);
        if (!call.Training)
        {
            chain.Infer(call.Weights, 0, Layers.Length, call.Inputs, call.Rows, call.Outputs, call.Scratch);
            return;
        }

        var inputs = call.Inputs;
        var tape = call.Tape;
        var widest = call.Rows * chain.Widest(0, chain.Layers.Length);
        for (var i = 0; i < chain.Layers.Length; i++)
        {
            var (own, after) = (call.Rows * Own(chain, i), call.Rows * Kept(chain, i));
            var target = i == chain.Layers.Length - 1 ? call.Outputs : after > 0 ? tape.Slice(own, after)
                : call.Scratch.Slice((i & 1) * widest, call.Rows * chain.Boundaries[i + 1].Size);
            Chain.Forward(chain.Layers[i], chain.Plans[i], new()
            {
                Second = call.Second,
                Input = chain.Boundaries[i],
                Rows = call.Rows,
                Training = i >= chain.Inferred,
                Parts = chain.Plans[i].Parts,
                RandomKey = RandomKeys.Bits(call.RandomKey, (ulong)i),
                Weights = chain.Of(i, call.Weights),
                Inputs = inputs,
                Outputs = target,
                Tape = tape[..own],
                Scratch = call.Scratch[(2 * widest)..],
            });
            inputs = target;
            tape = tape[(own + after)..];
        }
    }

    /// <inheritdoc />
    public override void Backward(in LayerCall call)
    {
        var chain = call.Parts ?? On(call.Input);
        var widest = call.Rows * chain.Widest(0, chain.Layers.Length);
        var lowest = call.InputGradients.IsEmpty ? chain.FirstTrained(0, chain.Layers.Length) : 0;
        var gradient = call.OutputGradients;
        var tape = call.Tape;
        for (var i = chain.Layers.Length - 1; i >= lowest; i--)
        {
            var own = call.Rows * Own(chain, i);
            var rest = tape[..^(own + (call.Rows * Kept(chain, i)))];
            var before = call.Rows * chain.Boundaries[i].Size;
            var inputs = !chain.Plans[i].ReadsInputs ? [] : i == 0 ? call.Inputs : rest[^(call.Rows * Kept(chain, i - 1))..];
            var target = i > lowest ? call.Scratch.Slice((i & 1) * widest, before) : call.InputGradients;
            Chain.Backward(chain.Layers[i], chain.Plans[i], new()
            {
                Second = call.Second,
                Input = chain.Boundaries[i],
                Rows = call.Rows,
                Parts = chain.Plans[i].Parts,
                RandomKey = RandomKeys.Bits(call.RandomKey, (ulong)i),
                Weights = chain.Of(i, call.Weights),
                Gradients = chain.Of(i, call.Gradients),
                Inputs = inputs,
                Outputs = i == chain.Layers.Length - 1 ? call.Outputs : tape[^(call.Rows * Kept(chain, i))..],
                Tape = tape.Slice(rest.Length, own),
                OutputGradients = gradient,
                InputGradients = target,
                Scratch = call.Scratch[(2 * widest)..],
            }, call.Descent.Of(chain.Offsets[i], chain.Plans[i].Values));
            gradient = target;
            tape = rest;
        }
    }

    /// <inheritdoc />
    public bool Equals(Sequential? other) => other is not null && Layers.AsSpan().SequenceEqual(other.Layers.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var layer in Layers.AsSpan()) { hash.Add(layer); }
        return hash.ToHashCode();
    }

    /// <inheritdoc />
    public override string ToString() => $"({(Layers.IsDefault ? "" : string.Join(", ", Layers))})";

    /// <summary>Whether a backward pass reads the outputs of the last layer.</summary>
    internal bool ReadsOutputs(Shape input) => (On(input).Plans[^1].Reads & BackwardReads.Outputs) != 0;

    /// <summary>
    /// Values that a row keeps of a layer's outputs: none of the last one's, which the caller keeps, and none that nobody reads again.
    /// </summary>
    private static int Kept(Chain chain, int layer)
    {
        if (layer == chain.Layers.Length - 1) { return 0; }
        var read = (layer >= chain.Inferred && chain.Plans[layer].ReadsOutputs)
            || (layer + 1 >= chain.Inferred && chain.Plans[layer + 1].ReadsInputs);
        return read ? chain.Plans[layer].Output.Size : 0;
    }

    /// <summary>Values that a row leaves on a layer's own part of the tape.</summary>
    private static int Own(Chain chain, int layer) => layer < chain.Inferred ? 0 : chain.Plans[layer].TapeValues;

    private Chain On(Shape input)
    {
        var chain = _chain;
        if (chain is null || chain.Boundaries[0] != input || chain.Layers != Layers) { _chain = chain = new(input, Layers); }
        return chain;
    }
}
