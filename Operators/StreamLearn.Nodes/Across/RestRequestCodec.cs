using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Nodes;

internal sealed class RestRequestCodec(ICodec<Activations> boundary) : ICodec<RestRequest>
{
    private const int CountAt = 8;                          // after the frame's header
    private const int FixedBytes = CountAt + 4 + 8 + 8 + 1 + 4;     // header, count, version, label, checksum

    public string Name { get; } = $"rest-request/1 {boundary.Name}";

    public void Encode(RestRequest value, IBufferWriter<byte> buffer)
    {
        var frame = new FrameWriter(buffer, 4 + 8 + 8 + 1 + value.Padding);
        frame.Int(value.Padding);
        frame.Long(value.Version.Epoch);
        frame.Long(value.Version.Version);
        frame.Byte((byte)value.Privacy);
        frame.Bytes(value.Padding).Clear();
        frame.End();
        boundary.Encode(value.Boundary, buffer);
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out RestRequest value)
    {
        value = null;
        if (bytes.Length < FixedBytes) { return false; }
        Span<byte> head = stackalloc byte[CountAt + 4];
        bytes.Slice(0, head.Length).CopyTo(head);
        var padding = BinaryPrimitives.ReadInt32LittleEndian(head[CountAt..]);
        if (padding is < 0 or > RestRequest.MaxPadding || FixedBytes + padding > bytes.Length) { return false; }
        var frame = new FrameReader(bytes.Slice(0, FixedBytes + padding));
        _ = frame.Int();
        var (version, label) = (new ModelVersion(frame.Long(), frame.Long()), (PrivacyLabel)frame.Byte());
        if (frame.Bytes(padding).ContainsAnyExcept((byte)0) || !frame.Ended || label > PrivacyLabel.DeviceOnly) { return false; }
        if (!boundary.TryDecode(bytes.Slice(FixedBytes + padding), pool, out var rows)) { return false; }
        value = new(rows, version) { Padding = padding, Privacy = label };
        return true;
    }
}
