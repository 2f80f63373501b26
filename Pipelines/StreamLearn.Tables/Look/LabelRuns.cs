namespace StreamLearn.Tables;

internal static class LabelRuns
{
    /// <summary>Returns the lengths of runs of one label, in order; rows without a label belong to none.</summary>
    /// <remarks>The first and last run of a partial recording are omitted: they continue beyond it.</remarks>
    public static List<int> Of(IEnumerable<int> labels, bool isWhole) => [.. OfEach(labels, isWhole).Select(static r => r.Rows)];

    /// <summary>The same with the label of each run.</summary>
    public static IEnumerable<(int Label, int Rows)> OfEach(IEnumerable<int> labels, bool isWhole)
    {
        List<(int Label, int Rows)> runs = [];
        foreach (var label in labels)
        {
            if (runs.Count > 0 && runs[^1].Label == label) { runs[^1] = (label, runs[^1].Rows + 1); }
            else { runs.Add((label, 1)); }
        }

        var counted = isWhole ? runs : runs.Skip(1).SkipLast(1);
        return counted.Where(static r => r.Label >= 0);
    }
}
