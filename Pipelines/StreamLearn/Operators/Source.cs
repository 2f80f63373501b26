namespace StreamLearn;

/// <summary>The part of every source that a host drives; derive from <see cref="Source{T}"/>.</summary>
public abstract class Source
{
    private protected Source() { }

    /// <summary>
    /// When the next message is due on the source's own clock; null when there is no more; <see cref="DateTimeOffset.MaxValue"/> when none
    /// will come and the source stays open all the same, until the run is drained.
    /// </summary>
    public abstract DateTimeOffset? NextAt { get; }

    /// <summary>True for a source that looks for its messages, such as one that follows a growing file: while there is none,
    /// <see cref="NextAt"/> is when it looks again, after <see cref="OperatorContext.Now"/>. The host keeps to that time at any pace, and
    /// then asks again before it asks for a message. Default false.</summary>
    public virtual bool LooksAgain => false;

    internal abstract object NextItem();
}

/// <summary>A local source as a synchronous state machine, so that it runs in both hosts: a generator, a recording.</summary>
/// <typeparam name="T">The messages it makes.</typeparam>
public abstract class Source<T> : Source
    where T : class
{
    /// <summary>Makes the next message; called only while <see cref="Source.NextAt"/> is not null. The host owns the result.</summary>
    public abstract T Next();

    internal sealed override object NextItem() => Next();
}
