using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>Answers of stages as frames: source, node, plan.</summary>
internal sealed class StageReadyCodec : ICodec<StageReady>
{
    public string Name => "stage-ready/1";

    public byte Kind => (byte)FrameKind.StageReady;

    public void Encode(StageReady value, IBufferWriter<byte> buffer)
    {
        var bytes = FrameWriter.TextBytes(value.Source) + FrameWriter.TextBytes(value.Node) + 8;
        var frame = new FrameWriter(buffer, bytes, FrameKind.StageReady, FrameFlags.None);
        frame.Text(value.Source);
        frame.Text(value.Node);
        frame.Long(value.Plan);
        frame.End();
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out StageReady value)
    {
        var frame = new FrameReader(bytes, FrameKind.StageReady, FrameFlags.None);
        value = new() { Source = frame.Text(DeviceName.MaxBytes), Node = frame.Text(DeviceName.MaxBytes), Plan = frame.Long() };
        return frame.Ended;
    }
}
