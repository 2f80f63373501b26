using System.Collections.Immutable;

namespace StreamLearn.Learning;

/// <summary>Where everything of a network lies: in the flat values, and on the tape of a range of layers.</summary>
/// <remarks>
/// Flat values: the layers of the trunk, then the heads. Tape: for every layer its inputs, its own part, then, of the exit behind it,
/// the head's part, logits and their gradient; at the end the outputs of the range.
/// </remarks>
internal sealed class NetworkLayout
{
    private readonly ImmutableArray<int> _exitBehind;
    private readonly ImmutableArray<int> _heads;        // [e] is the first value of head e
    private readonly ImmutableArray<int> _tape;         // [i] is the place of layer i's inputs on the tape of one row of the whole network
    private readonly int _classes;

    internal NetworkLayout(Shape input, int classes, ImmutableArray<Layer> layers, ImmutableArray<Exit> exits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        (Trunk, Exits, _classes) = (new(input, layers), exits, classes);
        Check();
        var (behind, values) = (new int[layers.Length], Trunk.Offsets[^1]);
        Array.Fill(behind, -1);
        var heads = ImmutableArray.CreateBuilder<int>(exits.Length);
        for (var e = 0; e < exits.Length; e++)
        {
            behind[exits[e].After] = e;
            Heads = Heads.Add(Head(e));
            heads.Add(values);
            values = checked(values + Heads[e].Values);
        }

        (_exitBehind, _heads, _tape) = ([.. behind], heads.ToImmutable(), [0]);
        for (var i = 0; i < layers.Length; i++)
        {
            var head = behind[i] < 0 ? 0 : Heads[behind[i]].TapeValues + (2 * classes);
            _tape = _tape.Add(checked(_tape[i] + Trunk.Boundaries[i].Size + Trunk.Plans[i].TapeValues + head));
        }
    }

    internal Chain Trunk { get; }

    internal ImmutableArray<Exit> Exits { get; }

    internal ImmutableArray<LayerPlan> Heads { get; } = [];

    /// <summary>All values.</summary>
    internal int Values => _heads[^1] + Heads[^1].Values;

    /// <summary>Names, kinds and lengths of all slices, in order.</summary>
    internal IEnumerable<(string Name, SliceKind Kind, int Length)> Slices()
    {
        for (var i = 0; i < Trunk.Layers.Length; i++)
        {
            foreach (var (name, kind, length) in Trunk.Plans[i].Slices)
            {
                var isScale = Trunk.Layers[i] is Scale && i == 0;
                if (!isScale && IsScale(name)) { throw new ArgumentException($"layer {i}: scale can only be the first layer"); }
                yield return (isScale ? name : $"{i}.{name}", kind, length);
            }
        }

        for (var e = 0; e < Exits.Length; e++)
        {
            foreach (var (name, kind, length) in Heads[e].Slices)
            {
                if (IsScale(name)) { throw new ArgumentException($"exit {e}: scale can only be the first layer of the network"); }
                yield return ($"exit{e}.{name}", kind, length);
            }
        }
    }

    /// <summary>[e] is the multiply-adds of a row that leaves at exit e: the trunk so far and the heads up to there.</summary>
    internal ImmutableArray<long> MultiplyAddsTo()
    {
        var (result, sum) = (ImmutableArray.CreateBuilder<long>(Exits.Length), 0L);
        for (var i = 0; i < Trunk.Layers.Length; i++)
        {
            sum += Trunk.Plans[i].MultiplyAdds;
            if (_exitBehind[i] is >= 0 and var exit) { result.Add(sum += Heads[exit].MultiplyAdds); }
        }

        return result.ToImmutable();
    }

    /// <summary>Values that a row takes on the tape of layers [from, to).</summary>
    internal int TapeValues(int from, int to) => _tape[to] - _tape[from] + Trunk.Boundaries[to].Size;

    /// <summary>Fills all values at the start, in their order.</summary>
    internal void Initialize(Span<float> values, RandomStream random)
    {
        Trunk.Initialize(values, random);
        for (var e = 0; e < Exits.Length; e++)
        {
            Exits[e].Head.Initialize(Trunk.Boundaries[Exits[e].After + 1], Head(e, values), random);
        }
    }

    /// <summary>Throws unless layers [from, to) can run on arguments of these lengths.</summary>
    internal void Check(int from, int to, int rows, int weights, int inputs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(to, Trunk.Layers.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(from, to);
        Expect(Values, weights, "weights");
        Expect(checked(rows * Trunk.Boundaries[from].Size), inputs, "inputs");
    }

    /// <summary>Throws unless a tape's range can be gone back on arguments of these lengths; 0 where one may be empty.</summary>
    internal void Check(Tape tape, int weights, int outputGradients, int gradients, int inputGradients)
    {
        Expect(Values, weights, "weights");
        Expect(Values, gradients, "gradients");
        if (outputGradients > 0) { Expect(tape.Rows * Trunk.Boundaries[tape.To].Size, outputGradients, "output gradients"); }
        if (inputGradients > 0) { Expect(tape.Rows * Trunk.Boundaries[tape.From].Size, inputGradients, "input gradients"); }
    }

    /// <summary>The exit behind a layer; below 0 if there is none.</summary>
    internal int ExitBehind(int layer) => _exitBehind[layer];

    /// <summary>The first of a head's values.</summary>
    internal int HeadOffset(int exit) => _heads[exit];

    /// <summary>A head's part of the flat values.</summary>
    internal Span<float> Head(int exit, Span<float> values) => values.Slice(_heads[exit], Heads[exit].Values);

    /// <summary>A head's part of the flat values.</summary>
    internal ReadOnlySpan<float> Head(int exit, ReadOnlySpan<float> values) => values.Slice(_heads[exit], Heads[exit].Values);

    /// <summary>Begins a batch on a tape.</summary>
    internal void Begin(Network network, Tape tape, int from, int to, int rows)
    {
        var outputs = checked((_tape[to] - _tape[from]) * rows);
        tape.Begin(network, from, to, rows, checked(outputs + (Trunk.Boundaries[to].Size * rows)), outputs);
    }

    /// <summary>The activations at a boundary, <c>[rows, boundary]</c>.</summary>
    internal Span<float> Activations(Tape tape, int boundary) => Part(tape, boundary, 0, Trunk.Boundaries[boundary].Size);

    /// <summary>A layer's own part.</summary>
    internal Span<float> Layer(Tape tape, int layer) => Part(tape, layer, Trunk.Boundaries[layer].Size, Trunk.Plans[layer].TapeValues);

    /// <summary>The own part of a head.</summary>
    internal Span<float> Head(Tape tape, int exit) => Part(tape, Exits[exit].After, HeadAt(exit), Heads[exit].TapeValues);

    /// <summary>The scores of an exit, <c>[rows, classes]</c>.</summary>
    internal Span<float> Logits(Tape tape, int exit) => Part(tape, Exits[exit].After, HeadAt(exit) + Heads[exit].TapeValues, _classes);

    /// <summary>The gradient of the scores of an exit, <c>[rows, classes]</c>.</summary>
    internal Span<float> LogitGradients(Tape tape, int exit) =>
        Part(tape, Exits[exit].After, HeadAt(exit) + Heads[exit].TapeValues + _classes, _classes);

    /// <summary>Scratch values of a pass through layers [from, to) and the exits behind them.</summary>
    internal int Scratch(int from, int to, int rows)
    {
        var scratch = Trunk.Scratch(from, to, rows);
        for (var i = from; i < to; i++)
        {
            if (_exitBehind[i] is >= 0 and var exit) { scratch = Math.Max(scratch, Heads[exit].Scratch(rows)); }
        }

        return scratch;
    }

    /// <summary>Input, layers and exits in their order: all that tells two structures apart.</summary>
    public override string ToString()
    {
        var parts = new List<string>();
        for (var i = 0; i < Trunk.Layers.Length; i++)
        {
            parts.Add(Trunk.Layers[i].ToString());
            if (_exitBehind[i] is >= 0 and var exit) { parts.Add(Exits[exit].ToString()); }
        }

        return $"network {Trunk.Boundaries[0]}: {string.Join(", ", parts)}";
    }

    /// <summary>Throws unless there are as many as expected.</summary>
    internal static void Expect(int expected, int got, string what)
    {
        if (got != expected) { throw new ArgumentException($"expected {expected} {what}, got {got}"); }
    }

    private static bool IsScale(string name) =>
        name == ModelPlan.ScaleMean || name.EndsWith($".{ModelPlan.ScaleMean}", StringComparison.Ordinal);

    private int HeadAt(int exit) => Trunk.Boundaries[Exits[exit].After].Size + Trunk.Plans[Exits[exit].After].TapeValues;

    private Span<float> Part(Tape tape, int layer, int at, int length) =>
        tape.Part((_tape[layer] - _tape[tape.From] + at) * tape.Rows, length * tape.Rows);

    private void Check()
    {
        if (Exits.IsDefaultOrEmpty) { throw new ArgumentException("expected at least one exit, got none"); }
        var before = -1;
        for (var e = 0; e < Exits.Length; e++)
        {
            var exit = Exits[e] ?? throw new ArgumentException($"exit {e} is null");
            if (exit.After <= before || exit.After >= Trunk.Layers.Length)
            {
                throw new ArgumentException(
                    $"exit {e}: expected a place behind a layer from {before + 1} to {Trunk.Layers.Length - 1}, got {exit.After}");
            }

            if (!(exit.LossWeight >= 0 && float.IsFinite(exit.LossWeight)))
            {
                throw new ArgumentException($"exit {e}: expected a loss weight of at least 0, got {exit.LossWeight}");
            }

            before = exit.After;
        }

        if (before != Trunk.Layers.Length - 1)
        {
            throw new ArgumentException($"expected the last exit behind layer {Trunk.Layers.Length - 1}, got it behind layer {before}");
        }
    }

    private LayerPlan Head(int exit)
    {
        var plan = Chain.Plan(Exits[exit].Head, Trunk.Boundaries[Exits[exit].After + 1], $"head of exit {exit}");
        return plan.Output == new Shape(_classes)
            ? plan
            : throw new ArgumentException($"head of exit {exit}: expected outputs {new Shape(_classes)}, got {plan.Output}");
    }
}
