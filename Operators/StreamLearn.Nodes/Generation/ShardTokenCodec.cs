using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Nodes;

internal sealed class ShardTokenCodec : ICodec<ShardToken>
{
    public string Name => "shard-token/1";

    public byte Kind => NodeFrames.ShardToken;

    public void Encode(ShardToken value, IBufferWriter<byte> buffer)
    {
        var bytes = FrameWriter.TextBytes(value.Source) + (2 * 8) + (2 * 4);
        var frame = new FrameWriter(buffer, bytes, 0, NodeFrames.ShardToken);
        frame.Text(value.Source);
        frame.Long(value.Plan);
        frame.Long(value.Sequence);
        frame.Int(value.Position);
        frame.Int(value.Token);
        frame.End();
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out ShardToken value)
    {
        var frame = new FrameReader(bytes, 0, NodeFrames.ShardToken);
        value = new()
        {
            Source = frame.Text(DeviceName.MaxBytes),
            Plan = frame.Long(),
            Sequence = frame.Long(),
            Position = frame.Int(),
            Token = frame.Int(),
        };
        return frame.Ended && value.Position >= 0 && value.Token >= 0;
    }
}
