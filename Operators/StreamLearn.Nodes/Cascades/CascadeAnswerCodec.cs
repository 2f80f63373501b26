using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Nodes;

internal sealed class CascadeAnswerCodec : ICodec<CascadeAnswer>
{
    private const ushort Flag = 2;

    public string Name => "cascade-answer/1";

    public void Encode(CascadeAnswer value, IBufferWriter<byte> buffer)
    {
        var (source, text) = (value.Source, value.Text);
        var frame = new FrameWriter(buffer,
            sizeof(long) + NodesCodecs.BytesOf(source) + NodesCodecs.BytesOf(text) + (3 * sizeof(int)) + 2,
            (ushort)(Flag | NodesCodecs.FlagsOf(source, text)));
        frame.Long(value.Key);
        if (source.Length > 0) { frame.Text(source); }
        if (text.Length > 0) { frame.Text(text); }
        frame.Int(value.Class);
        frame.Single(value.Confidence);
        frame.Int(value.Tier);
        frame.Byte((byte)value.Outcome);
        frame.Byte((byte)value.Privacy);
        frame.End();
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out CascadeAnswer value)
    {
        var frame = new FrameReader(bytes, Flag | NodesCodecs.HasSource | NodesCodecs.HasText);
        var (key, failed) = (frame.Long(), !frame.Has(Flag));
        var source = frame.Has(NodesCodecs.HasSource) ? frame.Text(DeviceName.MaxBytes) : "";
        var text = frame.Has(NodesCodecs.HasText) ? frame.Text(CascadeQuestion.MaxTextBytes) : "";
        value = new()
        {
            Key = key,
            Source = source,
            Text = text,
            Class = frame.Int(),
            Confidence = frame.Single(),
            Tier = frame.Int(),
            Outcome = (CascadeOutcome)frame.Byte(),
            Privacy = (PrivacyLabel)frame.Byte(),
        };
        var isValid = value is { Class: >= -1, Tier: >= 0, Outcome: <= CascadeOutcome.Full, Privacy: <= PrivacyLabel.DeviceOnly };
        return !failed && frame.Ended && isValid && value.Confidence is >= 0 and <= 1;
    }
}
