namespace StreamLearn.Tables;

internal static class ClassBalance
{
    private const double Least = 0.5;

    /// <summary>Returns true if no class has less than half the rows of the most frequent one.</summary>
    public static bool IsEven(IEnumerable<int> labels)
    {
        var counts = labels.Where(static l => l >= 0).CountBy(static l => l).Select(static c => c.Value).ToList();
        return counts.Count > 0 && counts.Min() >= Least * counts.Max();
    }
}
