namespace StreamLearn.Nodes;

/// <summary>Settings of <c>ProbeLink</c>.</summary>
public sealed record ProbeLinkOptions
{
    /// <summary>Bytes of a probe, <see cref="LinkProbe.MinBytes"/> to <see cref="LinkProbe.MaxBytes"/>; default 65,536. Large enough to
    /// make the link's delay negligible.</summary>
    public int Bytes { get; init; } = 65_536;

    /// <summary>Age of an estimate at which a probe is sent, above 0; default 60 s.</summary>
    public TimeSpan Freshness { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Time to wait for an echo, above 0; default 10 s. Then the link is reported as 0 and probed again.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Repeats after a start's first probe, after a timeout, and after a drop below half the known rate; the best counts, since
    /// connection setup or a busy machine slows a probe. 0 to 16; default 2.</summary>
    public int Repeats { get; init; } = 2;

    /// <summary>Minimum bytes of a transfer used for an estimate, at least 1; default 4,096. For smaller ones the delay
    /// dominates.</summary>
    public long MinTransferBytes { get; init; } = 4096;

    /// <summary>Start of the device, above every earlier one. Null (default): start of the run in milliseconds since 1970.</summary>
    public long? Epoch { get; init; }

    internal void Check()
    {
        if (Bytes is < LinkProbe.MinBytes or > LinkProbe.MaxBytes)
        {
            throw new ArgumentOutOfRangeException(nameof(Bytes), Bytes, $"expected {LinkProbe.MinBytes} to {LinkProbe.MaxBytes} bytes");
        }

        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Freshness, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Timeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegative(Repeats);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Repeats, 16);
        ArgumentOutOfRangeException.ThrowIfLessThan(MinTransferBytes, 1);
    }

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant(
        $"{Bytes} bytes after {Freshness.TotalSeconds:0.###} s, echo within {Timeout.TotalSeconds:0.###} s");
}

public static partial class NodesFlowExtensions
{
    /// <summary>Measures this device's link: sends a probe when no fresh estimate exists, and computes the rate from its echo.</summary>
    /// <remarks> Shape: echoes in; regular transfers (<see cref="LinkTransfer"/>) on the control input, <c>ControlledBy</c>, save probes.
    /// State: the open probe, the next due time, the best repeat. Cost: a probe each way per freshness period, plus
    /// <see cref="ProbeLinkOptions.Repeats"/>. Emits: probes (main), estimates (side): 2 · 8 · bytes / round-trip time of the best probe, 8
    /// · bytes / time of a transfer, 0 without an echo. It never ends by itself: drain or stop the run, or limit its time. Counts:
    /// <c>probes-lost</c>. Drops: echoes <c>other-device</c>, <c>epoch</c>, <c>no-echo</c>, <c>late</c> (no longer awaited); transfers
    /// <c>small</c>. Source: probe and echo, the project's message table. </remarks>
    /// <param name="echoes">The returned probes.</param>
    /// <param name="options">Settings; null: defaults.</param>
    /// <exception cref="ArgumentException">Option out of range; thrown at build time.</exception>
    public static Fork<LinkProbe, LinkEstimate> ProbeLink(this Flow<LinkProbe> echoes, ProbeLinkOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(echoes);
        options ??= new();
        options.Check();
        return echoes.Via("probe-link", new ProbeLinkBlock(options),
            static (ProbeLinkBlock block, OperatorContext context, IOutput<LinkProbe> probes, IOutput<LinkEstimate> estimates) =>
                new ProbeLink(block.Options, context, probes, estimates));
    }

    /// <summary>Returns probes unchanged: the other side of <c>ProbeLink</c>.</summary>
    /// <remarks>Drops: <c>echo</c>, probes already on their way back.</remarks>
    /// <param name="probes">Probes of any devices.</param>
    public static Flow<LinkProbe> EchoProbes(this Flow<LinkProbe> probes)
    {
        ArgumentNullException.ThrowIfNull(probes);
        return probes.Via("echo-probes", new EchoProbesBlock(),
            static (EchoProbesBlock _, OperatorContext context, IOutput<LinkProbe> output) => new EchoProbes(context, output));
    }
}

internal sealed record ProbeLinkBlock(ProbeLinkOptions Options) : IBlockOptions
{
    public IReadOnlyList<MessageCodec> MessageCodecs => NodesCodecs.LinkMessages;

    public int MaxOutputsPerCall => 2;

    public string State => "the probe in flight, the time of the next, the best of repeated probes";

    public long StateBytes(Schema? input) => 96;

    public override string ToString() => Options.ToString();
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
    private readonly ProbeLinkOptions _options;
    private readonly OperatorContext _context;
    private readonly IOutput<LinkProbe> _probes;
    private readonly IOutput<LinkEstimate> _estimates;
    private long _epoch;
    private long _sequence;
    private bool _isUnderWay;
    private DateTimeOffset _sentAt;
    private DateTimeOffset _due;
    private double? _known;         // bits per second from the last probe; null: none, or no echo
    private double? _best;          // best of the repeated probes; null: no echo yet
    private int _left;              // remaining repetitions

    internal ProbeLink(ProbeLinkOptions options, OperatorContext context, IOutput<LinkProbe> probes, IOutput<LinkEstimate> estimates)
    {
        (_options, _context, _probes, _estimates) = (options, context, probes, estimates);
        (_epoch, _due) = (MessageNumbers.EpochOf(options.Epoch, context), context.Now);
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
        if (isFirst && (_known is not { } known || 2 * rate < known)) { _left = _options.Repeats; }
        if (_left-- > 0) { Send(); }
        else { TellBest(); }
        WakeAgain();
    }

    public void Control(LinkTransfer message)
    {
        if (message.Bytes < _options.MinTransferBytes || message.Time <= TimeSpan.Zero)
        {
            _context.Drop(message, "small");
            return;
        }

        Tell(8 * message.Bytes / message.Time.TotalSeconds, LinkEstimateKind.Transfer, _options.Freshness);
        WakeAgain();
    }

    public override void WakeUp()
    {
        if (_isUnderWay && _context.Now >= _sentAt + _options.Timeout)
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
        : !_isUnderWay || echo.Sequence != _sequence || echo.Bytes != _options.Bytes ? "late"
        : null;

    private void Send()
    {
        (_isUnderWay, _sentAt) = (true, _context.Now);
        _sequence++;
        _probes.Emit(new()
        {
            Device = _context.Pipeline,
            Epoch = _epoch,
            Sequence = _sequence,
            SentAt = _sentAt,
            Bytes = _options.Bytes,
        });
    }

    private void TellBest()
    {
        (_known, _best, _left) = (_best, null, 0);
        Tell(_known!.Value, LinkEstimateKind.Probe, _options.Freshness);
    }

    private void Tell(double bitsPerSecond, LinkEstimateKind kind, TimeSpan freshness)
    {
        _due = _context.Now + freshness;
        _estimates.Emit(new() { Device = _context.Pipeline, BitsPerSecond = bitsPerSecond, At = _context.Now, Kind = kind });
    }

    private void WakeAgain() => _context.WakeAt(_isUnderWay ? _sentAt + _options.Timeout : _due);
}
