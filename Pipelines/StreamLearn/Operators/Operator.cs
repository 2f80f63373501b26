namespace StreamLearn;

/// <summary>The part of every operator that a host drives; derive from <see cref="Operator{TIn}"/>.</summary>
public abstract class Operator
{
    private protected Operator() { }

    /// <summary>False closes the data input until a later call opens it; control messages and wake-ups still come.</summary>
    public virtual bool Ready => true;

    /// <summary>
    /// True while replies are awaited on a control input. Before <see cref="Complete"/>, that call is put off until they have come, a
    /// wake-up gives them up, or no control message can come any more. After it, the block ends only then, and gets control messages and
    /// wake-ups until it does; a block that has more to emit than one call may is such a block too.
    /// </summary>
    public virtual bool AwaitingReplies => false;

    /// <summary>Handles the time asked for by <see cref="OperatorContext.WakeAt"/>, which has come.</summary>
    public virtual void WakeUp() { }

    /// <summary>Emits what is held; there is no more input.</summary>
    public virtual void Complete() { }

    internal abstract void ProcessItem(object item);
}

/// <summary>A synchronous state machine over messages. It knows no threads, queues, tasks, clocks or transports; its calls never
/// overlap.</summary>
/// <typeparam name="TIn">The messages it takes.</typeparam>
/// <remarks>
/// An operator that holds <see cref="IOwned"/> messages across calls is <see cref="IDisposable"/> and disposes them there; the host calls
/// it once, at the end of the run. An operator that throws has given its input back: it must not keep a message that came with the call
/// that failed.
/// </remarks>
public abstract class Operator<TIn> : Operator
    where TIn : class
{
    /// <summary>Handles one message. The operator owns it: it emits, drops, keeps or disposes it, exactly once.</summary>
    /// <param name="input">The message.</param>
    public abstract void Process(TIn input);

    internal sealed override void ProcessItem(object item) => Process((TIn)item);
}
