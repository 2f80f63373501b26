namespace StreamLearn;

internal abstract class Ports
{
    internal const int DeadLetters = 3;

    [ThreadStatic]
    private static Ports? _calling;

    internal const int PortCount = DeadLetters + 1;

    internal static Ports? Calling => _calling;

    /// <summary>Looked up once per call. The call sets the block and restores the previous one.</summary>
    protected static ref Ports? CallingHere => ref _calling;

    internal IOutput<T> Port<T>(int index)
        where T : class => new Output<T>(this, index);

    internal abstract void Emit(int port, object item);

    private sealed class Output<T>(Ports ports, int index) : IOutput<T>
        where T : class
    {
        public void Emit(T item)
        {
            ArgumentNullException.ThrowIfNull(item);
            ports.Emit(index, item);
        }
    }
}
