namespace StreamLearn;

/// <summary>An output of an operator.</summary>
public interface IOutput<in T>
    where T : class
{
    /// <summary>Emits a message and transfers its ownership. It never blocks: the host forwards the message after the call.</summary>
    /// <param name="item">The message; do not use it afterwards.</param>
    /// <exception cref="InvalidOperationException">The call emitted more than declared
    /// (<see cref="IBlockOptions.MaxOutputsPerCall"/>).</exception>
    void Emit(T item);
}
