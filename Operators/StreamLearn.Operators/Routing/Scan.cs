namespace StreamLearn.Operators;

/// <summary>Blocks that route and change messages.</summary>
public static partial class OperatorFlowExtensions
{
    /// <summary>Folds the messages into a state and emits it after each: running counts, running extremes.</summary>
    /// <remarks>
    /// Shape: one state per message. State: the last one. Cost: the function's. Emits: the state that the function returned.
    /// Owns: the function only looks at the message, which is disposed afterwards; the state is an immutable value that others may hold.
    /// Source: prefix sum, Blelloch (1990).
    /// </remarks>
    /// <typeparam name="T">What comes in.</typeparam>
    /// <typeparam name="TState">The state, an immutable message without counted memory.</typeparam>
    /// <param name="flow">The messages.</param>
    /// <param name="name">The block's name, distinct within the pipeline.</param>
    /// <param name="start">The state before the first message.</param>
    /// <param name="fold">Makes the next state of the last one and a message.</param>
    /// <exception cref="ArgumentException">The state is <see cref="IOwned"/>: the block would give away what it still needs.</exception>
    public static Flow<TState> Scan<T, TState>(this Flow<T> flow, string name, TState start, Func<TState, T, TState> fold)
        where T : class
        where TState : class
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(fold);
        if (typeof(IOwned).IsAssignableFrom(typeof(TState)))
        {
            throw new ArgumentException($"expected an immutable state, got {typeof(TState).Name}, which has one owner", nameof(start));
        }

        return flow.Via(name, new FunctionOptions(State: $"the last {typeof(TState).Name}"),
            (FunctionOptions _, OperatorContext _, IOutput<TState> output) => new Scan<T, TState>(start, fold, output));
    }
}

internal sealed class Scan<T, TState>(TState start, Func<TState, T, TState> fold, IOutput<TState> output) : Operator<T>
    where T : class
    where TState : class
{
    private TState _state = start;

    public override void Process(T input)
    {
        _state = fold(_state, input);
        (input as IDisposable)?.Dispose();
        output.Emit(_state);
    }
}
