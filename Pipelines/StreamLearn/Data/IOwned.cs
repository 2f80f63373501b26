namespace StreamLearn;

/// <summary>A message with counted memory: it has one owner, who passes it on or disposes it, exactly once.</summary>
/// <remarks>Messages that are not <see cref="IOwned"/> are immutable and shared freely. Disposing a message of the program's own again does
/// nothing: the host disposes the input of a call that threw, which may have disposed it already.</remarks>
public interface IOwned : IDisposable
{
    /// <summary>Makes a second owner's handle on the same memory.</summary>
    IOwned Retain();
}

/// <summary>A message that knows its size; edges bound their bytes by it. Messages that do not count as
/// <see cref="DefaultBytes"/>.</summary>
public interface ISized
{
    /// <summary>Bytes that a message without a known size counts as on an edge.</summary>
    const int DefaultBytes = 64;

    /// <summary>Bytes held by the message.</summary>
    long SizeBytes { get; }

    /// <summary>Sensor rows in the message; 0 if it holds none.</summary>
    int Rows => 0;
}
