using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Nodes;

internal sealed class PartResultCodec : ICodec<PartResult>
{
    public string Name => "part-result/1";

    public byte Kind => NodeFrames.PartResult;

    public void Encode(PartResult value, IBufferWriter<byte> buffer)
    {
        var bytes = FrameWriter.TextBytes(value.Device) + FrameWriter.TextBytes(value.Worker) + (5 * 8) + (4 * 4)
            + (4 * value.Values.Length) + 1 + (value.Refusal is null ? 0 : FrameWriter.TextBytes(value.Refusal));
        var frame = new FrameWriter(buffer, bytes, 0, NodeFrames.PartResult);
        frame.Text(value.Device);
        frame.Text(value.Worker);
        frame.Long(value.Epoch);
        frame.Long(value.Sequence);
        frame.Long((long)value.SchemaHash);
        frame.Long(value.Version.Epoch);
        frame.Long(value.Version.Version);
        frame.Int(value.Lines.From);
        frame.Int(value.Lines.To);
        frame.Int(value.Rows);
        frame.Values(value.Values.AsSpan());
        frame.Byte(value.Refusal is null ? (byte)0 : (byte)1);
        if (value.Refusal is { } reason) { frame.Text(reason); }
        frame.End();
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out PartResult value)
    {
        value = null;
        var frame = new FrameReader(bytes, 0, NodeFrames.PartResult);
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
            Lines = new(frame.Int(), frame.Int()),
            Rows = frame.Int(),
            Values = frame.Values(),
        };
        var refuses = frame.Byte();
        var reason = refuses == 0 ? null : frame.Text(DeviceName.MaxBytes);
        if (!frame.Ended || refuses > 1 || value.Rows < 0) { return false; }
        value = value with { Refusal = reason };
        return true;
    }
}
