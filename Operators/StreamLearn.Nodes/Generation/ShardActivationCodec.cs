using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Nodes;

internal sealed class ShardActivationCodec : ICodec<ShardActivation>
{
    public string Name => "shard-activation/1";

    public byte Kind => NodeFrames.ShardActivation;

    public void Encode(ShardActivation value, IBufferWriter<byte> buffer)
    {
        var bytes = FrameWriter.TextBytes(value.Source) + FrameWriter.TextBytes(value.To) + (2 * 8) + (3 * 4) + 1
            + (4 * value.Values.Length);
        var frame = new FrameWriter(buffer, bytes, 0, NodeFrames.ShardActivation);
        frame.Text(value.Source);
        frame.Text(value.To);
        frame.Long(value.Plan);
        frame.Long(value.Sequence);
        frame.Int(value.Position);
        frame.Int(value.Block);
        frame.Byte(value.IsLast ? (byte)1 : (byte)0);
        frame.Values(value.Values.AsSpan());
        frame.End();
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out ShardActivation value)
    {
        var frame = new FrameReader(bytes, 0, NodeFrames.ShardActivation);
        var (source, to) = (frame.Text(DeviceName.MaxBytes), frame.Text(DeviceName.MaxBytes));
        var (plan, sequence, position, block) = (frame.Long(), frame.Long(), frame.Int(), frame.Int());
        var last = frame.Byte();
        value = new()
        {
            Source = source,
            To = to,
            Plan = plan,
            Sequence = sequence,
            Position = position,
            Block = block,
            IsLast = last == 1,
            Values = frame.Values(),
        };
        return frame.Ended && last <= 1 && position >= 0 && block >= 0;
    }
}
