using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Learning;

internal sealed class BoundaryGradientsCodec : ICodec<BoundaryGradients>
{
    public string Name => "gradients/1";

    public byte Kind => (byte)FrameKind.Gradients;

    public void Encode(BoundaryGradients value, IBufferWriter<byte> buffer)
    {
        var bytes = FrameWriter.TextBytes(value.Device) + (3 * 8) + (3 * 4) + (4 * value.Values.Length) + FrameWriter.PartBytes(value.Part)
            + (value.Begins is null ? 0 : 16) + FrameWriter.EdgeBytes(value.Edge) + (value.Edge is null ? 0 : 4);
        var frame = new FrameWriter(buffer, bytes, FrameKind.Gradients, (value.Part is null ? FrameFlags.None : FrameFlags.Part)
            | (value.RolledBack ? FrameFlags.RolledBack : FrameFlags.None) | (value.Begins is null ? FrameFlags.None : FrameFlags.Held)
            | (value.Edge is null ? FrameFlags.None : FrameFlags.Edge) | (value.Voids ? FrameFlags.Void : FrameFlags.None)
            | (value.HasScale ? FrameFlags.Moments : FrameFlags.None));
        frame.Text(value.Device);
        frame.Long(value.Epoch);
        frame.Long(value.Sequence);
        frame.Int(value.Split);
        frame.Long((long)value.SchemaHash);
        frame.Values(value.Values.AsSpan());
        frame.Single(value.Loss);
        frame.Part(value.Part);
        frame.Held(value.Begins);
        if (value.Edge is { } edge)
        {
            frame.Text(edge);
            frame.Int(value.Term);
        }

        frame.End();
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out BoundaryGradients value)
    {
        value = null;
        var frame = new FrameReader(bytes, FrameKind.Gradients, FrameFlags.Part | FrameFlags.RolledBack
            | FrameFlags.Held | FrameFlags.Edge | FrameFlags.Void | FrameFlags.Moments);
        var device = frame.Text(DeviceName.MaxBytes);
        if (frame.Failed) { return false; }
        value = new()
        {
            Device = device,
            Epoch = frame.Long(),
            Sequence = frame.Long(),
            Split = frame.Int(),
            SchemaHash = (ulong)frame.Long(),
            Values = frame.Values(),
            Loss = frame.Single(),
            Part = frame.Part(),
            Begins = frame.Held(),
            HasScale = (frame.Flags & FrameFlags.Moments) != 0,
            Voids = (frame.Flags & FrameFlags.Void) != 0,
            Edge = frame.Edge(),
            Term = (frame.Flags & FrameFlags.Edge) == 0 ? 0 : frame.Int(),
            RolledBack = (frame.Flags & FrameFlags.RolledBack) != 0,
        };
        return frame.Ended && value.Term >= 0;
    }
}
