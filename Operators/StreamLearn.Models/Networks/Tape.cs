namespace StreamLearn.Models;

/// <summary>The forward state of a batch in flight, for its backward pass. It can be reused without allocating.</summary>
/// <remarks>State: activations and gradients; a copy of the weights if pinned.</remarks>
public sealed class Tape : ISplitTape
{
    private Memory<float> _values;
    private Memory<float> _scratch;
    private Memory<float> _weights;
    private TapeLayout? _layout;
    private int _forward;       // scratch values
    private int _backward;
    private bool _pinned;

    /// <summary>Rows in the batch; 0 before the first one.</summary>
    public int Rows { get; private set; }

    /// <summary>Batch number, which seeds random numbers; set before the forward pass. Default 0.</summary>
    public long Number { get; set; }

    /// <summary>Final activations, <c>[rows, boundary]</c>, until the next forward pass; empty after the last layer.</summary>
    public ReadOnlySpan<float> Outputs => _layout is null || To == Network!.Layers.Length ? [] : _layout.Activations(this, To, []);

    internal SecondThread? Second { get; init; }

    internal Network? Made { get; init; }

    internal Network? Network { get; private set; }

    internal TapeLayout Layout => _layout ?? throw new InvalidOperationException("expected a tape that was written");

    internal int From => _layout?.From ?? 0;

    internal int To => _layout?.To ?? 0;

    internal long ReservedBytes => 4L * (_values.Length + _scratch.Length + _weights.Length);

    /// <summary>Copied (pinned) weights of the forward pass; empty: none.</summary>
    public ReadOnlySpan<float> Pinned => _pinned ? _weights.Span : [];

    /// <summary>Returns an exit's scores, <c>[rows, classes]</c>; valid until the next forward pass.</summary>
    /// <param name="exit">The exit, from 0.</param>
    /// <exception cref="InvalidOperationException">No forward pass has written to the tape.</exception>
    public ReadOnlySpan<float> Scores(int exit) => Network is { } network
        ? network.Layout.Logits(this, exit)
        : throw new InvalidOperationException("expected a tape that was written");

    void ISplitTape.State(ref StateStream s, int maxRows) => State(ref s, Made!, maxRows);

    /// <summary>Saves or restores the batch in flight.</summary>
    /// <param name="s">The state.</param>
    /// <param name="network">The network that wrote to the tape.</param>
    /// <param name="maxRows">Maximum number of rows in a batch.</param>
    /// <exception cref="StateException">The state is of another network, or has more rows.</exception>
    public void State(ref StateStream s, Network network, int maxRows)
    {
        ArgumentNullException.ThrowIfNull(network);
        var rows = s.Value(Rows, 0, maxRows);
        if (rows == 0) { return; }
        var from = s.Value(From, 0, network.Layers.Length - 1);
        var to = s.Value(To, from + 1, network.Layers.Length);
        if (s.IsReading) { Begin(network, network.Layout.Tape(from, to), rows); }
        Number = s.Value(Number);
        s.Values(Part(0, Layout.Values * Rows));
        var pinned = s.Array(Pinned, network.Plan.Values);
        if (pinned.Length == network.Plan.Values) { Pin(pinned); }
        else if (pinned.Length > 0) { throw new StateException($"expected {network.Plan.Values} values, got {pinned.Length}"); }
    }

    internal void Begin(Network network, TapeLayout layout, int rows)
    {
        if (layout != _layout || rows != Rows) { (_forward, _backward) = (layout.ForwardScratch(rows), layout.BackwardScratch(rows)); }
        (Network, _layout, Rows, _pinned) = (network, layout, rows, false);
        Grow(ref _values, checked(layout.Values * rows));
    }

    internal void Pin(ReadOnlySpan<float> weights)
    {
        if (_weights.Length != weights.Length) { _weights = Aligned.Values(weights.Length); }
        weights.CopyTo(_weights.Span);
        _pinned = true;
    }

    internal Span<float> Part(int at, int length) => _values.Span.Slice(at, length);

    /// <summary>Scratch memory with undefined content.</summary>
    internal Span<float> ForwardScratch() => Scratch(_forward);

    internal Span<float> BackwardScratch() => Scratch(_backward);

    private Span<float> Scratch(int length)
    {
        Grow(ref _scratch, length);
        return _scratch.Span[..length];
    }

    private static void Grow(ref Memory<float> values, int length)
    {
        if (values.Length < length) { values = Aligned.Values(length); }
    }
}
