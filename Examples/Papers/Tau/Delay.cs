using System.Globalization;
using StreamLearn;

namespace TauDemo;

/// <summary>Keeps versions for as long as work of the device takes, and for a time that a command may change: what an aggregation takes in
/// a virtual world. <paramref name="Added"/>: the time at the start; 0 or more.</summary>
internal sealed record DelayOptions(long MultiplyAdds, TimeSpan Added = default) : IBlockOptions
{
    public string State => "messages that wait, and the added time";

    public long StateBytes(Schema? input) => 0;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{MultiplyAdds} multiply-adds{(Added > TimeSpan.Zero ? $" and {Added.TotalMilliseconds} ms" : "")}");
}

/// <summary>Passes messages on, in order: each waits for the added time, and then for the work.</summary>
/// <remarks>Shows <c>added-s</c>, the added time in seconds. A command counts for messages that come after it.</remarks>
internal sealed class Delay<T> : Operator<T>, IControlledBy<DemoCommand>, IStateful
    where T : class
{
    internal const string Gauge = "added-s";

    private readonly DelayOptions _options;
    private readonly ICodec<T> _codec;
    private readonly OperatorContext _context;
    private readonly IOutput<T> _output;
    private readonly Queue<(DateTimeOffset Due, T Message)> _waiting = new();
    private TimeSpan _added;
    private DateTimeOffset _lastDue;

    internal Delay(DelayOptions options, ICodec<T> codec, OperatorContext context, IOutput<T> output)
    {
        (_options, _codec, _context, _output) = (options, codec, context, output);
        Add(options.Added);
    }

    public string StateFormat => "delay/1";

    public override bool AwaitingReplies => _waiting.Count > 0;

    public override void Process(T input)
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
        if (_waiting.Count > 0 && _waiting.Peek().Due <= _context.Now) { Emit(_waiting.Dequeue().Message); }
        if (_waiting.Count > 0) { _context.WakeAt(_waiting.Peek().Due); }
    }

    public override void Complete()
    {
        if (_waiting.TryDequeue(out var next)) { Emit(next.Message); }
    }

    public void State(ref StateStream s)
    {
        s.Value(ref _added);
        if (s.IsReading) { Add(_added); }
        s.Items(_waiting, int.MaxValue, this, static (ref StateStream s, ref (DateTimeOffset Due, T Message) one, Delay<T> delay) =>
        {
            s.ClockTime(ref one.Due);
            s.Value(ref one.Message, delay._codec);
            if (s.IsReading) { delay._lastDue = one.Due; }
        });
    }

    private void Emit(T message)
    {
        _context.Charge(_options.MultiplyAdds);
        _output.Emit(message);
    }

    private void Add(TimeSpan added)
    {
        _added = added;
        _context.Gauge(Gauge, added.TotalSeconds);
    }
}
