using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Nodes;

public static partial class NodesCodecs
{
    /// <summary>Probes and echoes: <c>link-probe/1</c>. The payload has exactly <see cref="LinkProbe.Bytes"/>, zero-padded.</summary>
    public static ICodec<LinkProbe> LinkProbes { get; } = new LinkProbeCodec();

    /// <summary>Estimates: <c>link-estimate/1</c>.</summary>
    public static ICodec<LinkEstimate> LinkEstimates { get; } = new LinkEstimateCodec();

    internal static IReadOnlyList<MessageCodec> LinkMessages { get; } =
    [
        MessageCodec.Of(LinkProbes), MessageCodec.Of(LinkEstimates), MessageCodec.Of<LinkTransfer>("link-transfer/1", State),
    ];

    private static void State(ref StateStream s, ref LinkTransfer transfer) =>
        transfer = new(s.Value(transfer?.Bytes ?? 0), s.Value(transfer?.Time ?? default));
}

internal sealed class LinkProbeCodec : ICodec<LinkProbe>
{
    private const int FixedBytes = (3 * 8) + 1;
    private const int FrameBytes = 8 + 4;           // header and checksum

    public string Name => "link-probe/1";

    public void Encode(LinkProbe value, IBufferWriter<byte> buffer)
    {
        var frame = new FrameWriter(buffer, value.Bytes - FrameBytes);
        frame.Text(value.Device);
        frame.Long(value.Epoch);
        frame.Long(value.Sequence);
        frame.Long(value.SentAt.UtcTicks);
        frame.Byte(value.IsEcho ? (byte)1 : (byte)0);
        frame.Bytes(value.Bytes - FrameBytes - FixedBytes - FrameWriter.TextBytes(value.Device)).Clear();
        frame.End();
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out LinkProbe value)
    {
        value = null;
        if (bytes.Length is < LinkProbe.MinBytes or > LinkProbe.MaxBytes) { return false; }
        var frame = new FrameReader(bytes);
        var device = frame.Text(DeviceName.MaxBytes);
        var (epoch, sequence, sentAt, echo) = (frame.Long(), frame.Long(), frame.Long(), frame.Byte());
        if (frame.Failed || echo > 1 || sentAt < 0 || sentAt > DateTimeOffset.MaxValue.Ticks) { return false; }
        var rest = frame.Bytes(bytes.Length - FrameBytes - FixedBytes - FrameWriter.TextBytes(device));
        if (!frame.Ended || rest.ContainsAnyExcept((byte)0)) { return false; }
        value = new()
        {
            Device = device,
            Epoch = epoch,
            Sequence = sequence,
            SentAt = new(sentAt, TimeSpan.Zero),
            Bytes = (int)bytes.Length,
            IsEcho = echo == 1,
        };
        return true;
    }
}

internal sealed class LinkEstimateCodec : ICodec<LinkEstimate>
{
    public string Name => "link-estimate/1";

    public void Encode(LinkEstimate value, IBufferWriter<byte> buffer)
    {
        var frame = new FrameWriter(buffer, FrameWriter.TextBytes(value.Device) + (2 * 8) + 1);
        frame.Text(value.Device);
        frame.Double(value.BitsPerSecond);
        frame.Long(value.At.UtcTicks);
        frame.Byte((byte)value.Kind);
        frame.End();
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out LinkEstimate value)
    {
        value = null;
        var frame = new FrameReader(bytes);
        var device = frame.Text(DeviceName.MaxBytes);
        var (rate, at, kind) = (frame.Double(), frame.Long(), (LinkEstimateKind)frame.Byte());
        if (!frame.Ended || !(rate >= 0) || kind > LinkEstimateKind.Silence) { return false; }
        if (at < 0 || at > DateTimeOffset.MaxValue.Ticks) { return false; }
        value = new() { Device = device, BitsPerSecond = rate, At = new(at, TimeSpan.Zero), Kind = kind };
        return true;
    }
}
