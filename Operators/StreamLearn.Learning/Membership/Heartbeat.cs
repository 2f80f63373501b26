namespace StreamLearn.Learning;

/// <summary>Sources for learning devices.</summary>
public static partial class LearningFlowExtensions
{
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(10);

    /// <summary>Emits a hello at the start, then heartbeats at equal intervals.</summary>
    /// <remarks> State: the number of intervals. Emits: a <see cref="Presence"/> at the start and one each interval; intervals missed while
    /// the pipeline was blocked are skipped. It never ends by itself: drain or stop the run, or limit its time. It follows the clock, so it
    /// is not for runs at full speed. Source: leases by heartbeat, Gray, Cheriton (1989). </remarks>
    /// <param name="builder">The pipeline.</param>
    /// <param name="device">The device, 1 to 256 bytes in UTF-8; null: the pipeline's name, as in updates.</param>
    /// <param name="every">The interval, above 0; null: 10 s.</param>
    /// <param name="epoch">Start of the device, as in its updates; null as there.</param>
    /// <param name="capabilities">Capabilities in the hello; null: none.</param>
    /// <exception cref="ArgumentException">The name is empty or too long, or the interval is not above 0.</exception>
    public static Flow<Presence> Heartbeat(this PipelineBuilder builder, string? device = null, TimeSpan? every = null, long? epoch = null,
        DeviceCapabilities? capabilities = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var interval = every ?? DefaultInterval;
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero, nameof(every));
        var name = DeviceName.Checked(device ?? builder.Name, nameof(device));
        return builder.From("heartbeat", new HeartbeatOptions(name, interval, epoch) { Capabilities = capabilities },
            static (HeartbeatOptions options, OperatorContext context) => new Heartbeat(options, context));
    }
}

internal sealed record HeartbeatOptions(string Device, TimeSpan Every, long? Epoch) : IBlockOptions
{
    internal DeviceCapabilities? Capabilities { get; init; }

    public IReadOnlyList<MessageCodec> MessageCodecs => LearningCodecs.Messages;

    public override string ToString() =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Device}, every {Every.TotalSeconds} s");
}

internal sealed class Heartbeat : Source<Presence>, IStateful
{
    private readonly HeartbeatOptions _options;
    private readonly OperatorContext _context;
    private Presence _still;
    private DateTimeOffset _next;
    private bool _greeted;

    internal Heartbeat(HeartbeatOptions options, OperatorContext context)
    {
        (_options, _context, _next) = (options, context, context.Now);
        _still = new() { Device = options.Device, Epoch = MessageNumbers.EpochOf(options.Epoch, context), Kind = PresenceKind.Heartbeat };
    }

    public override DateTimeOffset? NextAt => _next;

    public string StateFormat => "heartbeat/2";

    /// <summary>After downtime the device sends a hello at once to request what it missed; in a world saved whole, it resumes.</summary>
    public void State(ref StateStream s)
    {
        _still = _still with { Epoch = s.Value(_still.Epoch) };
        s.Value(ref _greeted);
        s.ClockTime(ref _next);
        if (s.IsReading && !_context.ResumesInPlace) { (_greeted, _next) = (false, DateTimeOffset.MinValue); }
    }

    public override Presence Next()
    {
        if (_next == DateTimeOffset.MinValue) { _next = _context.Now; }
        var missed = Math.Max(0, (_context.Now - _next).Ticks / _options.Every.Ticks);
        var wait = TimeSpan.FromTicks(checked(_options.Every.Ticks * (missed + 1)));
        _next = wait < DateTimeOffset.MaxValue - _next ? _next + wait : DateTimeOffset.MaxValue;
        if (_greeted) { return _still; }
        _greeted = true;
        return _still with { Kind = PresenceKind.Hello, Capabilities = _options.Capabilities };
    }
}
