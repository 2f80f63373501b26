using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace StreamLearn.Learning;

/// <summary>Fates are written relative to the newest sequence: distance (1 byte), outcome (1 byte), reason if refused.</summary>
internal sealed class ReceiptCodec : ICodec<Receipt>
{
    private const int MaxReasonBytes = 64;

    public string Name => "receipt/1";

    public byte Kind => (byte)FrameKind.Receipt;

    public bool WaitsForCheckpoint => true;

    public void Encode(Receipt value, IBufferWriter<byte> buffer)
    {
        var fates = value.Fates.AsSpan();
        var bytes = FrameWriter.TextBytes(value.Device) + FrameWriter.TextBytes(value.Aggregator) + (4 * 8) + 1;
        foreach (var fate in fates) { bytes += 2 + (fate.Reason is null ? 0 : FrameWriter.TextBytes(fate.Reason)); }
        bytes += (value.Wanted is null ? 0 : 16) + (value.Model.IsEmpty ? 0 : 4 + value.Model.Length);
        var hasFingerprints = HasFingerprints(fates);
        bytes += hasFingerprints ? 4 * fates.Length : 0;
        var flags = (value.Wanted is null ? FrameFlags.None : FrameFlags.Held) | (value.Model.IsEmpty ? FrameFlags.None : FrameFlags.Model)
            | (hasFingerprints ? FrameFlags.Fingerprints : FrameFlags.None);
        var frame = new FrameWriter(buffer, bytes, FrameKind.Receipt, flags);
        frame.Text(value.Device);
        frame.Long(value.Epoch);
        frame.Text(value.Aggregator);
        frame.Long(value.Newest.Epoch);
        frame.Long(value.Newest.Version);
        frame.Byte((byte)fates.Length);
        var newest = fates.IsEmpty ? 0 : fates[0].Sequence;
        frame.Long(newest);
        foreach (var fate in fates)
        {
            frame.Byte((byte)(newest - fate.Sequence));
            frame.Byte((byte)fate.Outcome);
            if (fate.Reason is { } reason) { frame.Text(reason); }
        }

        for (var i = 0; hasFingerprints && i < fates.Length; i++) { frame.Int((int)fates[i].Fingerprint); }
        frame.Held(value.Wanted);
        if (!value.Model.IsEmpty)
        {
            frame.Int(value.Model.Length);
            value.Model.AsSpan().CopyTo(frame.Bytes(value.Model.Length));
        }

        frame.End();
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out Receipt value)
    {
        value = null;
        var frame = new FrameReader(bytes, FrameKind.Receipt, FrameFlags.Held | FrameFlags.Model | FrameFlags.Fingerprints);
        var (device, epoch) = (frame.Text(DeviceName.MaxBytes), frame.Long());
        var aggregator = frame.Text(DeviceName.MaxBytes);
        var newest = new ModelVersion(frame.Long(), frame.Long());
        var count = frame.Byte();
        var sequence = frame.Long();
        if (frame.Failed || count > Receipt.MaxFates || newest.Version < 0) { return false; }
        var fates = new UpdateFate[count];
        var last = -1;
        for (var i = 0; i < fates.Length; i++)
        {
            int back = frame.Byte();
            var outcome = (UpdateOutcome)frame.Byte();
            var reason = outcome == UpdateOutcome.Refused ? frame.Text(MaxReasonBytes) : null;
            if (frame.Failed || back <= last || back >= Receipt.MaxFates || outcome > UpdateOutcome.Refused) { return false; }
            fates[i] = new(sequence - back, outcome, reason);
            last = back;
        }

        for (var i = 0; (frame.Flags & FrameFlags.Fingerprints) != 0 && i < fates.Length; i++)
        {
            fates[i] = fates[i] with { Fingerprint = (uint)frame.Int() };
        }

        var wanted = frame.Held();
        var length = (frame.Flags & FrameFlags.Model) == 0 ? 0 : frame.Int();
        if (length is < 0 or > Receipt.MaxModelBytes || (length == 0 && (frame.Flags & FrameFlags.Model) != 0)) { return false; }
        var model = frame.Bytes(length);
        if (!frame.Ended || (count > 0 && fates[0].Sequence != sequence)) { return false; }
        value = new()
        {
            Device = device,
            Epoch = epoch,
            Aggregator = aggregator,
            Newest = newest,
            Wanted = wanted,
            Fates = ImmutableCollectionsMarshal.AsImmutableArray(fates),
            Model = [.. model],
        };
        return true;
    }

    private static bool HasFingerprints(ReadOnlySpan<UpdateFate> fates)
    {
        foreach (ref readonly var fate in fates)
        {
            if (fate.Fingerprint != 0) { return true; }
        }

        return false;
    }
}
