namespace StreamLearn.Learning;

/// <summary>Encodes gaps between positions as shortest 7-bit varints, lowest first.</summary>
internal static class Gaps
{
    internal static int BytesOf(int gap) => gap < 1 << 7 ? 1 : gap < 1 << 14 ? 2 : gap < 1 << 21 ? 3 : 4;

    internal static void Write(Span<byte> bytes, ref int at, int gap)
    {
        for (; gap >= 128; gap >>= 7) { bytes[at++] = (byte)((gap & 127) | 128); }
        bytes[at++] = (byte)gap;
    }

    internal static bool TryRead(ReadOnlySpan<byte> bytes, ref int at, out int gap)
    {
        gap = 0;
        for (var shift = 0; shift < 28 && at < bytes.Length; shift += 7)
        {
            var next = bytes[at++];
            gap |= (next & 127) << shift;
            if (next < 128) { return shift == 0 || next > 0; }
        }

        return false;
    }
}
