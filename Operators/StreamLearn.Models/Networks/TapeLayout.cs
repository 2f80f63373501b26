namespace StreamLearn.Models;

/// <summary>Where everything of layers [From, To) lies on a tape, and what is not kept there.</summary>
/// <remarks>
/// A boundary is on the tape if a layer or head reads it backward, or if it is what the range gives to the next one; the others pass
/// through two buffers of the forward pass. Tape: for every layer its inputs, if they are kept, and its own part; then, of the exit after
/// it, the head's part, scores and their gradient. Layers that nobody goes back through in training run as inference, some rows at a time.
/// </remarks>
internal sealed class TapeLayout
{
    private const int RowsAtOnce = 4;       // of layers that run as inference: few, so that they take less memory than those that learn

    private readonly NetworkLayout _network;
    private readonly bool _isStep;
    private readonly int[] _boundaries;     // [b − From] is the place on the tape of a row; below 0: ~buffer
    private readonly int[] _layers;         // [i − From] is the place of the layer's own part
    private readonly int[] _exits;          // [e] is the place of the head's own part
    private readonly int[] _buffers = [0, 0];
    private readonly int _prefix;           // values of scratch of layers that run as inference, for RowsAtOnce rows

    /// <summary>Lays a range out; a step wants no gradient of the features, a part of one may be asked for that of its inputs.</summary>
    internal TapeLayout(NetworkLayout network, int from, int to, bool isStep)
    {
        (_network, From, To, _isStep) = (network, from, to, isStep);
        Inferred = Math.Clamp(network.Lowest, from, to);
        Lowest = isStep ? network.Trunk.FirstTrained(from, to) : Inferred;
        (_boundaries, _layers, _exits) = (new int[to - from + 1], new int[to - from], new int[network.Exits.Length]);
        var (boundaries, buffer) = (network.Trunk.Boundaries, 0);
        for (var b = from; b <= to; b++)
        {
            _boundaries[b - from] = Values;
            if (Keeps(b)) { Values = checked(Values + boundaries[b].Size); }
            else
            {
                _boundaries[b - from] = ~buffer;
                if (b > from && IsWhole(b)) { (_buffers[buffer], buffer) = (Math.Max(_buffers[buffer], boundaries[b].Size), 1 - buffer); }
            }

            if (b == to) { continue; }
            _layers[b - from] = Values;
            Values = checked(Values + (b < Inferred ? 0 : network.Trunk.Plans[b].TapeValues));
            if (network.ExitAfter(b) is not (>= 0 and var exit)) { continue; }
            _exits[exit] = Values;
            Values = checked(Values + HeadTape(exit) + (2 * network.Classes));
        }

        for (var i = from; i < Inferred; i = Next(i)) { _prefix = Math.Max(_prefix, Prefix(i, Next(i), RowsAtOnce)); }
    }

    internal int From { get; }

    internal int To { get; }

    /// <summary>Layers below this one run as inference.</summary>
    internal int Inferred { get; }

    /// <summary>The lowest layer that a backward pass may go through; the end of the range if none.</summary>
    internal int Lowest { get; }

    /// <summary>Values of a row.</summary>
    internal int Values { get; }

    /// <summary>Values of a row at the widest boundary whose gradient is asked for.</summary>
    internal int Widest => Lowest == To ? 0 : _network.Trunk.Widest(Lowest + 1, To);

    /// <summary>Whether a head is gone back through.</summary>
    internal bool GoesBack(int exit) => _network.IsTrained(exit) || _network.Exits[exit].After >= Lowest;

    /// <summary>Whether a head writes a tape.</summary>
    internal bool Trains(int exit) => _network.IsTrained(exit) || _network.Exits[exit].After >= Inferred;

    /// <summary>Whether a boundary is on the tape; the features of a step are not: they are still at hand when it goes back.</summary>
    internal bool Keeps(int boundary) => (boundary > From || !_isStep) && (
        (boundary == To && To < _network.Trunk.Layers.Length)
        || (boundary < To && boundary >= Lowest && _network.Trunk.Plans[boundary].ReadsInputs)
        || (boundary > From && boundary > Lowest && _network.Trunk.Plans[boundary - 1].ReadsOutputs)
        || (boundary > From && _network.ExitAfter(boundary - 1) is >= 0 and var exit && GoesBack(exit)
            && _network.Heads[exit].ReadsInputs));

    /// <summary>The layer after those that run in one call: one layer, or all up to the next exit where they run as inference.</summary>
    internal int Next(int layer)
    {
        var next = layer + 1;
        while (!IsWhole(next)) { next++; }
        return next;
    }

    /// <summary>Scratch values of a forward pass: two buffers, and what layers ask for.</summary>
    internal int ForwardScratch(int rows)
    {
        var scratch = rows < RowsAtOnce ? 0 : _prefix;
        for (var i = From; i < Inferred && rows < RowsAtOnce; i = Next(i)) { scratch = Math.Max(scratch, Prefix(i, Next(i), rows)); }
        scratch = Math.Max(scratch, _network.Trunk.Scratch(Inferred, To, rows));
        for (var i = From; i < To; i++)
        {
            if (_network.ExitAfter(i) is >= 0 and var exit) { scratch = Math.Max(scratch, _network.Heads[exit].Scratch(rows)); }
        }

        return checked(Buffers(rows) + scratch);
    }

    /// <summary>Scratch values of a backward pass: two gradients, and what layers ask for.</summary>
    internal int BackwardScratch(int rows)
    {
        var scratch = _network.Trunk.Scratch(Lowest, To, rows);
        for (var i = From; i < To; i++)
        {
            if (_network.ExitAfter(i) is >= 0 and var exit && GoesBack(exit))
            {
                scratch = Math.Max(scratch, _network.Heads[exit].Scratch(rows));
            }
        }

        return checked((2 * rows * Widest) + scratch);
    }

    /// <summary>Bytes of a batch: tape and scratch.</summary>
    internal long Bytes(int rows) => 4L * (((long)rows * Values) + Math.Max(ForwardScratch(rows), BackwardScratch(rows)));

    /// <summary>Values of the two buffers of a forward pass.</summary>
    internal int Buffers(int rows) => rows * (_buffers[0] + _buffers[1]);

    /// <summary>Activations at a boundary, <c>[rows, boundary]</c>, on the tape or in a buffer.</summary>
    internal Span<float> Activations(Tape tape, int boundary, Span<float> buffers)
    {
        var (at, length) = (_boundaries[boundary - From], _network.Trunk.Boundaries[boundary].Size * tape.Rows);
        return at >= 0 ? tape.Part(at * tape.Rows, length) : buffers.Slice(at == ~0 ? 0 : _buffers[0] * tape.Rows, length);
    }

    /// <summary>What a layer reads of its inputs backward, of a step's first layer the features; empty if nothing.</summary>
    internal ReadOnlySpan<float> Inputs(Tape tape, int layer, ReadOnlySpan<float> features)
    {
        if (!_network.Trunk.Plans[layer].ReadsInputs) { return []; }
        return layer == From && _isStep ? features : Activations(tape, layer, []);
    }

    /// <summary>What a layer reads of its outputs backward; empty if nothing.</summary>
    internal Span<float> Outputs(Tape tape, int layer) =>
        _network.Trunk.Plans[layer].ReadsOutputs ? Activations(tape, layer + 1, []) : [];

    /// <summary>What a head reads of its inputs backward; empty if nothing.</summary>
    internal Span<float> HeadInputs(Tape tape, int exit) =>
        _network.Heads[exit].ReadsInputs ? Activations(tape, _network.Exits[exit].After + 1, []) : [];

    /// <summary>A layer's own part.</summary>
    internal Span<float> Layer(Tape tape, int layer) =>
        tape.Part(_layers[layer - From] * tape.Rows, (layer < Inferred ? 0 : _network.Trunk.Plans[layer].TapeValues) * tape.Rows);

    /// <summary>The own part of a head.</summary>
    internal Span<float> Head(Tape tape, int exit) => tape.Part(_exits[exit] * tape.Rows, HeadTape(exit) * tape.Rows);

    /// <summary>The place of an exit's scores, and after them of their gradient, on the tape of a row.</summary>
    internal int Scores(int exit) => _exits[exit] + HeadTape(exit);

    /// <summary>Values of a row that a layer has on the tape: its inputs, if they are kept, and its own part.</summary>
    internal int LayerValues(int layer) => (Keeps(layer) ? _network.Trunk.Boundaries[layer].Size : 0)
        + (layer < Inferred ? 0 : _network.Trunk.Plans[layer].TapeValues);

    /// <summary>Values of a row that an exit has on the tape: the head's own part, scores and their gradient.</summary>
    internal int ExitValues(int exit) => HeadTape(exit) + (2 * _network.Classes);

    /// <summary>Runs layers [layer, next) as inference, some rows at a time: inputs [rows, layer] → outputs [rows, next].</summary>
    internal void Infer(int layer, int next, ReadOnlySpan<float> weights, ReadOnlySpan<float> inputs, Span<float> outputs, int rows,
        Span<float> scratch)
    {
        var trunk = _network.Trunk;
        var (before, behind) = (trunk.Boundaries[layer].Size, trunk.Boundaries[next].Size);
        for (var r = 0; r < rows; r += RowsAtOnce)
        {
            var count = Math.Min(RowsAtOnce, rows - r);
            trunk.Infer(weights, layer, next, inputs.Slice(r * before, count * before), count, outputs.Slice(r * behind, count * behind),
                scratch);
        }
    }

    /// <summary>Whether all rows of a boundary are there at one time.</summary>
    private bool IsWhole(int boundary) => boundary >= Inferred || _network.ExitAfter(boundary - 1) >= 0;

    private int HeadTape(int exit) => Trains(exit) ? _network.Heads[exit].TapeValues : 0;

    private int Prefix(int from, int to, int rows) =>
        checked((2 * rows * _network.Trunk.Widest(from, to)) + _network.Trunk.Scratch(from, to, rows));
}
