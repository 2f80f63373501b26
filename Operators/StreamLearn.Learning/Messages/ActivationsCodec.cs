using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Learning;

internal sealed class ActivationsCodec : ICodec<Activations>
{
    private const FrameFlags Optional = FrameFlags.Labels | FrameFlags.Move | FrameFlags.Part | FrameFlags.Round
        | FrameFlags.Resources | FrameFlags.Edge | FrameFlags.Moments;

    public string Name => "activations/1";

    public byte Kind => (byte)FrameKind.Activations;

    public void Encode(Activations value, IBufferWriter<byte> buffer)
    {
        value = value.OfItsTopic();
        var bytes = FrameWriter.TextBytes(value.Device) + (4 * 8) + (3 * 4) + (4 * value.Values.Length)
            + (value.Labels.IsEmpty ? 0 : 4 + (4 * value.Labels.Length)) + (value.MoveTo is null ? 0 : 4)
            + FrameWriter.PartBytes(value.Part) + FrameWriter.RoundBytes(value.Round)
            + FrameWriter.ResourcesBytes(value.Resources) + FrameWriter.MomentsBytes(value.Moments) + FrameWriter.EdgeBytes(value.Edge);
        var flags = (value.Labels.IsEmpty ? FrameFlags.None : FrameFlags.Labels)
            | (value.MoveTo is null ? FrameFlags.None : FrameFlags.Move) | (value.Part is null ? FrameFlags.None : FrameFlags.Part)
            | (value.Round is null ? FrameFlags.None : FrameFlags.Round) | (value.Edge is null ? FrameFlags.None : FrameFlags.Edge)
            | (value.Resources is null ? FrameFlags.None : FrameFlags.Resources)
            | (value.Moments is null ? FrameFlags.None : FrameFlags.Moments);
        var frame = new FrameWriter(buffer, bytes, FrameKind.Activations, flags);
        frame.Text(value.Device);
        frame.Long(value.Epoch);
        frame.Long(value.Sequence);
        frame.Int(value.Split);
        frame.Long((long)value.SchemaHash);
        frame.Long(value.WeightsVersion);
        frame.Int(value.Rows);
        frame.Values(value.Values.AsSpan());
        frame.Labels(value.Labels.AsSpan());
        if (value.MoveTo is { } to) { frame.Int(to); }
        frame.Part(value.Part);
        frame.Round(value.Round);
        frame.Resources(value.Resources);
        frame.Moments(value.Moments);
        if (value.Edge is { } edge) { frame.Text(edge); }
        frame.End();
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out Activations value)
    {
        value = null;
        var frame = new FrameReader(bytes, FrameKind.Activations, Optional);
        var device = frame.Text(DeviceName.MaxBytes);
        if (frame.Failed) { return false; }
        value = new()
        {
            Device = device,
            Epoch = frame.Long(),
            Sequence = frame.Long(),
            Split = frame.Int(),
            SchemaHash = (ulong)frame.Long(),
            WeightsVersion = frame.Long(),
            Rows = frame.Int(),
            Values = frame.Values(),
            Labels = frame.Labels(),
            MoveTo = (frame.Flags & FrameFlags.Move) == 0 ? null : frame.Int(),
            Part = frame.Part(),
            Round = frame.Round(),
            Resources = frame.Resources(),
            Moments = frame.Moments(),
            Edge = frame.Edge(),
        };
        return frame.Ended && value.Rows >= 0;
    }
}
