namespace StreamLearn.Programs;

/// <summary>For how many rows in a row a label stays the same.</summary>
internal static class LabelRuns
{
    /// <summary>The lengths of the runs of one label, in their order. A run ends where the label changes or the recording ends; rows
    /// without a label are in none.</summary>
    /// <remarks>
    /// No window spans two recordings, so the first and the last run of a recording are as long for a window as they are. Of a stream that
    /// was heard for a while, those two went on beyond what was heard: their lengths say nothing, and they are left out.
    /// </remarks>
    public static List<int> Of(IEnumerable<int> labels, bool isWhole)
    {
        List<(int Label, int Rows)> runs = [];
        foreach (var label in labels)
        {
            if (runs.Count > 0 && runs[^1].Label == label) { runs[^1] = (label, runs[^1].Rows + 1); }
            else { runs.Add((label, 1)); }
        }

        var counted = isWhole ? runs : runs.Skip(1).SkipLast(1);
        return [.. counted.Where(static r => r.Label >= 0).Select(static r => r.Rows)];
    }
}
