using System.Collections.Immutable;

namespace StreamLearn.Learning;

/// <summary>Layers one behind the other, as one layer.</summary>
/// <remarks>
/// Shape: that of the first layer to that of the last. State: the slices of the layers, each under its place: <c>1.dense.weight</c>.
/// Cost: the sum. Rows go through one after the other, so that scratch memory does not grow with them.
/// </remarks>
/// <param name="Layers">The layers, at least one.</param>
public sealed record Sequential(params ImmutableArray<Layer> Layers) : Layer
{
    private Chain? _chain;      // made again when it does not fit: a copy may have other layers, a call another shape

    /// <inheritdoc />
    public override LayerPlan Plan(Shape input)
    {
        var chain = On(input);
        var slices = ImmutableArray.CreateBuilder<(string Name, SliceKind Kind, int Length)>();
        var (multiplyAdds, tape, last) = (0L, 0, Layers.Length - 1);
        for (var i = 0; i <= last; i++)
        {
            var plan = chain.Plans[i];
            foreach (var (name, kind, length) in plan.Slices) { slices.Add(($"{i}.{name}", kind, length)); }
            multiplyAdds += plan.MultiplyAdds;
            tape = checked(tape + plan.TapeValues + (i == last ? 0 : plan.Output.Size));
        }

        return new(chain.Boundaries[^1], multiplyAdds, slices.ToImmutable())
        {
            TapeValues = tape,
            ScratchValues = checked(chain.Scratch(0, Layers.Length, 1) + (2 * chain.Widest(0, Layers.Length))),
        };
    }

    /// <inheritdoc />
    public override void Initialize(Shape input, Span<float> values, RandomStream random) => On(input).Initialize(values, random);

    /// <inheritdoc />
    public override void Forward(in LayerCall call)
    {
        var chain = On(call.Input);
        var (inputs, outputs, tape) = (call.Input.Size, call.Outputs.Length / call.Rows, call.Tape.Length / call.Rows);
        for (var r = 0; r < call.Rows; r++)
        {
            var from = call.Inputs.Slice(r * inputs, inputs);
            var to = call.Outputs.Slice(r * outputs, outputs);
            if (call.Tape.IsEmpty) { chain.Infer(call.Weights, 0, Layers.Length, from, 1, to, call.Scratch); }
            else { Forward(chain, call, from, to, call.Tape.Slice(r * tape, tape)); }
        }
    }

    /// <inheritdoc />
    public override void Backward(in LayerCall call)
    {
        var chain = On(call.Input);
        for (var r = 0; r < call.Rows; r++) { Backward(chain, call, r); }
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

    /// <summary>One row with a tape: of every layer its own part, then, of all but the last, its outputs.</summary>
    private static void Forward(Chain chain, in LayerCall call, ReadOnlySpan<float> inputs, Span<float> outputs, Span<float> tape)
    {
        for (var i = 0; i < chain.Layers.Length; i++)
        {
            var plan = chain.Plans[i];
            var target = i == chain.Layers.Length - 1 ? outputs : tape.Slice(plan.TapeValues, plan.Output.Size);
            chain.Layers[i].Forward(new()
            {
                Input = chain.Boundaries[i],
                Rows = 1,
                Weights = chain.Of(i, call.Weights),
                Inputs = inputs,
                Outputs = target,
                Tape = tape[..plan.TapeValues],
                Scratch = call.Scratch,
            });
            inputs = target;
            tape = tape[Math.Min(tape.Length, plan.TapeValues + plan.Output.Size)..];
        }
    }

    private static void Backward(Chain chain, in LayerCall call, int row)
    {
        var (last, inputs, widest) = (chain.Layers.Length - 1, call.Input.Size, chain.Widest(0, chain.Layers.Length));
        var (tape, outputs) = (call.Tape.Length / call.Rows, call.Outputs.Length / call.Rows);
        var memory = call.Tape.Slice(row * tape, tape);
        var gradient = call.OutputGradients.Slice(row * outputs, outputs);
        var lowest = call.InputGradients.IsEmpty ? chain.FirstTrained(0, last + 1) : 0;
        var end = memory.Length;
        for (var i = last; i >= lowest; i--)
        {
            var (input, plan) = (chain.Boundaries[i], chain.Plans[i]);
            var after = i == last ? 0 : plan.Output.Size;
            var start = end - after - plan.TapeValues;
            var target = i > lowest ? call.Scratch.Slice((i & 1) * widest, input.Size)
                : call.InputGradients.IsEmpty ? [] : call.InputGradients.Slice(row * inputs, inputs);
            chain.Layers[i].Backward(new()
            {
                Input = input,
                Rows = 1,
                Weights = chain.Of(i, call.Weights),
                Gradients = chain.Of(i, call.Gradients),
                Inputs = i == 0 ? call.Inputs.Slice(row * inputs, inputs) : memory.Slice(start - input.Size, input.Size),
                Outputs = i == last ? call.Outputs.Slice(row * outputs, outputs) : memory.Slice(end - after, after),
                Tape = memory.Slice(start, plan.TapeValues),
                OutputGradients = gradient,
                InputGradients = target,
                Scratch = call.Scratch[(2 * widest)..],
            });
            gradient = target;
            end = start;
        }
    }

    private Chain On(Shape input)
    {
        var chain = _chain;
        if (chain is null || chain.Boundaries[0] != input || chain.Layers != Layers) { _chain = chain = new(input, Layers); }
        return chain;
    }
}
