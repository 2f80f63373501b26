using System.Collections.Concurrent;

namespace StreamLearn.Models;

internal sealed class NetworkLayout
{
    private const int MinRowsOfTape = 8;
    private const int TapeInCache = 1 << 17;            // 512 KiB

    private readonly ImmutableArray<int> _exitAfter;
    private readonly ImmutableArray<int> _heads;        // [e]: the first value of head e
    private readonly ConcurrentDictionary<(int From, int To), TapeLayout> _tapes = new();       // created on first use
    private TapeLayout? _step;
    private int _rowsOfTape;

    internal NetworkLayout(Shape input, int classes, ImmutableArray<Layer> layers, ImmutableArray<Exit> exits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        (Trunk, Exits, Classes) = (new(input, layers), exits, classes);
        ExitPlaces.Check(exits, layers.Length);
        var (behind, values) = (new int[layers.Length], Trunk.Offsets[^1]);
        Array.Fill(behind, -1);
        var (plans, heads) = (new LayerPlan[exits.Length], new int[exits.Length]);
        for (var e = 0; e < exits.Length; e++)
        {
            (behind[exits[e].After], plans[e], heads[e]) = (e, ExitPlaces.Plan(exits[e], e, Trunk, classes), values);
            values = ModelPlan.Sum(values, plans[e].Values);
        }

        (_exitAfter, _heads, Heads) = ([.. behind], [.. heads], [.. plans]);
    }

    /// <summary>Keeps the number of rows per pass, so that a mask never needs more memory.</summary>
    private NetworkLayout(NetworkLayout source, TrainableMask mask)
    {
        _rowsOfTape = source.RowsOfTape;
        (Exits, Classes, _exitAfter, _heads) = (source.Exits, source.Classes, source._exitAfter, source._heads);
        Trunk = Mask(false);
        Heads = [.. source.Heads.Select((_, e) => Head(e, false))];
        if (Slices().Any(s => s.Kind == SliceKind.Frozen))
        {
            IsMasked = true;
            Lowest = Trunk.FirstTrained(0, Trunk.Layers.Length);
            Trunk = Mask(true);
            Heads = [.. source.Heads.Select((_, e) => Head(e, Exits[e].After < Lowest))];
        }

        if (Lowest == Trunk.Layers.Length && !Enumerable.Range(0, Exits.Length).Any(IsTrained))
        {
            throw new ArgumentException($"expected trainable layers, got none in {source} with mask {mask}", nameof(mask));
        }

        LayerChain Mask(bool isLowest) => source.Trunk.Masked((layer, name) => mask.Trains(name, layer), isLowest);

        LayerPlan Head(int exit, bool isLowest) => Exits[exit].Head.Masked(source.Heads[exit],
            source.Trunk.Boundaries[Exits[exit].After + 1], name => mask.Trains(name, null), isLowest);
    }

    internal LayerChain Trunk { get; }

    internal ImmutableArray<Exit> Exits { get; }

    internal ImmutableArray<LayerPlan> Heads { get; }

    internal int Classes { get; }

    /// <summary>Layers below this one run as inference; 0 without a mask.</summary>
    internal int Lowest { get; }

    internal bool IsMasked { get; }

    internal TapeLayout Step => _step ??= new(this, 0, Trunk.Layers.Length, isStep: true);

    internal int RowsOfTape
    {
        get
        {
            if (_rowsOfTape == 0)
            {
                var mixes = Trunk.Plans.Any(static plan => plan.MixesRows) || Heads.Any(static plan => plan.MixesRows);
                _rowsOfTape = mixes ? int.MaxValue : Math.Max(MinRowsOfTape, TapeInCache / Math.Max(1, Step.Values) / 8 * 8);
            }

            return _rowsOfTape;
        }
    }

    internal int Values => _heads[^1] + Heads[^1].Values;

    internal IEnumerable<(string Name, SliceKind Kind, int Length)> Slices() => NetworkNames.Slices(this);

    internal ImmutableArray<long> MultiplyAddsTo()
    {
        var (result, sum) = (ImmutableArray.CreateBuilder<long>(Exits.Length), 0L);
        for (var i = 0; i < Trunk.Layers.Length; i++)
        {
            sum += Trunk.Plans[i].MultiplyAdds;
            if (_exitAfter[i] is >= 0 and var exit) { result.Add(sum += Heads[exit].MultiplyAdds); }
        }

        return result.ToImmutable();
    }

    internal TapeLayout Tape(int from, int to) =>
        _tapes.TryGetValue((from, to), out var tape) ? tape : _tapes.GetOrAdd((from, to), new TapeLayout(this, from, to, isStep: false));

    internal NetworkLayout Masked(TrainableMask mask) => new(this, mask);

    internal bool IsTrained(int exit) => Heads[exit].Has(SliceKind.Trained);

    internal void Initialize(Span<float> values, RandomStream random)
    {
        Trunk.Initialize(values, random);
        for (var e = 0; e < Exits.Length; e++) { Exits[e].Head.Initialize(Trunk.Boundaries[Exits[e].After + 1], Head(e, values), random); }
    }

    internal void Check(int from, int to, int rows, int weights, int inputs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(to, Trunk.Layers.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(from, to);
        Expect(Values, weights, "weights");
        Expect(checked(rows * Trunk.Boundaries[from].Size), inputs, "inputs");
    }

    /// <summary>Checks the tape and lengths. A length is 0 where a span may be empty.</summary>
    internal void Check(Tape tape, int weights, int outputGradients, int gradients, int inputGradients)
    {
        Expect(Values, weights, "weights");
        Expect(Values, gradients, "gradients");
        if (outputGradients > 0) { Expect(tape.Rows * Trunk.Boundaries[tape.To].Size, outputGradients, "output gradients"); }
        if (inputGradients > 0) { Expect(tape.Rows * Trunk.Boundaries[tape.From].Size, inputGradients, "input gradients"); }
    }

    /// <summary>Returns the exit after a layer; negative if there is none.</summary>
    internal int ExitAfter(int layer) => _exitAfter[layer];

    internal int LayerOf(int value)
    {
        var at = 0;
        if (value >= _heads[0])
        {
            while (at < _heads.Length - 1 && value >= _heads[at + 1]) { at++; }
            return Exits[at].After;
        }

        while (value >= Trunk.Offsets[at + 1]) { at++; }
        return at;
    }

    internal int HeadOffset(int exit) => _heads[exit];

    internal Span<float> Head(int exit, Span<float> values) => values.Slice(_heads[exit], Heads[exit].Values);

    internal ReadOnlySpan<float> Head(int exit, ReadOnlySpan<float> values) => values.Slice(_heads[exit], Heads[exit].Values);

    internal Span<float> Logits(Tape tape, int exit) => tape.Part(tape.Layout.Scores(exit) * tape.Rows, Classes * tape.Rows);

    internal Span<float> LogitGradients(Tape tape, int exit) =>
        tape.Part((tape.Layout.Scores(exit) + Classes) * tape.Rows, Classes * tape.Rows);

    public override string ToString() => NetworkNames.Structure(this);

    internal static void Expect(int expected, int got, string what)
    {
        if (got != expected) { throw new ArgumentException($"expected {expected} {what}, got {got}"); }
    }
}
