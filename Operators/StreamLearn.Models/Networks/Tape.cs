namespace StreamLearn.Models;

/// <summary>What a forward pass leaves for its backward pass: one batch in flight. Reused from batch to batch without allocating.</summary>
/// <remarks>State: activations and the gradients under way; a copy of the weights where they were pinned.</remarks>
public sealed class Tape : ISplitTape
{
    private Memory<float> _values;
    private Memory<float> _scratch;
    private Memory<float> _weights;
    private TapeLayout? _layout;
    private int _forward;       // values of scratch
    private int _backward;
    private bool _pinned;

    /// <summary>Rows of the batch; 0 before the first one.</summary>
    public int Rows { get; private set; }

    /// <summary>
    /// Number of the batch, which names the random numbers of layers that draw: to be set before the forward pass. Default 0.
    /// </summary>
    public long Number { get; set; }

    /// <summary>
    /// Activations at the end of the range of layers, <c>[rows, boundary]</c>; valid until the next forward pass. Empty after the last
    /// layer, where the exits have the answers.
    /// </summary>
    public ReadOnlySpan<float> Outputs =>
        _layout is null || To == Network!.Layers.Length ? [] : _layout.Activations(this, To, []);

    /// <summary>The second thread of steps with this tape; null for one thread.</summary>
    internal SecondThread? Second { get; init; }

    /// <summary>The network whose batches it is for, where that is known beforehand.</summary>
    internal Network? Made { get; init; }

    /// <summary>The network that wrote the tape.</summary>
    internal Network? Network { get; private set; }

    /// <summary>Where things lie.</summary>
    internal TapeLayout Layout => _layout ?? throw new InvalidOperationException("expected a tape that was written");

    /// <summary>The first layer of the range.</summary>
    internal int From => _layout?.From ?? 0;

    /// <summary>The layer after the range.</summary>
    internal int To => _layout?.To ?? 0;

    /// <summary>Bytes reserved so far.</summary>
    internal long ReservedBytes => 4L * (_values.Length + _scratch.Length + _weights.Length);

    /// <summary>The weights that the forward pass ran with, if they were pinned; empty if not.</summary>
    public ReadOnlySpan<float> Pinned => _pinned ? _weights.Span : [];

    /// <summary>The scores that an exit of the range gave, <c>[rows, classes]</c>; valid until the next forward pass.</summary>
    /// <param name="exit">The exit, from 0.</param>
    /// <exception cref="InvalidOperationException">No forward pass has written the tape.</exception>
    public ReadOnlySpan<float> Scores(int exit) => Network is { } network
        ? network.Layout.Logits(this, exit)
        : throw new InvalidOperationException("expected a tape that was written");

    /// <inheritdoc />
    void ISplitTape.State(ref StateStream s, int maxRows) => State(ref s, Made!, maxRows);

    /// <summary>Writes or reads the batch in flight.</summary>
    /// <param name="s">The state.</param>
    /// <param name="network">The network that wrote it.</param>
    /// <param name="maxRows">Rows of a batch at most.</param>
    /// <exception cref="StateException">It is of another network, or of more rows.</exception>
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

    /// <summary>Begins a batch.</summary>
    internal void Begin(Network network, TapeLayout layout, int rows)
    {
        if (layout != _layout || rows != Rows) { (_forward, _backward) = (layout.ForwardScratch(rows), layout.BackwardScratch(rows)); }
        (Network, _layout, Rows, _pinned) = (network, layout, rows, false);
        Grow(ref _values, checked(layout.Values * rows));
    }

    /// <summary>Keeps a copy of the weights.</summary>
    internal void Pin(ReadOnlySpan<float> weights)
    {
        if (_weights.Length != weights.Length) { _weights = Aligned.Values(weights.Length); }
        weights.CopyTo(_weights.Span);
        _pinned = true;
    }

    /// <summary>A part of the tape.</summary>
    internal Span<float> Part(int at, int length) => _values.Span.Slice(at, length);

    /// <summary>Memory of undefined content for a forward pass.</summary>
    internal Span<float> ForwardScratch() => Scratch(_forward);

    /// <summary>Memory of undefined content for a backward pass.</summary>
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
