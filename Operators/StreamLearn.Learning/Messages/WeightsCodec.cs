using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Learning;

internal sealed class WeightsCodec : ICodec<Weights>
{
    public string Name => "weights/1";

    public byte Kind => (byte)FrameKind.Weights;

    public bool WaitsForCheckpoint => true;

    public void Encode(Weights value, IBufferWriter<byte> buffer)
    {
        var bytes = 20 + (4 * value.Values.Length) + FrameWriter.MomentsBytes(value.Scale) + FrameWriter.InvitedBytes(value.Invited)
            + FrameWriter.DirectivesBytes(value.Directives) + (value.Epoch == 0 ? 0 : 8) + (value.Seal == 0 ? 0 : 16);
        var frame = new FrameWriter(buffer, bytes, FrameKind.Weights, FlagsOf(value));
        frame.Long(value.Version);
        frame.Long((long)value.SchemaHash);
        frame.Values(value.Values.AsSpan());
        frame.Moments(value.Scale);
        frame.Invited(value.Invited);
        frame.Directives(value.Directives);
        if (value.Epoch != 0) { frame.Long(value.Epoch); }
        if (value.Seal != 0)
        {
            frame.Long((long)(ulong)value.Seal);
            frame.Long((long)(ulong)(value.Seal >> 64));
        }

        frame.End();
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out Weights value)
    {
        var frame = new FrameReader(bytes, FrameKind.Weights,
            FrameFlags.Moments | FrameFlags.Invited | FrameFlags.Directives | FrameFlags.Epoch | FrameFlags.Seal);
        value = new()
        {
            Version = frame.Long(),
            SchemaHash = (ulong)frame.Long(),
            Values = frame.Values(),
            Scale = frame.Moments(),
            Invited = frame.Invited(),
            Directives = frame.Directives(),
            Epoch = (frame.Flags & FrameFlags.Epoch) == 0 ? 0 : frame.Long(),
        };
        if ((frame.Flags & FrameFlags.Seal) != 0)
        {
            var (low, high) = ((ulong)frame.Long(), (ulong)frame.Long());
            value = value with { Seal = new(high, low) };
        }

        return frame.Ended && value.Version >= 0;
    }

    private static FrameFlags FlagsOf(Weights value) =>
        (value.Scale is null ? FrameFlags.None : FrameFlags.Moments)
        | (value.Invited is null ? FrameFlags.None : FrameFlags.Invited)
        | (value.Directives.IsEmpty ? FrameFlags.None : FrameFlags.Directives)
        | (value.Epoch == 0 ? FrameFlags.None : FrameFlags.Epoch)
        | (value.Seal == 0 ? FrameFlags.None : FrameFlags.Seal);
}
