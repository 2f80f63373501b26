namespace StreamLearn;

/// <summary>The block in which a flow ends.</summary>
public sealed class Sink
{
    private readonly PipelineBuilder _builder;
    private readonly int _node;

    internal Sink(PipelineBuilder builder, int node) => (_builder, _node) = (builder, node);

    /// <summary>Renames the block.</summary>
    /// <param name="name">The new, unique name.</param>
    /// <returns>This sink.</returns>
    public Sink Named(string name)
    {
        _builder.Rename([(_node, 0)], name);
        return this;
    }

    /// <summary>Sets the block's error policy: for actions that throw, codecs that refuse and transports that do not accept.</summary>
    /// <remarks>A publication retries refused messages with the same identity; encoding errors are not retried. Later messages may overtake
    /// one that is set aside.</remarks>
    /// <param name="policy">The policy; default fail.</param>
    /// <returns>This sink.</returns>
    public Sink OnError(ErrorPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        _builder.SetErrors([(_node, 0)], policy);
        return this;
    }
}
