namespace StreamLearn.Learning;

/// <summary>Whether answers to rows that nobody learned from are right more often than by chance.</summary>
public static class ChanceTest
{
    /// <summary>Draws unless said otherwise: a share of 0.02 is known to 0.5 points.</summary>
    public const int DefaultDraws = 999;

    /// <summary>The share of random pairings of answers and labels in which at least as many are right.</summary>
    /// <remarks>
    /// A pairing moves the labels of each group by a random number of rows, around its end. Rows that follow each other stay so: what lasts
    /// for many rows, of answers and labels alike, is in the pairings too. A group of one label is as right in each. Cost: draws × rows.
    /// Source: permutation test, with shifts for series, Chatfield (2003); the observed pairing counts as one, Phipson, Smyth (2010).
    /// </remarks>
    /// <param name="answers">The class that was answered for each row, in the order of time within a group.</param>
    /// <param name="labels">The right class of each.</param>
    /// <param name="groups">The group of each: a person, a machine.</param>
    /// <param name="seed">Of the pairings.</param>
    /// <param name="draws">How many pairings, at least 1.</param>
    /// <returns>Small, such as 0.01: the answers know something. Large: they do not, or too little to tell.</returns>
    /// <exception cref="ArgumentException">There are not as many labels or groups as answers, or none.</exception>
    public static double PValue(
        ReadOnlySpan<int> answers, ReadOnlySpan<int> labels, ReadOnlySpan<int> groups, long seed, int draws = DefaultDraws)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 1);
        if (answers.IsEmpty || labels.Length != answers.Length || groups.Length != answers.Length)
        {
            throw new ArgumentException(
                $"expected a label and a group for each answer, got {answers.Length}, {labels.Length} and {groups.Length}", nameof(labels));
        }

        var whose = groups.ToArray();
        int[] order = [.. Enumerable.Range(0, whose.Length).OrderBy(i => whose[i])];       // of a group, as they came
        answers = In(order, answers);
        labels = In(order, labels);
        groups = In(order, groups);
        var (random, observed, asMany) = (new RandomStream(seed, "pairings"), Right(answers, labels, 0), 1);
        for (var draw = 0; draw < draws; draw++)
        {
            var right = 0;
            for (var (first, end) = (0, 0); first < answers.Length; first = end)
            {
                while (end < answers.Length && groups[end] == groups[first]) { end++; }
                var length = end - first;
                right += Right(answers.Slice(first, length), labels.Slice(first, length), random.NextInt32(length));
            }

            if (right >= observed) { asMany++; }
        }

        return asMany / (double)(draws + 1);
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
