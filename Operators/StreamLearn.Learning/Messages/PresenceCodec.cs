using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Learning;

internal sealed class PresenceCodec : ICodec<Presence>
{
    public string Name => "presence/1";

    public byte Kind => (byte)FrameKind.Presence;

    public void Encode(Presence value, IBufferWriter<byte> buffer)
    {
        value = value.OfItsTopic();
        var frame = new FrameWriter(buffer, FrameWriter.TextBytes(value.Device) + 9 + (value.Held is null ? 0 : 16)
            + (value.Capabilities is { } c ? 12 + FrameWriter.TextBytes(c.Program) + FrameWriter.TextBytes(c.Codec) : 0),
            FrameKind.Presence, (value.Held is null ? FrameFlags.None : FrameFlags.Held)
            | (value.Capabilities is null ? FrameFlags.None : FrameFlags.Capabilities));
        frame.Text(value.Device);
        frame.Long(value.Epoch);
        frame.Byte((byte)value.Kind);
        frame.Held(value.Held);
        if (value.Capabilities is { } capabilities)
        {
            frame.Int(capabilities.Cores);
            frame.Long(capabilities.MemoryBytes);
            frame.Text(capabilities.Program);
            frame.Text(capabilities.Codec);
        }

        frame.End();
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out Presence value)
    {
        value = null;
        var frame = new FrameReader(bytes, FrameKind.Presence, FrameFlags.Held | FrameFlags.Capabilities);
        var device = frame.Text(DeviceName.MaxBytes);
        if (frame.Failed) { return false; }
        value = new() { Device = device, Epoch = frame.Long(), Kind = (PresenceKind)frame.Byte(), Held = frame.Held() };
        if ((frame.Flags & FrameFlags.Capabilities) != 0)
        {
            value = value with
            {
                Capabilities = new(frame.Int(), frame.Long(),
                    frame.Text(DeviceCapabilities.MaxTextBytes), frame.Text(DeviceCapabilities.MaxTextBytes)),
            };
        }

        return frame.Ended && value.Kind <= PresenceKind.Waiting && !(value.Held?.Version < 0)
            && value.Capabilities?.IsValid != false;
    }
}
