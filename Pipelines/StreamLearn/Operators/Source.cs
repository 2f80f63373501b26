namespace StreamLearn;

/// <summary>The host's view of a source; derive from <see cref="Source{T}"/>.</summary>
public abstract class Source
{
    private protected Source() { }

    /// <summary> When the next message is due on the source's clock; null: no more. <see cref="DateTimeOffset.MaxValue"/>: none, but the
    /// source stays open until the run is drained. </summary>
    public abstract DateTimeOffset? NextAt { get; }

    /// <summary>True for a source that polls, such as of a growing file: without a message, <see cref="NextAt"/> is the next poll, after
    /// <see cref="OperatorContext.Now"/>. The host waits until then at any pace, and checks again before it takes a message. Default
    /// false.</summary>
    public virtual bool LooksAgain => false;

    internal abstract object NextItem();
}

/// <summary>A local source as a synchronous state machine for both hosts, such as a generator or recording.</summary>
/// <typeparam name="T">The messages.</typeparam>
public abstract class Source<T> : Source
    where T : class
{
    /// <summary>Makes the next message, which the host owns; called only while <see cref="Source.NextAt"/> is not null.</summary>
    public abstract T Next();

    internal sealed override object NextItem() => Next();
}
