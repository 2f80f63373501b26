using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace StreamLearn.Nodes;

internal sealed class CascadeQuestionCodec : ICodec<CascadeQuestion>
{
    private const ushort Flag = 1, HasLabels = 4;

    public string Name => "cascade-question/1";

    public void Encode(CascadeQuestion value, IBufferWriter<byte> buffer)
    {
        var (source, text) = (value.Source, value.Text);
        var labels = value.ValueLabels.Length;
        var bytes = sizeof(long) + NodesCodecs.BytesOf(source) + NodesCodecs.BytesOf(text) + 1 + 4 + (4 * value.Values.Length)
            + (labels == 0 ? 0 : 4 + labels);
        var frame = new FrameWriter(buffer, bytes, (ushort)(Flag | (labels == 0 ? 0 : HasLabels) | NodesCodecs.FlagsOf(source, text)));
        frame.Long(value.Key);
        if (source.Length > 0) { frame.Text(source); }
        if (text.Length > 0) { frame.Text(text); }
        frame.Byte((byte)value.Label);
        frame.Values(value.Values.AsSpan());
        if (labels > 0)
        {
            frame.Int(labels);
            foreach (var label in value.ValueLabels) { frame.Byte((byte)label); }
        }

        frame.End();
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out CascadeQuestion value)
    {
        value = null;
        var frame = new FrameReader(bytes, Flag | HasLabels | NodesCodecs.HasSource | NodesCodecs.HasText);
        var (key, failed) = (frame.Long(), !frame.Has(Flag));
        var source = frame.Has(NodesCodecs.HasSource) ? frame.Text(DeviceName.MaxBytes) : "";
        var text = frame.Has(NodesCodecs.HasText) ? frame.Text(CascadeQuestion.MaxTextBytes) : "";
        var (label, values) = ((PrivacyLabel)frame.Byte(), frame.Values());
        ImmutableArray<PrivacyLabel> labels = [];
        if (frame.Has(HasLabels))
        {
            var read = frame.Bytes(frame.Int());
            var all = new PrivacyLabel[read.Length];
            for (var i = 0; i < all.Length; i++) { all[i] = (PrivacyLabel)read[i]; }
            labels = ImmutableCollectionsMarshal.AsImmutableArray(all);
            failed |= labels.Any(static l => l > PrivacyLabel.DeviceOnly);
        }

        if (failed || !frame.Ended || label > PrivacyLabel.DeviceOnly) { return false; }
        value = new() { Key = key, Source = source, Text = text, Label = label, Values = values, ValueLabels = labels };
        return true;
    }
}
