namespace StreamLearn;

/// <summary>An operator with two data inputs, as hosts see it. Derive from <see cref="Operator{TIn}"/> and implement
/// <see cref="IJoining{TSecond}"/>.</summary>
/// <remarks>Each input's edges wait while the operator is closed to it. An operator closed to both requests a wake-up.</remarks>
public interface IJoining
{
    /// <summary>Returns false to close an input until a later call opens it.</summary>
    /// <param name="second">True: the second input.</param>
    bool IsOpen(bool second);

    /// <summary>True once the operator was notified of an input's end.</summary>
    /// <param name="second">True: the second input.</param>
    bool HasEnded(bool second);

    /// <summary>Notifies that only one input has ended; <see cref="Operator.Complete"/>: both have.</summary>
    /// <param name="second">True: the second input.</param>
    void EndInput(bool second);

    /// <summary>Handles a second input's message, which the operator owns.</summary>
    /// <param name="input">The message.</param>
    internal void ProcessSecondItem(object input);
}

/// <summary>An operator with a second data input.</summary>
/// <typeparam name="TSecond">The second input's messages.</typeparam>
public interface IJoining<in TSecond> : IJoining
    where TSecond : class
{
    /// <summary>Handles a second input's message, which the operator owns.</summary>
    /// <param name="input">The message.</param>
    void ProcessSecond(TSecond input);

    /// <inheritdoc />
    void IJoining.ProcessSecondItem(object input) => ProcessSecond((TSecond)input);
}
