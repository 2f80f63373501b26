namespace StreamLearn;

/// <summary>A message with reference-counted memory. Its one owner passes it on or disposes it exactly once.</summary>
/// <remarks>Other messages are immutable and shared freely. Disposing a custom message twice must do nothing: the host disposes the input
/// of a call that threw, which may have disposed it already.</remarks>
public interface IOwned : IDisposable
{
    /// <summary>Makes another owner's handle on the same memory.</summary>
    IOwned Retain();
}

/// <summary>A message that reports its size, so that edges can limit their bytes. Other messages count as
/// <see cref="DefaultBytes"/>.</summary>
public interface ISized
{
    /// <summary>Bytes counted for a message of unknown size.</summary>
    const int DefaultBytes = 64;

    /// <summary>Bytes that the message holds.</summary>
    long SizeBytes { get; }

    /// <summary>Sensor rows in the message, or 0.</summary>
    int Rows => 0;
}
