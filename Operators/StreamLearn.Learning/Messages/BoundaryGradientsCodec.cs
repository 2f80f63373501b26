using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>Gradients as frames: device, identity, split, schema hash, values, loss; a part where there is one.</summary>
internal sealed class BoundaryGradientsCodec : ICodec<BoundaryGradients>
{
    /// <inheritdoc />
    public string Name => "gradients/1";

    /// <inheritdoc />
    public byte Kind => (byte)FrameKind.Gradients;

    /// <inheritdoc />
    public void Encode(BoundaryGradients value, IBufferWriter<byte> buffer)
    {
        var bytes = FrameWriter.TextBytes(value.Device) + (3 * 8) + (3 * 4) + (4 * value.Values.Length) + FrameWriter.PartBytes(value.Part);
        var frame = new FrameWriter(buffer, bytes, FrameKind.Gradients, (value.Part is null ? FrameFlags.None : FrameFlags.Part)
            | (value.RolledBack ? FrameFlags.RolledBack : FrameFlags.None));
        frame.Text(value.Device);
        frame.Long(value.Epoch);
        frame.Long(value.Sequence);
        frame.Int(value.Split);
        frame.Long((long)value.SchemaHash);
        frame.Values(value.Values.AsSpan());
        frame.Single(value.Loss);
        frame.Part(value.Part);
        frame.End();
    }

    /// <inheritdoc />
    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out BoundaryGradients value)
    {
        value = null;
        var frame = new FrameReader(bytes, FrameKind.Gradients, FrameFlags.Part | FrameFlags.RolledBack);
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
            RolledBack = (frame.Flags & FrameFlags.RolledBack) != 0,
        };
        return frame.Ended;
    }
}
