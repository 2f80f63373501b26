using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn;

/// <summary>Turns messages into bytes and back. It writes a version first and refuses what it does not know.</summary>
/// <typeparam name="T">The messages.</typeparam>
public interface ICodec<T>
    where T : class
{
    /// <summary>The name by which a node compares and prints the codec, with its version: <c>delta/1</c>.</summary>
    string Name { get; }

    /// <summary>A number for what the bytes are, for those who carry messages without reading them. The library gives it no meaning of its
    /// own. Default 0: none.</summary>
    byte Kind => 0;

    /// <summary>True: in a run that keeps checkpoints, a message is published once one holds what made it, so that nobody learns what a
    /// crash may undo. <see cref="PublicationOptions.WithCheckpoint"/> decides otherwise. Default false.</summary>
    bool WaitsForCheckpoint => false;

    /// <summary>The columns of the batches that it reads, where they are always the same; null, the default: they are not known.</summary>
    Schema? Schema => null;

    /// <summary>Writes a message; the caller keeps it.</summary>
    /// <param name="value">The message.</param>
    /// <param name="buffer">Where to.</param>
    void Encode(T value, IBufferWriter<byte> buffer);

    /// <summary>Reads a message. Never throws on bad bytes and never reserves memory by a length it has not checked.</summary>
    /// <param name="bytes">All bytes of one message.</param>
    /// <param name="pool">Where batches are rented.</param>
    /// <param name="value">The message, if the bytes are one.</param>
    bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out T value);
}
