using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Nodes;

internal sealed class StageReadyCodec : ICodec<StageReady>
{
    public string Name => "stage-ready/1";

    public byte Kind => NodeFrames.StageReady;

    public void Encode(StageReady value, IBufferWriter<byte> buffer)
    {
        var bytes = FrameWriter.TextBytes(value.Source) + FrameWriter.TextBytes(value.Node) + 8;
        var frame = new FrameWriter(buffer, bytes, 0, NodeFrames.StageReady);
        frame.Text(value.Source);
        frame.Text(value.Node);
        frame.Long(value.Plan);
        frame.End();
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out StageReady value)
    {
        var frame = new FrameReader(bytes, 0, NodeFrames.StageReady);
        value = new() { Source = frame.Text(DeviceName.MaxBytes), Node = frame.Text(DeviceName.MaxBytes), Plan = frame.Long() };
        return frame.Ended;
    }
}
