namespace StreamLearn.Models;

/// <summary>Tape layout of layers [From, To).</summary>
/// <remarks>Keeps boundaries that are read backward or end the range; others use two forward buffers. Order: per layer kept inputs, own
/// part; then its exit's head part, scores and their gradient. Layers without backward pass run as inference, a few rows at once.</remarks>
internal sealed class TapeLayout
{
    private const int RowsAtOnce = 4;       // few rows for layers in inference mode, so that they need less memory than trained ones

    private readonly NetworkLayout _network;
    private readonly bool _isStep;
    private readonly int[] _boundaries;     // [b − From]: offset on the tape of a row; negative: ~buffer
    private readonly int[] _layers;         // [i − From]: offset of the layer's own part
    private readonly int[] _exits;          // [e]: offset of the head's own part
    private readonly int[] _buffers = [0, 0];
    private readonly int _prefix;           // scratch values of layers in inference mode, for RowsAtOnce rows

    /// <summary>A step needs no gradient of features; a part of a step may need it.</summary>
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

    /// <summary>Lowest layer in the backward pass; the end of the range if there is none.</summary>
    internal int Lowest { get; }

    internal int Values { get; }

    internal int Widest => Lowest == To ? 0 : _network.Trunk.Widest(Lowest + 1, To);

    internal bool GoesBack(int exit) => _network.IsTrained(exit) || _network.Exits[exit].After >= Lowest;

    internal bool Trains(int exit) => _network.IsTrained(exit) || _network.Exits[exit].After >= Inferred;

    internal bool Keeps(int boundary) => (boundary > From || !_isStep) && (
        (boundary == To && To < _network.Trunk.Layers.Length)
        || (boundary < To && boundary >= Lowest && _network.Trunk.Plans[boundary].ReadsInputs)
        || (boundary > From && boundary > Lowest && _network.Trunk.Plans[boundary - 1].ReadsOutputs)
        || (boundary > From && _network.ExitAfter(boundary - 1) is >= 0 and var exit && GoesBack(exit)
            && _network.Heads[exit].ReadsInputs));

    /// <summary>Returns the end of one call: after one layer, or after all layers up to the next exit if they run as inference.</summary>
    internal int Next(int layer)
    {
        var next = layer + 1;
        while (!IsWhole(next)) { next++; }
        return next;
    }

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

    internal long Bytes(int rows) => 4L * (((long)rows * Values) + Math.Max(ForwardScratch(rows), BackwardScratch(rows)));

    internal int Buffers(int rows) => rows * (_buffers[0] + _buffers[1]);

    internal Span<float> Activations(Tape tape, int boundary, Span<float> buffers)
    {
        var (at, length) = (_boundaries[boundary - From], _network.Trunk.Boundaries[boundary].Size * tape.Rows);
        return at >= 0 ? tape.Part(at * tape.Rows, length) : buffers.Slice(at == ~0 ? 0 : _buffers[0] * tape.Rows, length);
    }

    /// <summary>Returns a layer's inputs; empty if nothing reads them.</summary>
    internal ReadOnlySpan<float> Inputs(Tape tape, int layer, ReadOnlySpan<float> features)
    {
        if (!_network.Trunk.Plans[layer].ReadsInputs) { return []; }
        return layer == From && _isStep ? features : Activations(tape, layer, []);
    }

    internal Span<float> Outputs(Tape tape, int layer) => _network.Trunk.Plans[layer].ReadsOutputs ? Activations(tape, layer + 1, []) : [];

    /// <summary>Returns the inputs of an exit's head; empty if nothing reads them.</summary>
    internal Span<float> HeadInputs(Tape tape, int exit) =>
        _network.Heads[exit].ReadsInputs ? Activations(tape, _network.Exits[exit].After + 1, []) : [];

    internal Span<float> Layer(Tape tape, int layer) =>
        tape.Part(_layers[layer - From] * tape.Rows, (layer < Inferred ? 0 : _network.Trunk.Plans[layer].TapeValues) * tape.Rows);

    internal Span<float> Head(Tape tape, int exit) => tape.Part(_exits[exit] * tape.Rows, HeadTape(exit) * tape.Rows);

    internal int Scores(int exit) => _exits[exit] + HeadTape(exit);

    internal int LayerValues(int layer) => (Keeps(layer) ? _network.Trunk.Boundaries[layer].Size : 0)
        + (layer < Inferred ? 0 : _network.Trunk.Plans[layer].TapeValues);

    internal int ExitValues(int exit) => HeadTape(exit) + (2 * _network.Classes);

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

    private bool IsWhole(int boundary) => boundary >= Inferred || _network.ExitAfter(boundary - 1) >= 0;

    private int HeadTape(int exit) => Trains(exit) ? _network.Heads[exit].TapeValues : 0;

    private int Prefix(int from, int to, int rows) =>
        checked((2 * rows * _network.Trunk.Widest(from, to)) + _network.Trunk.Scratch(from, to, rows));
}
