using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Nodes;

internal sealed class RestAnswerCodec : ICodec<RestAnswer>
{
    public string Name => "rest-answer/1";

    public void Encode(RestAnswer value, IBufferWriter<byte> buffer)
    {
        var frame = new FrameWriter(buffer, FrameWriter.TextBytes(value.Device) + (3 * 8) + 1 + 4 + (4 * value.Values.Length));
        frame.Text(value.Device);
        frame.Long(value.Epoch);
        frame.Long(value.Sequence);
        frame.Byte((byte)value.Refusal);
        frame.Double(value.SecondsPerMultiplyAdd);
        frame.Values(value.Values.AsSpan());
        frame.End();
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out RestAnswer value)
    {
        value = null;
        var frame = new FrameReader(bytes);
        var (device, epoch, sequence) = (frame.Text(DeviceName.MaxBytes), frame.Long(), frame.Long());
        var (refusal, pace, values) = ((RestRefusal)frame.Byte(), frame.Double(), frame.Values());
        if (!frame.Ended || refusal > RestRefusal.NonFinite || !(pace >= 0 && double.IsFinite(pace))) { return false; }
        value = new()
        {
            Device = device,
            Epoch = epoch,
            Sequence = sequence,
            Refusal = refusal,
            SecondsPerMultiplyAdd = pace,
            Values = values,
        };
        return true;
    }
}
