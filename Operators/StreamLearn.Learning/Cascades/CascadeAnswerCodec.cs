using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using StreamLearn.Models;

namespace StreamLearn.Learning;

internal sealed class CascadeAnswerCodec : ICodec<CascadeAnswer>
{
    private const ushort Flag = 2;

    /// <inheritdoc />
    public string Name => "cascade-answer/1";

    /// <inheritdoc />
    public void Encode(CascadeAnswer value, IBufferWriter<byte> buffer)
    {
        var (source, text) = (CascadeCodecs.Marked(value.Source), CascadeCodecs.Marked(value.Text));
        var frame = new FrameWriter(buffer,
            sizeof(long) + FrameWriter.TextBytes(source) + FrameWriter.TextBytes(text) + (3 * sizeof(int)) + 2, Flag);
        frame.Long(value.Key);
        frame.Text(source);
        frame.Text(text);
        frame.Int(value.Class);
        frame.Single(value.Confidence);
        frame.Int(value.Tier);
        frame.Byte((byte)value.Outcome);
        frame.Byte((byte)value.Privacy);
        frame.End();
    }

    /// <inheritdoc />
    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out CascadeAnswer value)
    {
        var frame = new FrameReader(bytes, Flag);
        var (key, failed) = (frame.Long(), !frame.Has(Flag));
        var source = CascadeCodecs.Unmarked(frame.Text(DeviceName.MaxBytes + 1), ref failed);
        var text = CascadeCodecs.Unmarked(frame.Text(CascadeQuestion.MaxTextBytes + 1), ref failed);
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
