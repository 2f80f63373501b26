namespace StreamLearn;

/// <summary>The host's view of a source; derive from <see cref="Source{T}"/>.</summary>
public abstract class Source
{
    private protected Source() { }

    /// <summary>When the next message is due on the source's clock; null: there are no more. <see cref="DateTimeOffset.MaxValue"/>: none is
    /// due, but the source stays open until the run is drained.</summary>
    public abstract DateTimeOffset? NextAt { get; }

    /// <summary>True for a source that polls, for example a growing file. Without a message, <see cref="NextAt"/> is then the next poll,
    /// after <see cref="OperatorContext.Now"/>. The host waits until then at any pace, and checks again before it requests a message.
    /// Default false.</summary>
    public virtual bool LooksAgain => false;

    internal abstract object NextItem();
}

/// <summary>A local source, such as a generator or a recording, as a synchronous state machine for both hosts.</summary>
public abstract class Source<T> : Source
    where T : class
{
    /// <summary>Creates the next message, which the host owns. Called only while <see cref="Source.NextAt"/> is not null.</summary>
    public abstract T Next();

    internal sealed override object NextItem() => Next();
}
