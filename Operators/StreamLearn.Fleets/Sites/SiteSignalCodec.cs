using System.Runtime.InteropServices;

namespace StreamLearn.Fleets;

/// <summary>Frame: site, kind, schema hash, clock, recipient, indexes as varint-encoded gaps, clocks, values.</summary>
internal static class SiteSignalCodec
{
    private const int MaxKeys = 1 << 24;            // limits the memory that a short frame can reserve
    private const int MinClockBytes = 3 + (3 * 8) + 1;
    private const uint HasRecipient = 1 << 8;

    internal static SiteSignal? Fields(ref FrameFields f, SiteSignal? s)
    {
        var (site, kind) = (f.Text(s?.Site), (SiteSignalKind)f.Byte((byte?)s?.Kind, (byte)SiteSignalKind.Joined));
        var (hash, clock) = (f.Hash(s?.SchemaHash), f.Long(s?.Clock));
        var recipient = f.Has(HasRecipient, s?.Recipient is not null) ? f.Text(s?.Recipient) : null;
        var keys = s is not null ? WriteKeys(ref f, s.Keys) : ReadKeys(ref f);
        var clocks = f.Items(s?.Clocks, Fields, MinClockBytes);
        var values = f.Values(s?.Values);
        return !f.HasRead(clock >= 0 && !keys.IsDefault) ? s : new()
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
    }

    private static SiteClock Fields(ref FrameFields f, SiteClock c)
    {
        var (site, epoch, sequence, clock) = (f.Text(c.Site), f.Long(c.Epoch), f.Long(c.Sequence), f.Long(c.Clock));
        f.HasRead(sequence >= 0 && clock >= 0);
        return new(site, epoch, sequence, clock, f.Byte(c.HasLeft ? (byte)1 : (byte)0) != 0);
    }

    private static ImmutableArray<int> WriteKeys(ref FrameFields f, ImmutableArray<int> keys)
    {
        var gaps = GapBytes(keys);
        f.Int(keys.Length);
        f.Int(gaps);
        if (f.Space(gaps) is { IsEmpty: false } to) { WriteGaps(to, keys); }
        return keys;
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

    private static ImmutableArray<int> ReadKeys(ref FrameFields f)
    {
        var (count, length) = (f.Int(null), f.Int(null));
        if (f.Failed || count < 0 || count > MaxKeys || length < count) { return default; }
        var gaps = f.Read(length);
        if (f.Failed) { return default; }
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
}
