namespace StreamLearn.Learning;

/// <summary>Tests whether answers to held-out rows are better than chance.</summary>
public static class ChanceTest
{
    /// <summary>Default number of draws, with which a share of 0.02 is known to 0.5 points.</summary>
    public const int DefaultDraws = 999;

    private const double Same = 0.8;        // Cohen's kappa of labels and rotated labels

    /// <summary>Returns the share of random pairings of answers and labels that are at least as accurate.</summary>
    /// <remarks> A pairing rotates the labels of each group by a random number of rows, which keeps autocorrelation. One that leaves nearly
    /// all labels as they are, as where states alternate regularly, is none. A group with a single label scores the same in each; if all
    /// groups are such, a pairing shuffles their labels. Cost: draws × rows. Source: permutation
    /// test, with shifts for series, Chatfield (2003); the observed pairing counts as one, Phipson, Smyth (2010). </remarks>
    /// <param name="answers">The answered class of each row, in time order within a group.</param>
    /// <param name="labels">The true classes.</param>
    /// <param name="groups">The group of each row, such as a person or a machine.</param>
    /// <param name="seed">Seed of the pairings.</param>
    /// <param name="draws">Pairings, at least 1.</param>
    /// <returns>Small, such as 0.01: the answers are better than chance. Large: they are not, or there are too few rows.</returns>
    /// <exception cref="ArgumentException">The lengths differ or are 0.</exception>
    public static double PValue(
        ReadOnlySpan<int> answers, ReadOnlySpan<int> labels, ReadOnlySpan<int> groups, long seed, int draws = DefaultDraws)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 1);
        if (answers.IsEmpty || labels.Length != answers.Length || groups.Length != answers.Length)
        {
            throw new ArgumentException(
                $"expected a label and a group for each answer, got {answers.Length}, {labels.Length} and {groups.Length}", nameof(labels));
        }

        var order = ByGroup(groups);
        answers = In(order, answers);
        labels = In(order, labels);
        groups = In(order, groups);
        var (random, observed, asMany) = (new RandomStream(seed, "pairings"), Right(answers, labels, 0), 1);
        if (LabelsOfGroups(labels, groups) is { } ofGroups)
        {
            var keys = new ulong[ofGroups.Length];
            for (var draw = 0; draw < draws; draw++)
            {
                foreach (ref var key in keys.AsSpan()) { key = random.NextUInt64(); }
                Array.Sort(keys, ofGroups);
                if (RightIn(answers, groups, ofGroups) >= observed) { asMany++; }
            }

            return asMany / (double)(draws + 1);
        }

        var (unchanged, others) = (Unchanged(labels), 0);
        for (var draw = 0; draw < draws; draw++)
        {
            var (right, same) = (0, 0);
            for (var (first, end) = (0, 0); first < answers.Length; first = end)
            {
                while (end < answers.Length && groups[end] == groups[first]) { end++; }
                var length = end - first;
                var shift = random.NextInt32(length);
                right += Right(answers.Slice(first, length), labels.Slice(first, length), shift);
                same += Right(labels.Slice(first, length), labels.Slice(first, length), shift);
            }

            if (right < observed) { others++; }
            else if (same <= unchanged)
            {
                others++;
                asMany++;
            }
        }

        return asMany / (double)(others + 1);
    }

    /// <summary>Labels that agree by chance, and four fifths of the others.</summary>
    private static double Unchanged(ReadOnlySpan<int> labels)
    {
        var count = (double)labels.Length;
        var byChance = labels.ToArray().CountBy(static l => l).Sum(l => l.Value / count * l.Value);
        return byChance == count ? count : byChance + (Same * (count - byChance));
    }

    /// <summary>Returns the smallest possible <see cref="PValue"/>; it is high if there are few groups with one label each.</summary>
    /// <param name="labels">The true class of each row.</param>
    /// <param name="groups">The group of each row.</param>
    /// <returns>1 divided by the number of pairings.</returns>
    public static double Least(ReadOnlySpan<int> labels, ReadOnlySpan<int> groups)
    {
        var order = ByGroup(groups);
        var pairings = 1.0;
        if (LabelsOfGroups(In(order, labels), In(order, groups)) is { } ofGroups)
        {
            var placed = 0;
            foreach (var count in ofGroups.CountBy(static l => l).Select(static c => c.Value))
            {
                for (var i = 1; i <= count; i++) { pairings *= ++placed / (double)i; }
            }

            return 1 / pairings;
        }

        foreach (var count in groups.ToArray().CountBy(static g => g).Select(static c => c.Value)) { pairings *= count; }
        return 1 / pairings;
    }

    /// <summary>Returns the label of each group; null: a group has several.</summary>
    private static int[]? LabelsOfGroups(ReadOnlySpan<int> labels, ReadOnlySpan<int> groups)
    {
        List<int> found = [];
        for (var i = 0; i < labels.Length; i++)
        {
            if (i == 0 || groups[i] != groups[i - 1]) { found.Add(labels[i]); }
            else if (labels[i] != found[^1]) { return null; }
        }

        return [.. found];
    }

    private static int RightIn(ReadOnlySpan<int> answers, ReadOnlySpan<int> groups, int[] labels)
    {
        var (right, group) = (0, 0);
        for (var i = 0; i < answers.Length; i++)
        {
            if (i > 0 && groups[i] != groups[i - 1]) { group++; }
            if (answers[i] == labels[group]) { right++; }
        }

        return right;
    }

    private static int[] ByGroup(ReadOnlySpan<int> groups)
    {
        var whose = groups.ToArray();
        return [.. Enumerable.Range(0, whose.Length).OrderBy(i => whose[i])];
    }

    private static int[] In(int[] order, ReadOnlySpan<int> values)
    {
        var ordered = new int[order.Length];
        for (var i = 0; i < order.Length; i++) { ordered[i] = values[order[i]]; }
        return ordered;
    }

    private static int Right(ReadOnlySpan<int> answers, ReadOnlySpan<int> labels, int shift)
    {
        var (right, rest) = (0, answers.Length - shift);
        for (var i = 0; i < rest; i++) { right += answers[i] == labels[i + shift] ? 1 : 0; }
        for (var i = rest; i < answers.Length; i++) { right += answers[i] == labels[i - rest] ? 1 : 0; }
        return right;
    }
}
