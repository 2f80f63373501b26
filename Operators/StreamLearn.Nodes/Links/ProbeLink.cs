namespace StreamLearn.Nodes;

public static partial class NodesFlowExtensions
{
    /// <summary>Measures the link of this device: sends a probe when there is no recent estimate, and computes the rate from its
    /// echo.</summary>
    /// <remarks> Shape: echoes in; regular transfers (<see cref="LinkTransfer"/>) on the control input, <c>ControlledBy</c>, save probes.
    /// State: the open probe, the next due time, the best repeat. Cost: a probe each way per freshness period, plus
    /// <paramref name="repeats"/>. Emits: probes (main), estimates (side): 2 · 8 · bytes / round-trip time of the best probe, 8
    /// · bytes / time of a transfer, 0 without an echo. It never ends by itself: drain or stop the run, or limit its time. Counts:
    /// <c>probes-lost</c>. Drops: echoes <c>other-device</c>, <c>epoch</c>, <c>no-echo</c>, <c>late</c> (no longer awaited); transfers
    /// <c>small</c>. Source: probe and echo, the project's message table. </remarks>
    /// <param name="echoes">The returned probes.</param>
    /// <param name="bytes">Bytes of a probe, <see cref="LinkProbe.MinBytes"/> to <see cref="LinkProbe.MaxBytes"/>; default 65,536. Large
    /// enough to make the link's delay negligible.</param>
    /// <param name="freshness">Age of an estimate at which a probe is sent, above 0; null: 60 s.</param>
    /// <param name="timeout">Time to wait for an echo, above 0; null: 10 s. Then the link is reported as 0 and probed again.</param>
    /// <param name="repeats">Repeats after a start's first probe, after a timeout, and after a drop below half the known rate; the best
    /// counts, since connection setup or a busy machine slows a probe. 0 to 16; default 2.</param>
    /// <param name="minTransferBytes">Minimum bytes of a transfer used for an estimate, at least 1; default 4,096. For smaller ones the
    /// delay dominates.</param>
    /// <param name="epoch">Start of the device, above every earlier one. Null (default): start of the run in milliseconds since
    /// 1970.</param>
    /// <exception cref="ArgumentException">An option is out of range; thrown when the pipeline is built.</exception>
    public static Fork<LinkProbe, LinkEstimate> ProbeLink(this Flow<LinkProbe> echoes, int bytes = 65_536, TimeSpan? freshness = null,
        TimeSpan? timeout = null, int repeats = 2, long minTransferBytes = 4096, long? epoch = null)
    {
        ArgumentNullException.ThrowIfNull(echoes);
        var block = new ProbeLinkBlock(
            bytes, freshness ?? TimeSpan.FromSeconds(60), timeout ?? TimeSpan.FromSeconds(10), repeats, minTransferBytes, epoch);
        if (bytes is < LinkProbe.MinBytes or > LinkProbe.MaxBytes)
        {
            throw new ArgumentOutOfRangeException(nameof(bytes), bytes, $"expected {LinkProbe.MinBytes} to {LinkProbe.MaxBytes} bytes");
        }

        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(block.Freshness, TimeSpan.Zero, nameof(freshness));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(block.Timeout, TimeSpan.Zero, nameof(timeout));
        ArgumentOutOfRangeException.ThrowIfNegative(repeats);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(repeats, 16);
        ArgumentOutOfRangeException.ThrowIfLessThan(minTransferBytes, 1);
        return echoes.Via("probe-link", block,
            static (ProbeLinkBlock block, OperatorContext context, IOutput<LinkProbe> probes, IOutput<LinkEstimate> estimates) =>
                new ProbeLink(block, context, probes, estimates));
    }

    /// <summary>Returns probes unchanged. This is the other side of <c>ProbeLink</c>.</summary>
    /// <remarks>Drops: <c>echo</c>, probes that are already on their way back.</remarks>
    /// <param name="probes">Probes of any devices.</param>
    public static Flow<LinkProbe> EchoProbes(this Flow<LinkProbe> probes)
    {
        ArgumentNullException.ThrowIfNull(probes);
        return probes.Via("echo-probes", new EchoProbesBlock(),
            static (EchoProbesBlock _, OperatorContext context, IOutput<LinkProbe> output) => new EchoProbes(context, output));
    }
}

internal sealed record ProbeLinkBlock(
    int Bytes, TimeSpan Freshness, TimeSpan Timeout, int Repeats, long MinTransferBytes, long? Epoch) : IBlockOptions
{
    public IReadOnlyList<MessageCodec> MessageCodecs => NodesCodecs.LinkMessages;

    public int MaxOutputsPerCall => 2;

    public string State => "the probe in flight, the time of the next, the best of repeated probes";

    public long StateBytes(Schema? input) => 96;

    public override string ToString() => FormattableString.Invariant(
        $"{Bytes} bytes after {Freshness.TotalSeconds:0.###} s, echo within {Timeout.TotalSeconds:0.###} s");
}

internal sealed record EchoProbesBlock : IBlockOptions
{
    public IReadOnlyList<MessageCodec> MessageCodecs => NodesCodecs.LinkMessages;

    public override string ToString() => "";
}

internal sealed class EchoProbes(OperatorContext context, IOutput<LinkProbe> output) : Operator<LinkProbe>
{
    public override void Process(LinkProbe input)
    {
        if (input.IsEcho) { context.Drop(input, "echo"); }
        else { output.Emit(input with { IsEcho = true }); }
    }
}

internal sealed class ProbeLink : Operator<LinkProbe>, IStateful, IControlledBy<LinkTransfer>
{
    private readonly ProbeLinkBlock _block;
    private readonly OperatorContext _context;
    private readonly IOutput<LinkProbe> _probes;
    private readonly IOutput<LinkEstimate> _estimates;
    private long _epoch;
    private long _sequence;
    private bool _isUnderWay;
    private DateTimeOffset _sentAt;
    private DateTimeOffset _due;
    private double? _known;         // bits per second from the last probe; null: none, or no echo
    private double? _best;          // rate of the best repeated probe; null: no echo yet
    private int _left;              // remaining repetitions

    internal ProbeLink(ProbeLinkBlock block, OperatorContext context, IOutput<LinkProbe> probes, IOutput<LinkEstimate> estimates)
    {
        (_block, _context, _probes, _estimates) = (block, context, probes, estimates);
        (_epoch, _due) = (MessageNumbers.EpochOf(block.Epoch, context), context.Now);
        context.WakeAt(_due);
    }

    public string StateFormat => "probe-link/2";

    public void State(ref StateStream s)
    {
        s.Value(ref _epoch);
        s.Value(ref _sequence);
        s.Value(ref _isUnderWay);
        s.ClockTime(ref _sentAt);
        s.ClockTime(ref _due);
        _known = s.Value(_known is not null) ? s.Value(_known ?? 0) : null;
        _best = s.Value(_best is not null) ? s.Value(_best ?? 0) : null;
        s.Value(ref _left, 0, 16);
    }

    public override void Process(LinkProbe input)
    {
        if (Refuse(input) is { } reason)
        {
            _context.Drop(input, reason);
            return;
        }

        _isUnderWay = false;
        var rate = 2 * 8 * input.Bytes / (_context.Now - _sentAt).TotalSeconds;
        var isFirst = _best is null;
        _best = Math.Max(rate, _best ?? 0);
        if (isFirst && (_known is not { } known || 2 * rate < known)) { _left = _block.Repeats; }
        if (_left-- > 0) { Send(); }
        else { TellBest(); }
        WakeAgain();
    }

    public void Control(LinkTransfer message)
    {
        if (message.Bytes < _block.MinTransferBytes || message.Time <= TimeSpan.Zero)
        {
            _context.Drop(message, "small");
            return;
        }

        Tell(8 * message.Bytes / message.Time.TotalSeconds, LinkEstimateKind.Transfer, _block.Freshness);
        WakeAgain();
    }

    public override void WakeUp()
    {
        if (_isUnderWay && _context.Now >= _sentAt + _block.Timeout)
        {
            _isUnderWay = false;
            _context.Record("probes-lost");
            if (_best is not null) { TellBest(); }
            else
            {
                _known = null;
                Tell(0, LinkEstimateKind.Silence, TimeSpan.Zero);
            }
        }

        if (!_isUnderWay && _context.Now >= _due) { Send(); }
        WakeAgain();
    }

    private string? Refuse(LinkProbe echo) =>
        echo.Device != _context.Pipeline ? "other-device"
        : echo.Epoch != _epoch ? "epoch"
        : !echo.IsEcho ? "no-echo"
        : !_isUnderWay || echo.Sequence != _sequence || echo.Bytes != _block.Bytes ? "late"
        : null;

    private void Send()
    {
        (_isUnderWay, _sentAt) = (true, _context.Now);
        _sequence++;
        _probes.Emit(new() { Device = _context.Pipeline, Epoch = _epoch, Sequence = _sequence, SentAt = _sentAt, Bytes = _block.Bytes });
    }

    private void TellBest()
    {
        (_known, _best, _left) = (_best, null, 0);
        Tell(_known!.Value, LinkEstimateKind.Probe, _block.Freshness);
    }

    private void Tell(double bitsPerSecond, LinkEstimateKind kind, TimeSpan freshness)
    {
        _due = _context.Now + freshness;
        _estimates.Emit(new() { Device = _context.Pipeline, BitsPerSecond = bitsPerSecond, At = _context.Now, Kind = kind });
    }

    private void WakeAgain() => _context.WakeAt(_isUnderWay ? _sentAt + _block.Timeout : _due);
}
