using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Nodes;

internal sealed class PartTaskCodec : ICodec<PartTask>
{
    public string Name => "part-task/1";

    public byte Kind => NodeFrames.PartTask;

    public void Encode(PartTask value, IBufferWriter<byte> buffer)
    {
        var bytes = FrameWriter.TextBytes(value.Device) + FrameWriter.TextBytes(value.Worker) + (5 * 8) + (6 * 4)
            + (4 * value.Values.Length) + 1;
        var flags = value.By == PartCut.Channels ? NodeFrames.Channels : 0;
        var frame = new FrameWriter(buffer, bytes, flags, NodeFrames.PartTask);
        frame.Text(value.Device);
        frame.Text(value.Worker);
        frame.Long(value.Epoch);
        frame.Long(value.Sequence);
        frame.Long((long)value.SchemaHash);
        frame.Long(value.Version.Epoch);
        frame.Long(value.Version.Version);
        frame.Int(value.First);
        frame.Int(value.End);
        frame.Int(value.Lines.From);
        frame.Int(value.Lines.To);
        frame.Int(value.Rows);
        frame.Values(value.Values.AsSpan());
        frame.Byte((byte)value.Privacy);
        frame.End();
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out PartTask value)
    {
        value = null;
        var frame = new FrameReader(bytes, NodeFrames.Channels, NodeFrames.PartTask);
        var (device, worker) = (frame.Text(DeviceName.MaxBytes), frame.Text(DeviceName.MaxBytes));
        if (frame.Failed) { return false; }
        value = new()
        {
            Device = device,
            Worker = worker,
            Epoch = frame.Long(),
            Sequence = frame.Long(),
            SchemaHash = (ulong)frame.Long(),
            Version = new(frame.Long(), frame.Long()),
            First = frame.Int(),
            End = frame.Int(),
            By = frame.Has(NodeFrames.Channels) ? PartCut.Channels : PartCut.Lines,
            Lines = new(frame.Int(), frame.Int()),
            Rows = frame.Int(),
            Values = frame.Values(),
            Privacy = (PrivacyLabel)frame.Byte(),
        };
        return frame.Ended && value.Rows >= 0 && value.Privacy <= PrivacyLabel.DeviceOnly;
    }
}
