namespace StreamLearn;

/// <summary>The host's view of an operator; derive from <see cref="Operator{TIn}"/>.</summary>
public abstract class Operator
{
    private protected Operator() { }

    /// <summary>False closes the data input until a later call opens it; control messages and wake-ups still arrive.</summary>
    public virtual bool Ready => true;

    /// <summary>True while the operator awaits replies on control inputs. This delays <see cref="Complete"/> until they arrive, a wake-up
    /// abandons them, or no control message can come. After <see cref="Complete"/>, it keeps the block open, with control messages and
    /// wake-ups; also for outputs beyond one call's limit.</summary>
    public virtual bool AwaitingReplies => false;

    /// <summary>Handles a wake-up requested by <see cref="OperatorContext.WakeAt"/>.</summary>
    public virtual void WakeUp() { }

    /// <summary>Called at the end of the input to emit held messages.</summary>
    public virtual void Complete() { }

    internal abstract void ProcessItem(object item);
}

/// <summary>A synchronous state machine that processes messages, without threads, queues, clocks or transports. Its calls never
/// overlap.</summary>
/// <remarks> An operator that keeps <see cref="IOwned"/> messages across calls disposes them in <see cref="IDisposable"/>, called once at
/// the end of the run. A call that throws must not keep its input. </remarks>
public abstract class Operator<TIn> : Operator
    where TIn : class
{
    /// <summary>Handles a message. The operator owns it: it emits, drops, keeps or disposes it exactly once.</summary>
    public abstract void Process(TIn input);

    internal sealed override void ProcessItem(object item) => Process((TIn)item);
}
