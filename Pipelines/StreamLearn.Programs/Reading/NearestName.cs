namespace StreamLearn.Programs;

internal static class NearestName
{
    private const int MaxLength = 64;

    /// <summary>Returns the nearest known name with at most one edit per three characters; the first on a tie.</summary>
    internal static string? Of(string name, IEnumerable<string> known)
    {
        if (name.Length > MaxLength) { return null; }
        var (nearest, least) = (default(string), Math.Max(1, name.Length / 3) + 1);
        foreach (var candidate in known.Where(k => k.Length <= MaxLength))
        {
            var slips = Slips(name, candidate);
            if (slips < least) { (nearest, least) = (candidate, slips); }
        }

        return nearest;
    }

    /// <summary>Returns the edit distance with transpositions, ignoring case. Source: Damerau (1964), optimal string alignment.</summary>
    internal static int Slips(string from, string to)
    {
        Span<int> before = stackalloc int[MaxLength + 1];
        Span<int> last = stackalloc int[MaxLength + 1];
        Span<int> row = stackalloc int[MaxLength + 1];
        for (var j = 0; j <= to.Length; j++) { last[j] = j; }
        for (var i = 1; i <= from.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                row[j] = Math.Min(Math.Min(row[j - 1], last[j]) + 1, last[j - 1] + (IsSame(from[i - 1], to[j - 1]) ? 0 : 1));
                if (i > 1 && j > 1 && IsSame(from[i - 1], to[j - 2]) && IsSame(from[i - 2], to[j - 1]))
                {
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
                }
            }

            last.CopyTo(before);
            row.CopyTo(last);
        }

        return last[to.Length];
    }

    private static bool IsSame(char a, char b) => char.ToLowerInvariant(a) == char.ToLowerInvariant(b);
}
