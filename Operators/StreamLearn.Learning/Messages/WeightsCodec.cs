using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Learning;

/// <summary>Model versions as frames: version, schema hash, values, moments.</summary>
internal sealed class WeightsCodec : ICodec<Weights>
{
    /// <inheritdoc />
    public string Name => "weights/1";

    /// <inheritdoc />
    public void Encode(Weights value, IBufferWriter<byte> buffer)
    {
        var bytes = 20 + (4 * value.Values.Length) + FrameWriter.MomentsBytes(value.Scale);
        var frame = new FrameWriter(buffer, bytes, FrameKind.Weights, value.Scale is null ? FrameFlags.None : FrameFlags.Moments);
        frame.Long(value.Version);
        frame.Long((long)value.SchemaHash);
        frame.Values(value.Values.AsSpan());
        frame.Moments(value.Scale);
        frame.End();
    }

    /// <inheritdoc />
    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out Weights value)
    {
        var frame = new FrameReader(bytes, FrameKind.Weights, FrameFlags.Moments);
        value = new() { Version = frame.Long(), SchemaHash = (ulong)frame.Long(), Values = frame.Values(), Scale = frame.Moments() };
        return frame.Ended && value.Version >= 0;
    }
}
