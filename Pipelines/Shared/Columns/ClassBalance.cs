namespace StreamLearn.Programs;

/// <summary>Whether classes are about equally frequent.</summary>
internal static class ClassBalance
{
    private const double Least = 0.5;

    /// <summary>True if each class that occurs has at least half as many rows as the most frequent one.</summary>
    public static bool IsEven(IEnumerable<int> labels)
    {
        var counts = labels.Where(static l => l >= 0).CountBy(static l => l).Select(static c => c.Value).ToList();
        return counts.Count > 0 && counts.Min() >= Least * counts.Max();
    }
}
