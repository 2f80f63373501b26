using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace StreamLearn.Fleets;

/// <summary>Frame: site, kind, schema hash, clock, recipient, places as varint gaps, clocks, values.</summary>
internal sealed class SiteSignalCodec : ICodec<SiteSignal>
{
    private const int FixedBytes = 1 + 8 + 8 + 4 + 4 + 4 + 4;
    private const int MaxKeys = 1 << 24;            // limits the memory that a short frame can reserve
    private const int ClockBytes = (3 * 8) + 1;
    private const ushort HasRecipient = 1 << 8;

    public string Name => "site-signal/1";

    public void Encode(SiteSignal value, IBufferWriter<byte> buffer)
    {
        var gaps = GapBytes(value.Keys);
        var bytes = FixedBytes + FrameWriter.TextBytes(value.Site) + gaps + (4 * value.Values.Length)
            + (value.Recipient is { } to ? FrameWriter.TextBytes(to) : 0);
        foreach (var clock in value.Clocks) { bytes += ClockBytes + FrameWriter.TextBytes(clock.Site); }
        var frame = new FrameWriter(buffer, bytes, value.Recipient is null ? (ushort)0 : HasRecipient);
        frame.Text(value.Site);
        frame.Byte((byte)value.Kind);
        frame.Long((long)value.SchemaHash);
        frame.Long(value.Clock);
        if (value.Recipient is { } recipient) { frame.Text(recipient); }
        frame.Int(value.Keys.Length);
        frame.Int(gaps);
        WriteGaps(frame.Bytes(gaps), value.Keys);
        frame.Int(value.Clocks.Length);
        foreach (var clock in value.Clocks)
        {
            frame.Text(clock.Site);
            frame.Long(clock.Epoch);
            frame.Long(clock.Sequence);
            frame.Long(clock.Clock);
            frame.Byte(clock.HasLeft ? (byte)1 : (byte)0);
        }

        frame.Values(value.Values.AsSpan());
        frame.End();
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out SiteSignal value)
    {
        value = null;
        var frame = new FrameReader(bytes, HasRecipient);
        var site = frame.Text(DeviceName.MaxBytes);
        var (kind, hash, clock) = ((SiteSignalKind)frame.Byte(), (ulong)frame.Long(), frame.Long());
        var recipient = frame.Has(HasRecipient) ? frame.Text(DeviceName.MaxBytes) : null;
        var keys = ReadKeys(ref frame);
        var clocks = ReadClocks(ref frame);
        var values = frame.Values();
        if (!frame.Ended || kind > SiteSignalKind.Joined || clock < 0 || keys.IsDefault || clocks.IsDefault) { return false; }
        value = new()
        {
            Site = site,
            Kind = kind,
            SchemaHash = hash,
            Clock = clock,
            Recipient = recipient,
            Keys = keys,
            Clocks = clocks,
            Values = values,
        };
        return true;
    }

    private static int GapBytes(ImmutableArray<int> keys)
    {
        var (bytes, last) = (0, -1);
        foreach (var key in keys)
        {
            for (var gap = key - last - 1; gap >= 128; gap >>= 7) { bytes++; }
            (bytes, last) = (bytes + 1, key);
        }

        return bytes;
    }

    private static void WriteGaps(Span<byte> bytes, ImmutableArray<int> keys)
    {
        var (at, last) = (0, -1);
        foreach (var key in keys)
        {
            var gap = key - last - 1;
            for (; gap >= 128; gap >>= 7) { bytes[at++] = (byte)((gap & 127) | 128); }
            bytes[at++] = (byte)gap;
            last = key;
        }
    }

    private static ImmutableArray<int> ReadKeys(ref FrameReader frame)
    {
        var (count, length) = (frame.Int(), frame.Int());
        if (frame.Failed || count < 0 || count > MaxKeys || length < count) { return default; }
        var gaps = frame.Bytes(length);
        if (frame.Failed) { return default; }
        var (keys, at, last) = (new int[count], 0, -1L);
        for (var i = 0; i < count; i++)
        {
            var gap = 0L;
            for (var shift = 0; ; shift += 7)
            {
                if (at == length || shift > 28) { return default; }
                gap |= (long)(gaps[at] & 127) << shift;
                if (gaps[at++] < 128) { break; }
            }

            last += gap + 1;
            if (last > MaxKeys) { return default; }
            keys[i] = (int)last;
        }

        return at == length ? ImmutableCollectionsMarshal.AsImmutableArray(keys) : default;
    }

    private static ImmutableArray<SiteClock> ReadClocks(ref FrameReader frame)
    {
        var count = frame.Int();
        var clocks = ImmutableArray.CreateBuilder<SiteClock>();
        for (var i = 0; i < count && !frame.Failed; i++)
        {
            var clock = new SiteClock(frame.Text(DeviceName.MaxBytes), frame.Long(), frame.Long(), frame.Long(), frame.Byte() != 0);
            if (clock.Sequence < 0 || clock.Clock < 0) { return default; }
            clocks.Add(clock);
        }

        return frame.Failed || count < 0 ? default : clocks.ToImmutable();
    }
}
