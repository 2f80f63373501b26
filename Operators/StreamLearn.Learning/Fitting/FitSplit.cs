namespace StreamLearn.Learning;

internal static class FitSplit
{
    /// <summary>Holds out whole groups, random or named; if there is a single group, its last rows.</summary>
    internal static (int[] Learned, int[] Held) Of(RecordedRows rows, FitOptions options)
    {
        var all = Enumerable.Range(0, rows.Count);
        var groups = all.Select(rows.GroupOf).Distinct().Order().ToArray();
        if (options.ValidationGroups.IsEmpty && options.ValidationShare == 0) { return ([.. all], []); }
        if (options.ValidationGroups.IsEmpty && groups.Length == 1)
        {
            var first = Math.Clamp((int)Math.Round((1 - options.ValidationShare) * rows.Count), 1, rows.Count - 1);
            return ([.. all.Take(first)], [.. all.Skip(first)]);
        }

        var held = options.ValidationGroups.IsEmpty ? Drawn(rows, options, groups) : [.. options.ValidationGroups];
        var learned = all.Where(r => !held.Contains(rows.GroupOf(r))).ToArray();
        var back = all.Where(r => held.Contains(rows.GroupOf(r))).ToArray();
        return learned.Length > 0 && back.Length > 0 ? (learned, back)
            : throw new ArgumentException($"expected training rows and validation rows, got {learned.Length} and {back.Length}");
    }

    /// <summary>Source: Fisher, Yates, in Durstenfeld's form (1964).</summary>
    internal static void Shuffle(Span<int> places, RandomStream random)
    {
        for (var i = places.Length - 1; i > 0; i--)
        {
            var other = random.NextInt32(i + 1);
            (places[i], places[other]) = (places[other], places[i]);
        }
    }

    private static HashSet<int> Drawn(RecordedRows rows, FitOptions options, int[] groups)
    {
        Shuffle(groups, new(options.Seed, "split"));
        var sizes = Enumerable.Range(0, rows.Count).CountBy(rows.GroupOf).ToDictionary();
        var (held, count) = (new HashSet<int>(), 0);
        foreach (var group in groups)
        {
            if (held.Count == groups.Length - 1 || count >= options.ValidationShare * rows.Count) { break; }
            held.Add(group);
            count += sizes[group];
        }

        return held;
    }
}
