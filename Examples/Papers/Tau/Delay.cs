namespace Papers;

/// <summary>Cost of an aggregation in a simulation: work of the device, and a delay that a command may change.</summary>
internal sealed record DelayOptions(long MultiplyAdds, TimeSpan Added = default) : IBlockOptions
{
    /// <summary>Memory of the alarms, whose blocks declare none.</summary>
    public IReadOnlyList<MessageCodec> MessageCodecs { get; } =
    [
        MessageCodec.Of("case-alarm/1", static (ref StateStream s, ref DriftAlarm alarm) =>
            alarm = RowsByCase.AlarmOf((DataCase)s.Value((int)(alarm?.Row ?? 1), (int)DataCase.Uniform, (int)DataCase.Mixed))),
    ];

    public string State => "messages that wait, and the added time";

    public long StateBytes(Schema? input) => 0;
}

/// <summary>Passes versions on in order: each waits for the added time, and then for the work.</summary>
/// <remarks>Shows <c>added-s</c>, the added time in seconds. A command applies to messages that come after it.</remarks>
internal sealed class Delay : Operator<Weights>, IControlledBy<DemoCommand>, IStateful
{
    internal const string Gauge = "added-s";
    private readonly DelayOptions _options;
    private readonly OperatorContext _context;
    private readonly IOutput<Weights> _output;
    private readonly Queue<(DateTimeOffset Due, Weights Version)> _waiting = new();
    private TimeSpan _added;
    private DateTimeOffset _lastDue;

    internal Delay(DelayOptions options, OperatorContext context, IOutput<Weights> output)
    {
        (_options, _context, _output) = (options, context, output);
        Add(options.Added);
    }

    public string StateFormat => "delay/1";
    public override bool AwaitingReplies => _waiting.Count > 0;

    public override void Process(Weights input)
    {
        var due = _context.Now + _added;
        if (due < _lastDue) { due = _lastDue; }
        if (due <= _context.Now)
        {
            Emit(input);
            return;
        }

        _waiting.Enqueue((due, input));
        _lastDue = due;
        _context.WakeAt(_waiting.Peek().Due);
    }

    public void Control(DemoCommand message)
    {
        if (message.Delay is { } added) { Add(added); }
    }

    public override void WakeUp()
    {
        if (_waiting.Count > 0 && _waiting.Peek().Due <= _context.Now) { Emit(_waiting.Dequeue().Version); }
        if (_waiting.Count > 0) { _context.WakeAt(_waiting.Peek().Due); }
    }

    public override void Complete()
    {
        if (_waiting.TryDequeue(out var next)) { Emit(next.Version); }
    }

    public void State(ref StateStream s)
    {
        s.Value(ref _added);
        if (s.IsReading) { Add(_added); }
        s.Items(_waiting, int.MaxValue, this, static (ref StateStream s, ref (DateTimeOffset Due, Weights Version) one, Delay delay) =>
        {
            s.ClockTime(ref one.Due);
            s.Value(ref one.Version, LearningCodecs.Weights);
            if (s.IsReading) { delay._lastDue = one.Due; }
        });
    }

    private void Emit(Weights version)
    {
        _context.Charge(_options.MultiplyAdds);
        _output.Emit(version);
    }

    private void Add(TimeSpan added)
    {
        _added = added;
        _context.Gauge(Gauge, added.TotalSeconds);
    }
}
