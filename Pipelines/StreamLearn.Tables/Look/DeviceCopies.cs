namespace StreamLearn.Tables;

/// <summary>Finds devices with the same rows, at whatever times, from a sample of hashes of rows and of runs of rows.</summary>
/// <remarks>Rows that equal the one before do not count. Rows of coarse values coincide by chance, but then also within a device: a length
/// of runs counts only where nearly all runs of a device differ. Source of the sample: Broder (1997), resemblance of documents.</remarks>
internal sealed class DeviceCopies(int devices)
{
    private const int MaxHashes = 1 << 15;       // of all devices, per length, if they are few
    private const int MaxHashesEach = 64;
    private const int MinHashes = 16;            // of a device
    private const double MinUnique = 0.8;
    private const double MinShare = 0.5;
    private const int MaxSame = 32;              // devices with one hash that are compared
    private const ulong Prime = 0x9E3779B97F4A7C15;

    private static readonly int[] Lengths = [1, 8, 64];
    private static readonly ulong[] Powers = [.. Lengths.Select(static l => Enumerable.Repeat(Prime, l)
        .Aggregate(1UL, static (p, b) => p * b))];

    private readonly int _most = Math.Max(MaxHashes, MaxHashesEach * devices);
    private readonly Rows?[] _devices = new Rows?[devices];
    private readonly (ulong Mask, int Count)[] _samples = new (ulong, int)[Lengths.Length];

    /// <summary>Adds a value to the hash of a row, which starts at 0; NaN adds less, so that a row of nothing else stays at 0.</summary>
    internal static ulong With(ulong row, float value) =>
        float.IsNaN(value) ? row * Prime : Mixed(row + BitConverter.SingleToUInt32Bits(value + 0f) + Prime);

    /// <summary>Adds a row of a device; 0 is a row without values.</summary>
    internal void Add(int device, ulong hash)
    {
        var rows = _devices[device] ??= new();
        if (hash == 0 || (rows.Count > 0 && hash == rows.Last)) { return; }
        rows.Add(hash);
        for (var l = 0; l < Lengths.Length; l++)
        {
            if (rows.Count < Lengths[l] || (Mixed(rows.Runs[l]) is var run && (run & _samples[l].Mask) != 0)) { continue; }
            if (!rows.Hashes[l].TryAdd(run, 1)) { rows.Hashes[l][run]++; }
            else if (++_samples[l].Count > _most) { Halve(l); }
        }
    }

    /// <summary>Returns the pairs that share at least half of the rows of one of them.</summary>
    internal ImmutableArray<DeviceCopy> Pairs()
    {
        var best = new SortedDictionary<(int, int), double>();
        for (var l = 0; l < Lengths.Length; l++)
        {
            var unique = _devices.Select(d => d?.Unique(l) ?? []).ToList();
            (ulong Hash, int Device)[] all = [.. unique.SelectMany(static (u, d) => u.Select(hash => (hash, d))).Order()];
            var shared = new Dictionary<(int, int), int>();
            for (var (from, to) = (0, 0); from < all.Length; from = to)
            {
                for (to = from + 1; to < all.Length && all[to].Hash == all[from].Hash; to++) { }
                var same = all[from..Math.Min(to, from + MaxSame)];
                for (var a = 0; a < same.Length; a++)
                {
                    for (var b = a + 1; b < same.Length; b++)
                    {
                        var pair = (same[a].Device, same[b].Device);
                        shared[pair] = shared.GetValueOrDefault(pair) + 1;
                    }
                }
            }

            foreach (var ((a, b), count) in shared)
            {
                var share = count / (double)Math.Min(unique[a].Length, unique[b].Length);
                if (share >= MinShare) { best[(a, b)] = Math.Max(share, best.GetValueOrDefault((a, b))); }
            }
        }

        return [.. best.Select(static p => new DeviceCopy(p.Key.Item1, p.Key.Item2, p.Value))];
    }

    private void Halve(int length)
    {
        var mask = (2 * _samples[length].Mask) + 1;
        var count = 0;
        foreach (var rows in _devices)
        {
            if (rows is null) { continue; }
            foreach (var hash in rows.Hashes[length].Keys.Where(h => (h & mask) != 0).ToList()) { rows.Hashes[length].Remove(hash); }
            count += rows.Hashes[length].Count;
        }

        _samples[length] = (mask, count);
    }

    private static ulong Mixed(ulong hash)
    {
        hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
        hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
        return hash ^ (hash >> 33);
    }

    private sealed class Rows
    {
        private readonly ulong[] _newest = new ulong[Lengths[^1]];

        internal long Count { get; private set; }

        internal ulong Last { get; private set; }

        internal ulong[] Runs { get; } = new ulong[Lengths.Length];

        internal Dictionary<ulong, int>[] Hashes { get; } = [.. Lengths.Select(static _ => new Dictionary<ulong, int>())];

        internal void Add(ulong hash)
        {
            for (var l = 0; l < Lengths.Length; l++)
            {
                var left = Count < Lengths[l] ? 0 : _newest[(Count - Lengths[l]) % _newest.Length];
                Runs[l] = (Runs[l] * Prime) + hash - (left * Powers[l]);
            }

            _newest[Count++ % _newest.Length] = hash;
            Last = hash;
        }

        /// <summary>Returns hashes that occur once; none if too many occur again.</summary>
        internal ulong[] Unique(int length)
        {
            ulong[] once = [.. Hashes[length].Where(static h => h.Value == 1).Select(static h => h.Key)];
            return once.Length >= Math.Max(MinHashes, MinUnique * Hashes[length].Values.Sum()) ? once : [];
        }
    }
}
