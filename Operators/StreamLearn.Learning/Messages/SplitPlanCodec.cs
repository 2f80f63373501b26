using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Learning;

internal sealed class SplitPlanCodec : ICodec<SplitPlan>
{
    public string Name => "split-plan/1";

    public byte Kind => (byte)FrameKind.SplitPlan;

    public void Encode(SplitPlan value, IBufferWriter<byte> buffer)
    {
        var bytes = 12 + (value.Device is { } name ? FrameWriter.TextBytes(name) : 0);
        var frame = new FrameWriter(buffer, bytes, FrameKind.SplitPlan, value.Device is null ? FrameFlags.None : FrameFlags.Device);
        frame.Int(value.Split);
        frame.Long(value.FromSequence);
        if (value.Device is { } device) { frame.Text(device); }
        frame.End();
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out SplitPlan value)
    {
        var frame = new FrameReader(bytes, FrameKind.SplitPlan, FrameFlags.Device);
        value = new()
        {
            Split = frame.Int(),
            FromSequence = frame.Long(),
            Device = (frame.Flags & FrameFlags.Device) == 0 ? null : frame.Text(DeviceName.MaxBytes),
        };
        return frame.Ended && value.Split >= 0;
    }
}
