using System.Runtime.InteropServices;

namespace Aggregator;

internal sealed class StalenessWindow(int most)
{
    private readonly List<int> _values = [];
    private int _next;

    internal void Add(long staleness)
    {
        var value = (int)Math.Clamp(staleness, 0, int.MaxValue);
        if (_values.Count < most) { _values.Add(value); }
        else { _values[_next] = value; }
        _next = (_next + 1) % most;
    }

    /// <summary>Returns the quantiles; null if the window is empty.</summary>
    internal (int P50, int P95)? Quantiles()
    {
        if (_values.Count == 0) { return null; }
        Span<int> sorted = [.. CollectionsMarshal.AsSpan(_values)];
        sorted.Sort();
        return (At(sorted, 0.5), At(sorted, 0.95));
    }

    private static int At(ReadOnlySpan<int> sorted, double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
}
