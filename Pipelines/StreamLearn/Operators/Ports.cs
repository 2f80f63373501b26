namespace StreamLearn;

/// <summary>Where the outputs of an operator go while a call runs.</summary>
internal abstract class Ports
{
    /// <summary>The output for dead letters, after main, side and third.</summary>
    internal const int DeadLetters = 3;

    [ThreadStatic]
    private static Ports? _calling;

    /// <summary>Outputs that a block may have.</summary>
    internal const int PortCount = DeadLetters + 1;

    /// <summary>The block of which a call runs on this thread; null: none.</summary>
    internal static Ports? Calling => _calling;

    /// <summary>Where this thread notes whose call runs on it: found once for a call, which notes its block there, and after it the one
    /// of before.</summary>
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
