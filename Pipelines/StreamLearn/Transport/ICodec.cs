using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn;

/// <summary>Encodes and decodes messages. It writes a version first and refuses unknown versions.</summary>
public interface ICodec<T>
    where T : class
{
    /// <summary>The name and version, such as <c>delta/1</c>, by which nodes compare and print the codec.</summary>
    string Name { get; }

    /// <summary>A number for the type of payload, for carriers that do not read messages; the library ignores it. Default 0:
    /// none.</summary>
    byte Kind => 0;

    /// <summary>True: with checkpoints, a message is published only once a checkpoint holds its cause, so that a crash cannot undo it.
    /// <see cref="PublicationOptions.WithCheckpoint"/> overrides it. Default false.</summary>
    bool WaitsForCheckpoint => false;

    /// <summary>The constant columns of decoded batches; default null: unknown.</summary>
    Schema? Schema => null;

    /// <summary>Encodes a message; the caller keeps it.</summary>
    void Encode(T value, IBufferWriter<byte> buffer);

    /// <summary>Decodes a message. It never throws on invalid bytes and never allocates by an unchecked length.</summary>
    /// <param name="bytes">All bytes of one message.</param>
    /// <param name="pool">The batch pool.</param>
    /// <param name="value">The message, if valid.</param>
    bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out T value);
}
