using System.Runtime.InteropServices;

namespace StreamLearn.Operators;

/// <content>A join with a deadline.</content>
public static partial class OperatorFlowExtensions
{
    /// <summary>Replaces a message with a better one if that arrives before a deadline.</summary>
    /// <remarks> Shape: one message out for each in, with the same key. State: the waiting messages. Cost: a lookup. Emits: the better
    /// message on arrival, or the original at its deadline, at the end, or as the oldest of <paramref name="capacity"/> waiting. Owns:
    /// nothing; messages are immutable values. Counts: <c>better</c>, <c>kept</c>. Drops: <c>late</c>, better messages whose original was
    /// already emitted or has not arrived; <c>duplicate</c>: a message whose key already waits. Source: Teerapittayanon et al. (2017),
    /// DDNN.
    /// </remarks>
    /// <typeparam name="T">An immutable message without counted memory.</typeparam>
    /// <param name="flow">The original messages.</param>
    /// <param name="better">Their replacements.</param>
    /// <param name="deadline">How long a message waits, above 0.</param>
    /// <param name="key">Returns the key by which the two messages match.</param>
    /// <param name="codec">Saves waiting messages in checkpoints.</param>
    /// <param name="capacity">Maximum number of waiting messages, at least 1.</param>
    /// <exception cref="ArgumentException">The message is <see cref="IOwned"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Deadline or capacity is too small.</exception>
    public static Flow<T> BetterWithin<T>(
        this Flow<T> flow, Flow<T> better, TimeSpan deadline, Func<T, long> key, ICodec<T> codec, int capacity = 1024)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(better);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(codec);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(deadline, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        if (typeof(IOwned).IsAssignableFrom(typeof(T)))
        {
            throw new ArgumentException($"expected immutable messages, got {typeof(T).Name}, which has one owner", nameof(flow));
        }

        var options = new FunctionOptions(State: $"up to {capacity} messages that wait")
        {
            MessageCodecs = [MessageCodec.Of(codec)],
            MaxOutputsPerCall = capacity,
        };
        return flow.Via("better-within", options, (FunctionOptions _, OperatorContext context, IOutput<T> output) =>
            new BetterWithin<T>(deadline, key, codec, capacity, context, output)).ControlledBy(better);
    }
}

internal sealed class BetterWithin<T>(
    TimeSpan deadline, Func<T, long> key, ICodec<T> codec, int capacity, OperatorContext context, IOutput<T> output)
    : Operator<T>, IStateful, IControlledBy<T>
    where T : class
{
    private readonly List<(T Message, DateTimeOffset Due)> _waiting = [];        // oldest first

    public string StateFormat { get; } = $"better-within/1 {codec.Name}";

    public void State(ref StateStream s)
    {
        s.Items(_waiting, capacity, codec, static (ref StateStream s, ref (T Message, DateTimeOffset Due) one, ICodec<T> codec) =>
            one = (s.Value(one.Message, codec), s.ClockTime(one.Due) ?? default));
        if (s.IsReading && _waiting.Count > 0) { context.WakeAt(_waiting[0].Due); }
    }

    public override void Process(T input)
    {
        if (Find(key(input)) >= 0)
        {
            context.Drop(input, "duplicate");
            return;
        }

        if (_waiting.Count == capacity) { GiveOldest(); }
        _waiting.Add((input, context.Now + deadline));
        if (_waiting.Count == 1) { context.WakeAt(_waiting[0].Due); }
    }

    public void Control(T message)
    {
        if (Find(key(message)) is var place && place < 0)
        {
            context.Drop(message, "late");
            return;
        }

        _waiting.RemoveAt(place);
        context.Record("better");
        output.Emit(message);
    }

    public override void WakeUp()
    {
        if (_waiting.Count > 0 && _waiting[0].Due <= context.Now) { GiveOldest(); }
        if (_waiting.Count > 0) { context.WakeAt(_waiting[0].Due); }
    }

    public override void Complete()
    {
        while (_waiting.Count > 0) { GiveOldest(); }
    }

    private void GiveOldest()
    {
        var (message, _) = _waiting[0];
        _waiting.RemoveAt(0);
        context.Record("kept");
        output.Emit(message);
    }

    private int Find(long wanted)
    {
        var waiting = CollectionsMarshal.AsSpan(_waiting);
        for (var i = 0; i < waiting.Length; i++)
        {
            if (key(waiting[i].Message) == wanted) { return i; }
        }

        return -1;
    }
}
