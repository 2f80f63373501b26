namespace StreamLearn;

/// <summary>What a host asks an operator with two data inputs; derive from <see cref="Operator{TIn}"/> and implement
/// <see cref="IJoining{TSecond}"/>.</summary>
/// <remarks>Each input has edges of its own, which wait while the operator is closed to it: one that runs ahead is held back. An
/// operator that is closed to both asks for a wake-up.</remarks>
public interface IJoining
{
    /// <summary>False closes an input until a later call opens it.</summary>
    /// <param name="second">True: the second input.</param>
    bool IsOpen(bool second);

    /// <summary>True once the operator has been told that an input has ended.</summary>
    /// <param name="second">True: the second input.</param>
    bool HasEnded(bool second);

    /// <summary>Tells that one input has ended, while the other has not: <see cref="Operator.Complete"/> tells that both have.</summary>
    /// <param name="second">True: the second input.</param>
    void EndInput(bool second);

    /// <summary>Handles a message of the second input; it is the operator's.</summary>
    /// <param name="input">The message.</param>
    internal void ProcessSecondItem(object input);
}

/// <summary>An operator with a second data input.</summary>
/// <typeparam name="TSecond">The messages of the second input.</typeparam>
public interface IJoining<in TSecond> : IJoining
    where TSecond : class
{
    /// <summary>Handles one message of the second input. The operator owns it, as it does one of the first.</summary>
    /// <param name="input">The message.</param>
    void ProcessSecond(TSecond input);

    /// <inheritdoc />
    void IJoining.ProcessSecondItem(object input) => ProcessSecond((TSecond)input);
}

/// <summary>What a block with two data inputs declares before it runs.</summary>
public interface IJoinOptions : IBlockOptions
{
    /// <summary>The schema of the batches on the main output, given those of both inputs.</summary>
    /// <param name="first">The schema of the batches of the first input.</param>
    /// <param name="second">Of the second.</param>
    /// <exception cref="SchemaException">A column that the block needs is absent or of another type or unit, or two have one
    /// name.</exception>
    Schema Output(Schema first, Schema second);
}
