namespace StreamLearn;

/// <summary>An operator's output.</summary>
/// <typeparam name="T">The messages.</typeparam>
public interface IOutput<in T>
    where T : class
{
    /// <summary>Emits a message with its ownership. Never blocks: the host forwards it after the call.</summary>
    /// <param name="item">The message; do not use it afterwards.</param>
    /// <exception cref="InvalidOperationException">The call emitted more than declared
    /// (<see cref="IBlockOptions.MaxOutputsPerCall"/>).</exception>
    void Emit(T item);
}
