using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace StreamLearn.Learning;

/// <summary>Updates as frames: device, identity, base version, schema hash, counts, loss, values, moments.</summary>
internal sealed class DeltaCodec : ICodec<WeightDelta>
{
    private const int FixedBytes = 2 + (4 * 8) + (3 * 4) + 4;

    /// <inheritdoc />
    public string Name => "delta/1";

    /// <inheritdoc />
    public void Encode(WeightDelta value, IBufferWriter<byte> buffer)
    {
        var bytes = FixedBytes + Encoding.UTF8.GetByteCount(value.Device) + (4 * value.Values.Length)
            + FrameWriter.MomentsBytes(value.Moments);
        var flags = (value.Moments is null ? FrameFlags.None : FrameFlags.Moments) | (value.Leaving ? FrameFlags.Leaving : FrameFlags.None);
        var frame = new FrameWriter(buffer, bytes, FrameKind.Delta, flags);
        frame.Text(value.Device);
        frame.Long(value.Epoch);
        frame.Long(value.Sequence);
        frame.Long(value.BaseVersion);
        frame.Long((long)value.SchemaHash);
        frame.Int(value.Samples);
        frame.Int(value.Steps);
        frame.Single(value.Loss);
        frame.Values(value.Values.AsSpan());
        frame.Moments(value.Moments);
        frame.End();
    }

    /// <inheritdoc />
    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out WeightDelta value)
    {
        value = null;
        var frame = new FrameReader(bytes, FrameKind.Delta, FrameFlags.Moments | FrameFlags.Leaving);
        var device = frame.Text(WeightDelta.MaxDeviceBytes);
        if (frame.Failed) { return false; }
        value = new()
        {
            Device = device,
            Epoch = frame.Long(),
            Sequence = frame.Long(),
            BaseVersion = frame.Long(),
            SchemaHash = (ulong)frame.Long(),
            Samples = frame.Int(),
            Steps = frame.Int(),
            Loss = frame.Single(),
            Values = frame.Values(),
            Moments = frame.Moments(),
            Leaving = (frame.Flags & FrameFlags.Leaving) != 0,
        };
        return frame.Ended && value.Samples >= 0 && value.Steps >= 0;
    }
}
