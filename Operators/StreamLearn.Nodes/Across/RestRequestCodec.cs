using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Nodes;

internal sealed class RestRequestCodec(ICodec<Activations> boundary) : ICodec<RestRequest>
{
    private const int PaddingAt = 8;                        // after the frame's header
    private const int FixedBytes = 4 + 8 + 8 + 1;           // padding, version, label
    private const int FrameBytes = PaddingAt + FixedBytes + 4;

    public string Name { get; } = $"rest-request/1 {boundary.Name}";

    public void Encode(RestRequest value, IBufferWriter<byte> buffer)
    {
        var frame = new FrameFields(buffer, FixedBytes + value.Padding);
        Fields(ref frame, value);
        frame.Space(value.Padding).Clear();
        frame.End();
        boundary.Encode(value.Boundary, buffer);
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out RestRequest value)
    {
        value = null;
        if (bytes.Length < FrameBytes) { return false; }
        Span<byte> head = stackalloc byte[PaddingAt + 4];
        bytes.Slice(0, head.Length).CopyTo(head);
        var padding = BinaryPrimitives.ReadInt32LittleEndian(head[PaddingAt..]);
        if (padding is < 0 or > RestRequest.MaxPadding || FrameBytes + padding > bytes.Length) { return false; }
        var frame = new FrameFields(bytes.Slice(0, FrameBytes + padding));
        var (_, version, privacy) = Fields(ref frame, null);
        if (frame.Read(padding).ContainsAnyExcept((byte)0) || !frame.Ended) { return false; }
        if (!boundary.TryDecode(bytes.Slice(FrameBytes + padding), pool, out var rows)) { return false; }
        value = new(rows, version) { Padding = padding, Privacy = privacy };
        return true;
    }

    private static (int Padding, ModelVersion Version, PrivacyLabel Privacy) Fields(ref FrameFields f, RestRequest? r) =>
        (f.Int(r?.Padding), f.Version(r?.Version), NodesCodecs.Label(ref f, r?.Privacy ?? default));
}
