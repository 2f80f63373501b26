namespace StreamLearn.Operators;

/// <summary>Adds blocks that route and change messages.</summary>
public static partial class OperatorFlowExtensions
{
    /// <summary>Folds messages into a state, and emits the state after each message, such as running counts.</summary>
    /// <remarks> Shape: one state per message. State: the last one. Cost: the function's. Emits: the function's state. Owns: the block
    /// disposes messages; the state is a shared immutable value. Source: prefix sum, Blelloch (1990). </remarks>
    /// <typeparam name="T">The input.</typeparam>
    /// <typeparam name="TState">The type of the state, an immutable message without counted memory.</typeparam>
    /// <param name="flow">The messages.</param>
    /// <param name="name">The block's name, unique in the pipeline.</param>
    /// <param name="start">The initial state.</param>
    /// <param name="fold">Returns the next state.</param>
    /// <param name="codec">Saves the state in checkpoints; null: the pipeline has no checkpoints.</param>
    /// <exception cref="ArgumentException">The state is <see cref="IOwned"/>.</exception>
    public static Flow<TState> Scan<T, TState>(
        this Flow<T> flow, string name, TState start, Func<TState, T, TState> fold, ICodec<TState>? codec = null)
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

        var options = new FunctionOptions(State: $"the last {typeof(TState).Name}");
        return codec is null
            ? flow.Via(name, options,
                (FunctionOptions _, OperatorContext _, IOutput<TState> output) => new Scan<T, TState>(start, fold, output))
            : flow.Via(name, options with { MessageCodecs = [MessageCodec.Of(codec)] },
                (FunctionOptions _, OperatorContext _, IOutput<TState> output) => new SavedScan<T, TState>(start, fold, codec, output));
    }
}

internal class Scan<T, TState>(TState start, Func<TState, T, TState> fold, IOutput<TState> output) : Operator<T>
    where T : class
    where TState : class
{
    private protected TState Current { get; set; } = start;

    public override void Process(T input)
    {
        Current = fold(Current, input);
        (input as IDisposable)?.Dispose();
        output.Emit(Current);
    }
}

internal sealed class SavedScan<T, TState>(TState start, Func<TState, T, TState> fold, ICodec<TState> codec, IOutput<TState> output)
    : Scan<T, TState>(start, fold, output), IStateful
    where T : class
    where TState : class
{
    public string StateFormat { get; } = $"scan/1 {codec.Name}";

    public void State(ref StateStream s) => Current = s.Value(Current, codec);
}
