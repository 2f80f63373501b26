namespace StreamLearn.Operators;

/// <summary>Adds blocks that route and change messages.</summary>
public static partial class OperatorFlowExtensions
{
    /// <summary>Passes on the messages that a condition accepts.</summary>
    /// <remarks> Shape: unchanged. State: none. Cost: the condition's. Emits: the same message, or none. Drops: <c>filtered</c>, with its
    /// rows. Owns: the block disposes refused messages. Source: Akidau et al. (2015), filter. </remarks>
    /// <param name="flow">The messages.</param>
    /// <param name="name">The block's name, unique in the pipeline.</param>
    /// <param name="accept">Returns true if the message passes.</param>
    public static Flow<T> Filter<T>(this Flow<T> flow, string name, Predicate<T> accept)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(accept);
        return flow.Via(name, new FunctionOptions(),
            (FunctionOptions _, OperatorContext context, IOutput<T> output) => new Filter<T>(accept, context, output));
    }
}

internal sealed class Filter<T>(Predicate<T> accept, OperatorContext context, IOutput<T> output) : Operator<T>
    where T : class
{
    public override void Process(T input)
    {
        if (accept(input)) { output.Emit(input); }
        else { context.Drop(input, "filtered"); }
    }
}
