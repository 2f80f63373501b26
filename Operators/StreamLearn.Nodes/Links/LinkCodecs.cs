using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Nodes;

public static partial class NodesCodecs
{
    /// <summary>Probes and echoes: <c>link-probe/1</c>. The payload has exactly <see cref="LinkProbe.Bytes"/> bytes, padded with
    /// zeros.</summary>
    public static ICodec<LinkProbe> LinkProbes { get; } = new LinkProbeCodec();

    /// <summary>Estimates: <c>link-estimate/1</c>.</summary>
    public static ICodec<LinkEstimate> LinkEstimates { get; } = FrameFields.Codec<LinkEstimate>("link-estimate/1", LinkEstimate.Fields);

    internal static IReadOnlyList<MessageCodec> LinkMessages { get; } =
    [
        MessageCodec.Of(LinkProbes), MessageCodec.Of(LinkEstimates), MessageCodec.Of<LinkTransfer>("link-transfer/1", State),
    ];

    private static void State(ref StateStream s, ref LinkTransfer transfer) =>
        transfer = new(s.Value(transfer?.Bytes ?? 0), s.Value(transfer?.Time ?? default));

    internal static DateTimeOffset Time(ref FrameFields f, DateTimeOffset? time)
    {
        var ticks = f.Long(time?.UtcTicks);
        return f.HasRead(ticks >= 0 && ticks <= DateTimeOffset.MaxValue.Ticks) ? new(ticks, TimeSpan.Zero) : time ?? default;
    }
}

internal sealed class LinkProbeCodec : ICodec<LinkProbe>
{
    private const int FrameBytes = 8 + 4;           // header and checksum

    public string Name => "link-probe/1";

    public void Encode(LinkProbe value, IBufferWriter<byte> buffer)
    {
        var frame = new FrameFields(buffer, value.Bytes - FrameBytes);
        Fields(ref frame, value, value.Bytes);
        frame.Space(frame.Left).Clear();
        frame.End();
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out LinkProbe value)
    {
        value = null;
        if (bytes.Length is < LinkProbe.MinBytes or > LinkProbe.MaxBytes) { return false; }
        var frame = new FrameFields(bytes);
        value = Fields(ref frame, null, (int)bytes.Length);
        return value is not null && !frame.Read(frame.Left).ContainsAnyExcept((byte)0) && frame.Ended;
    }

    private static LinkProbe? Fields(ref FrameFields f, LinkProbe? p, int bytes)
    {
        var (device, epoch, sequence) = (f.Text(p?.Device), f.Long(p?.Epoch), f.Long(p?.Sequence));
        var (sentAt, isEcho) = (NodesCodecs.Time(ref f, p?.SentAt), f.Truth(p?.IsEcho));
        return !f.HasRead() ? p : new()
        {
            Device = device,
            Epoch = epoch,
            Sequence = sequence,
            SentAt = sentAt,
            Bytes = bytes,
            IsEcho = isEcho,
        };
    }
}
