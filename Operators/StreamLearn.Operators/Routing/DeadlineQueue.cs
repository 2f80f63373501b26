namespace StreamLearn.Operators;

/// <content>A queue that serves messages by deadline.</content>
public static partial class OperatorFlowExtensions
{
    /// <summary>Serves messages one at a time, and first drops those that cannot meet their deadline.</summary>
    /// <remarks> Shape: the function's result for each served message. State: the waiting messages, and the predicted service time. Cost:
    /// the function's, and a pass over the waiting messages. Emits: the function's results. A message is dropped if now plus its predicted
    /// service time exceeds its deadline; no feasible message waits for an infeasible one. Without <paramref name="service"/>, the
    /// prediction is the running mean of measured calls of <paramref name="serve"/>. Owns: the function owns its message, and passes it on
    /// or disposes it; if it throws, the run fails. Counts: <c>served</c>, <c>late</c> (of these, done after the deadline); shows
    /// <c>messages-waiting</c>. Drops: <c>infeasible</c>, <c>full</c>. Source: Liu, Layland (1973), earliest deadline first; Chen et al.
    /// (2018). </remarks>
    /// <param name="flow">The messages.</param>
    /// <param name="name">The block's name, unique in the pipeline.</param>
    /// <param name="deadline">Returns the deadline from a message and its arrival time: <see cref="Deadlines"/>.</param>
    /// <param name="serve">Serves a message and reports its work (<see cref="OperatorContext.Charge(TimeSpan)"/>).</param>
    /// <param name="service">Returns the predicted service time; null: as measured.</param>
    /// <param name="codec">Saves waiting messages in checkpoints; batches need no codec.</param>
    /// <param name="options">Settings; null: defaults.</param>
    /// <exception cref="ArgumentException">The messages are not batches and have no codec.</exception>
    public static Flow<TOut> ServeByDeadline<T, TOut>(
        this Flow<T> flow, string name, Func<T, DateTimeOffset, DateTimeOffset> deadline, Func<T, OperatorContext, TOut> serve,
        Func<T, TimeSpan>? service = null, ICodec<T>? codec = null, DeadlineQueueOptions? options = null)
        where T : class
        where TOut : class
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(deadline);
        ArgumentNullException.ThrowIfNull(serve);
        var (block, state) = (BlockOf(codec, options, isPaced: false), StateOf(codec));
        return flow.Via(name, block, (DeadlineQueueBlock block, OperatorContext context, IOutput<TOut> output) =>
            new DeadlineQueue<T, TOut>(block, deadline, serve, service, state, context, output));
    }

    /// <summary>Queues messages for a server of known speed, and drops those that cannot meet their deadline.</summary>
    /// <remarks>Works like the other form, but passes on each message in its turn, and the next one after the <paramref name="service"/>
    /// time of the first, like a link. Drops: <c>infeasible</c>, <c>full</c>.</remarks>
    /// <param name="flow">The messages.</param>
    /// <param name="deadline">Returns the deadline from a message and its arrival time: <see cref="Deadlines"/>.</param>
    /// <param name="service">Returns the service time of a message, 0 or more.</param>
    /// <param name="codec">Saves waiting messages in checkpoints; batches need no codec.</param>
    /// <param name="options">Settings; null: defaults.</param>
    /// <param name="name">The block's name, unique in the pipeline.</param>
    /// <exception cref="ArgumentException">The messages are not batches and have no codec.</exception>
    public static Flow<T> DeadlineQueue<T>(
        this Flow<T> flow, Func<T, DateTimeOffset, DateTimeOffset> deadline, Func<T, TimeSpan> service, ICodec<T>? codec = null,
        DeadlineQueueOptions? options = null, string name = "deadline-queue")
        where T : class
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(deadline);
        ArgumentNullException.ThrowIfNull(service);
        var (block, state) = (BlockOf(codec, options, isPaced: true), StateOf(codec));
        return flow.Via(name, block, (DeadlineQueueBlock block, OperatorContext context, IOutput<T> output) =>
            new DeadlineQueue<T, T>(block, deadline, static (message, _) => message, service, state, context, output));
    }

    private static DeadlineQueueBlock BlockOf<T>(ICodec<T>? codec, DeadlineQueueOptions? options, bool isPaced)
        where T : class => new(options ?? new(), isPaced) { MessageCodecs = codec is null ? [] : [MessageCodec.Of(codec)] };

    private static StateOf<T> StateOf<T>(ICodec<T>? codec)
        where T : class
    {
        if (codec is not null) { return (ref StateStream s, ref T message) => s.Value(ref message, codec); }
        StateOf<Batch> batches = static (ref StateStream s, ref Batch batch) =>
            batch = s.Value(batch) ?? throw new StateException("expected a batch, got none");
        return batches as StateOf<T>
            ?? throw new ArgumentException($"expected a codec for messages of type {typeof(T).Name}, got none", nameof(codec));
    }
}

/// <summary><paramref name="IsPaced"/>: true: the server is busy for the predicted time; false: for the measured one.</summary>
internal sealed record DeadlineQueueBlock(DeadlineQueueOptions Options, bool IsPaced) : IBlockOptions
{
    public string State => $"messages that wait: {this}";

    public IReadOnlyList<MessageCodec> MessageCodecs { get; init; } = [];

    public bool Equals(DeadlineQueueBlock? other) => other is not null && (Options, IsPaced) == (other.Options, other.IsPaced);

    public override int GetHashCode() => HashCode.Combine(Options, IsPaced);

    public override string ToString() => $"{Options}{(IsPaced ? ", paced" : "")}";
}

internal sealed class DeadlineQueue<T, TOut>(
    DeadlineQueueBlock block, Func<T, DateTimeOffset, DateTimeOffset> deadline, Func<T, OperatorContext, TOut> serve,
    Func<T, TimeSpan>? service, StateOf<T> state, OperatorContext context, IOutput<TOut> output)
    : Operator<T>, IStateful, IDisposable
    where T : class
    where TOut : class
{
    private readonly DeadlineQueueOptions _options = block.Options;
    private readonly List<(T Message, DateTimeOffset Deadline)> _waiting = [];      // messages in order of arrival
    private DateTimeOffset? _servedAt;      // start of the current service; null: none
    private DateTimeOffset _due;            // deadline of the current message
    private double _meanTicks;              // mean of the measured service times; 0: none yet
    private bool _hasMeasured;
    private int _taken;                     // number of messages received since the last wake-up
    private int _looked;                    // number of those that were inspected

    public override bool AwaitingReplies => _servedAt is not null || _waiting.Count > 0;

    public string StateFormat => "deadline-queue/1";

    public void State(ref StateStream s)
    {
        s.Items(_waiting, _options.CapacityMessages, state,
            static (ref StateStream s, ref (T Message, DateTimeOffset Deadline) one, StateOf<T> state) =>
            {
                state(ref s, ref one.Message);
                s.ClockTime(ref one.Deadline);
            });
        s.ClockTime(ref _servedAt);
        s.ClockTime(ref _due);
        s.Value(ref _meanTicks);
        s.Value(ref _hasMeasured);
        s.Value(ref _taken);
        s.Value(ref _looked);
    }

    public void Dispose()
    {
        foreach (var (message, _) in _waiting) { (message as IDisposable)?.Dispose(); }
        _waiting.Clear();
    }

    /// <summary>Only queues; a wake-up chooses the next message once all arrivals are known.</summary>
    public override void Process(T input)
    {
        var due = deadline(input, context.Now);
        _taken++;
        if (_servedAt is null) { context.WakeAt(context.Now); }
        if (_waiting.Count == _options.CapacityMessages) { DropInfeasible(); }
        if (_waiting.Count == _options.CapacityMessages && !TryMakeRoom(due))
        {
            context.Drop(input, "full");
            return;
        }

        _waiting.Add((input, due));
    }

    public override void WakeUp()
    {
        if (_servedAt is { } began) { EndService(began); }
        if (_taken > 0 && _looked < _options.CapacityMessages)
        {
            (_looked, _taken) = (_looked + _taken, 0);
            context.WakeAt(context.Now);        // other messages may arrive at the same time, and the wake-up comes after them
            return;
        }

        (_looked, _taken) = (0, 0);
        ServeNext();
        context.Gauge("messages-waiting", _waiting.Count);
    }

    private void EndService(DateTimeOffset began)
    {
        var took = context.Now - began;
        if (context.Now > _due) { context.Record("late"); }
        _meanTicks = _hasMeasured ? _meanTicks + (_options.NewestShare * (took.Ticks - _meanTicks)) : took.Ticks;
        (_servedAt, _hasMeasured) = (null, true);
    }

    private void ServeNext()
    {
        while (_waiting.Count > 0)
        {
            var place = Next();
            var (message, due) = _waiting[place];
            _waiting.RemoveAt(place);
            var predicted = Predicted(message);
            if (IsInfeasible(due, predicted))
            {
                context.Drop(message, "infeasible");
                continue;
            }

            (_servedAt, _due) = (context.Now, due);
            context.Record("served");
            output.Emit(serve(message, context));
            context.WakeAt(block.IsPaced ? context.Now + predicted : context.Now);      // not before the end of this call
            return;
        }
    }

    private TimeSpan Predicted(T message) => service?.Invoke(message) ?? new((long)_meanTicks);

    private bool IsInfeasible(DateTimeOffset due, TimeSpan predicted) => !_options.KeepInfeasible && due - context.Now < predicted;

    private int Next()
    {
        if (_options.Order != ServiceOrder.EarliestDeadline) { return _options.Order == ServiceOrder.FirstIn ? 0 : _waiting.Count - 1; }
        var next = 0;
        for (var i = 1; i < _waiting.Count; i++)
        {
            if (_waiting[i].Deadline < _waiting[next].Deadline) { next = i; }
        }

        return next;
    }

    private void DropInfeasible()
    {
        for (var i = _waiting.Count - 1; i >= 0; i--)
        {
            var (message, due) = _waiting[i];
            if (!IsInfeasible(due, Predicted(message))) { continue; }
            _waiting.RemoveAt(i);
            context.Drop(message, "infeasible");
        }
    }

    /// <summary>Drops the last message in order; returns false if that is the new one.</summary>
    private bool TryMakeRoom(DateTimeOffset due)
    {
        var last = 0;
        for (var i = 1; i < _waiting.Count; i++)
        {
            if (_waiting[i].Deadline >= _waiting[last].Deadline) { last = i; }
        }

        if (_options.Order == ServiceOrder.LastIn) { last = 0; }
        else if (_options.Order == ServiceOrder.FirstIn || due >= _waiting[last].Deadline) { return false; }
        var (message, _) = _waiting[last];
        _waiting.RemoveAt(last);
        context.Drop(message, "full");
        return true;
    }
}
