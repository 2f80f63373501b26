namespace StreamLearn;

/// <summary>Where the outputs of an operator go while a call runs.</summary>
internal abstract class Ports
{
    /// <summary>The output for dead letters, after main, side and third.</summary>
    internal const int DeadLetters = 3;

    /// <summary>Outputs that a block may have.</summary>
    internal const int PortCount = DeadLetters + 1;

    internal IOutput<T> Port<T>(int index)
        where T : class => new Output<T>(this, index);

    internal abstract void Emit(int port, object item);

    private sealed class Output<T>(Ports ports, int index) : IOutput<T>
        where T : class
    {
        /// <inheritdoc />
        public void Emit(T item)
        {
            ArgumentNullException.ThrowIfNull(item);
            ports.Emit(index, item);
        }
    }
}
