using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Learning;

internal sealed class FrameCodec<T>(string name, FrameOf<T> fields, byte kind, bool waitsForCheckpoint) : ICodec<T>
    where T : class
{
    public string Name => name;

    public byte Kind => kind;

    public bool WaitsForCheckpoint => waitsForCheckpoint;

    public void Encode(T value, IBufferWriter<byte> buffer)
    {
        var measured = default(FrameFields);
        fields(ref measured, value);
        var frame = new FrameFields(buffer, measured.Bytes, measured.Flags, kind);
        fields(ref frame, value);
        frame.End();
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out T value)
    {
        var frame = new FrameFields(bytes, kind);
        var read = fields(ref frame, null);
        value = frame.Ended ? read : null;
        return value is not null;
    }
}
