namespace StreamLearn;

/// <summary>A block threw an exception and its policy fails the run. The inner exception is the cause, never an aggregate.</summary>
/// <param name="pipeline">The pipeline.</param>
/// <param name="block">The block.</param>
/// <param name="item">The number of the failed call, from 1; 0: a source, or a call from outside; −1: the block could not be
/// created.</param>
/// <param name="cause">The block's exception.</param>
public sealed class BlockFailedException(string pipeline, string block, long item, Exception cause)
    : Exception($"{pipeline}/{block}: {(item < 0 ? "cannot be made" : $"item {item}")}: {Plain(cause)?.Message}", Plain(cause))
{
    /// <summary>The pipeline.</summary>
    public string Pipeline { get; } = pipeline;

    /// <summary>The block.</summary>
    public string Block { get; } = block;

    /// <summary>The number of the failed call, from 1; 0: a source, or a call from outside; −1: the block could not be created.</summary>
    public long Item { get; } = item;

    internal static T Naming<T>(Pipeline pipeline, Node node, Func<T> make)
    {
        try { return make(); }
        catch (Exception e) when (e is not BlockFailedException) { throw new BlockFailedException(pipeline.Name, node.Name, -1, e); }
    }

    internal static void Naming(Pipeline pipeline, Node node, Action act) => Naming(pipeline, node, () =>
    {
        act();
        return true;
    });

    private static Exception? Plain(Exception? cause) => cause is AggregateException { InnerException: { } inner } ? Plain(inner) : cause;
}
