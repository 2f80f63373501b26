namespace StreamLearn;

/// <summary>The block in which a flow ends, to be named or given an error policy.</summary>
public sealed class Sink
{
    private readonly PipelineBuilder _builder;
    private readonly int _node;

    internal Sink(PipelineBuilder builder, int node) => (_builder, _node) = (builder, node);

    /// <summary>Renames the block.</summary>
    /// <param name="name">The new name, distinct within the pipeline.</param>
    /// <returns>This end.</returns>
    public Sink Named(string name)
    {
        _builder.Rename([(_node, 0)], name);
        return this;
    }

    /// <summary>Sets what the host does when the block fails on a message: an action throws, a codec refuses, a transport does not take
    /// it.</summary>
    /// <remarks>A publication repeats what its transport refused, with the same identity; a message that cannot be encoded is not
    /// repeated. What came after a message that is set aside may have gone before it.</remarks>
    /// <param name="policy">The policy; default fail.</param>
    /// <returns>This end.</returns>
    public Sink OnError(ErrorPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        _builder.SetErrors([(_node, 0)], policy);
        return this;
    }
}
