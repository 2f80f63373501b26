using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Learning;

/// <summary>What devices say of themselves, as frames: device, epoch, kind, version held.</summary>
internal sealed class PresenceCodec : ICodec<Presence>
{
    /// <inheritdoc />
    public string Name => "presence/1";

    /// <inheritdoc />
    public EnvelopeKind Kind => EnvelopeKind.Presence;

    /// <inheritdoc />
    public void Encode(Presence value, IBufferWriter<byte> buffer)
    {
        var frame = new FrameWriter(buffer, FrameWriter.TextBytes(value.Device) + 9 + (value.Held is null ? 0 : 16),
            EnvelopeKind.Presence, value.Held is null ? FrameFlags.None : FrameFlags.Held);
        frame.Text(value.Device);
        frame.Long(value.Epoch);
        frame.Byte((byte)value.Kind);
        frame.Held(value.Held);
        frame.End();
    }

    /// <inheritdoc />
    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out Presence value)
    {
        value = null;
        var frame = new FrameReader(bytes, EnvelopeKind.Presence, FrameFlags.Held);
        var device = frame.Text(DeviceName.MaxBytes);
        if (frame.Failed) { return false; }
        value = new() { Device = device, Epoch = frame.Long(), Kind = (PresenceKind)frame.Byte(), Held = frame.Held() };
        return frame.Ended && value.Kind <= PresenceKind.Waiting && !(value.Held?.Version < 0);
    }
}
