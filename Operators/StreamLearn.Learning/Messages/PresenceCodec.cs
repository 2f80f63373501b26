using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Learning;

/// <summary>What devices say of themselves, as frames: device, epoch, kind.</summary>
internal sealed class PresenceCodec : ICodec<Presence>
{
    /// <inheritdoc />
    public string Name => "presence/1";

    /// <inheritdoc />
    public void Encode(Presence value, IBufferWriter<byte> buffer)
    {
        var frame = new FrameWriter(buffer, FrameWriter.TextBytes(value.Device) + 9, EnvelopeKind.Presence, FrameFlags.None);
        frame.Text(value.Device);
        frame.Long(value.Epoch);
        frame.Byte((byte)value.Kind);
        frame.End();
    }

    /// <inheritdoc />
    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out Presence value)
    {
        value = null;
        var frame = new FrameReader(bytes, EnvelopeKind.Presence, FrameFlags.None);
        var device = frame.Text(DeviceName.MaxBytes);
        if (frame.Failed) { return false; }
        value = new() { Device = device, Epoch = frame.Long(), Kind = (PresenceKind)frame.Byte() };
        return frame.Ended && value.Kind <= PresenceKind.Leave;
    }
}
