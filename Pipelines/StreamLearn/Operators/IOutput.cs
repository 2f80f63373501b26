namespace StreamLearn;

/// <summary>An output of an operator.</summary>
/// <typeparam name="T">The messages it carries.</typeparam>
public interface IOutput<in T>
    where T : class
{
    /// <summary>Passes a message on, with its ownership. Never blocks: the host moves it when the call has returned.</summary>
    /// <param name="item">The message; not to be touched afterwards.</param>
    /// <exception cref="InvalidOperationException">The call emitted more than its block declared
    /// (<see cref="IBlockOptions.MaxOutputsPerCall"/>).</exception>
    void Emit(T item);
}
