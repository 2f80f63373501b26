namespace StreamLearn.Compression;

internal static class HuffmanLengths
{
    /// <summary>Maximum bits per code: the table fits into the L1 cache.</summary>
    internal const int MaxBits = 12;

    private const int Symbols = byte.MaxValue + 1;

    /// <summary>Computes code lengths and returns the number of distinct bytes. Length 0: the byte does not occur.</summary>
    internal static int Of(ReadOnlySpan<int> counts, Span<byte> lengths)
    {
        Span<long> sorted = stackalloc long[Symbols];       // by count, then by byte: a deterministic order
        lengths.Clear();
        var used = 0;
        for (var symbol = 0; symbol < Symbols; symbol++)
        {
            if (counts[symbol] > 0) { sorted[used++] = ((long)counts[symbol] << 8) | (uint)symbol; }
        }

        if (used == 0) { return 0; }
        sorted = sorted[..used];
        sorted.Sort();
        if (used == 1)
        {
            lengths[(byte)sorted[0]] = 1;
            return 1;
        }

        Span<int> depths = stackalloc int[Symbols];
        for (var i = 0; i < used; i++) { depths[i] = (int)(sorted[i] >> 8); }
        Depths(depths[..used]);
        Span<int> ofLength = stackalloc int[MaxBits + 1];
        ofLength.Clear();
        foreach (var depth in depths[..used]) { ofLength[Math.Min(depth, MaxBits)]++; }
        Shorten(ofLength);
        var at = used;
        for (var length = 1; length <= MaxBits; length++)
        {
            for (var n = ofLength[length]; n > 0; n--) { lengths[(byte)sorted[--at]] = (byte)length; }
        }

        return used;
    }

    internal static void FirstCodes(ReadOnlySpan<byte> lengths, Span<int> first)
    {
        Span<int> ofLength = stackalloc int[16];
        ofLength.Clear();
        foreach (var length in lengths) { ofLength[length]++; }
        (ofLength[0], first[1]) = (0, 0);
        for (var length = 1; length <= MaxBits; length++) { first[length + 1] = (first[length] + ofLength[length]) << 1; }
    }

    /// <summary>Replaces ascending counts with the depths in the Huffman tree, in place. Source: Moffat and Katajainen (1995).</summary>
    private static void Depths(Span<int> a)
    {
        var (root, leaf, n) = (0, 2, a.Length);
        a[0] += a[1];
        for (var next = 1; next < n - 1; next++)
        {
            a[next] = Least(a, ref root, ref leaf, next);
            a[next] += Least(a, ref root, ref leaf, next);
        }

        a[n - 2] = 0;
        for (var next = n - 3; next >= 0; next--) { a[next] = a[a[next]] + 1; }
        (root, leaf) = (n - 2, n - 1);
        for (var (free, depth) = (1, 0); free > 0; depth++)
        {
            var inner = 0;
            for (; root >= 0 && a[root] == depth; root--) { inner++; }
            for (; free > inner; free--) { a[leaf--] = depth; }
            free = 2 * inner;
        }
    }

    private static int Least(Span<int> a, ref int root, ref int leaf, int next)
    {
        if (leaf < a.Length && !(root < next && a[root] < a[leaf])) { return a[leaf++]; }
        var count = a[root];
        a[root++] = next;
        return count;
    }

    /// <summary>Lengthens more frequent codes to make room for codes that were shortened to the maximum length.</summary>
    private static void Shorten(Span<int> ofLength)
    {
        var total = 0;
        for (var length = 1; length <= MaxBits; length++) { total += ofLength[length] << (MaxBits - length); }
        for (; total > 1 << MaxBits; total--)
        {
            ofLength[MaxBits]--;
            var shorter = MaxBits - 1;
            while (ofLength[shorter] == 0) { shorter--; }
            ofLength[shorter]--;
            ofLength[shorter + 1] += 2;
        }
    }
}
