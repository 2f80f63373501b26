namespace StreamLearn;

/// <summary>An operator with two data inputs, as hosts see it. Derive from <see cref="Operator{TIn}"/> and implement
/// <see cref="IJoining{TSecond}"/>.</summary>
/// <remarks>The edges of an input wait while the operator is closed to that input. An operator that is closed to both must request a
/// wake-up.</remarks>
public interface IJoining
{
    /// <summary>Returns true while an input is open. An input that is closed stays closed until a later call opens it.</summary>
    /// <param name="second">True: the second input.</param>
    bool IsOpen(bool second);

    /// <summary>True once the operator was notified of an input's end.</summary>
    /// <param name="second">True: the second input.</param>
    bool HasEnded(bool second);

    /// <summary>Called when only one input has ended; <see cref="Operator.Complete"/> is called when both have ended.</summary>
    /// <param name="second">True: the second input.</param>
    void EndInput(bool second);

    /// <summary>The operator owns the message.</summary>
    internal void ProcessSecondItem(object input);
}

/// <summary>An operator with a second data input.</summary>
/// <typeparam name="TSecond">The second input's messages.</typeparam>
public interface IJoining<in TSecond> : IJoining
    where TSecond : class
{
    /// <summary>Handles a message from the second input. The operator owns it.</summary>
    void ProcessSecond(TSecond input);

    /// <inheritdoc />
    void IJoining.ProcessSecondItem(object input) => ProcessSecond((TSecond)input);
}
