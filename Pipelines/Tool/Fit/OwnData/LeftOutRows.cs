using System.Globalization;
using StreamLearn;

namespace Tool;

/// <summary>Says of the first rows and messages why they were left out, and counts them all. Lines and messages may come at once.</summary>
internal sealed class LeftOutRows(TextWriter error)
{
    /// <summary>So many are said.</summary>
    internal const int Shown = 3;

    private long _count;

    /// <summary>Counts one. <paramref name="text"/>: why it was left out. <paramref name="isAlways"/>: true if it is said in any
    /// case.</summary>
    internal void Add(string text, bool isAlways = false)
    {
        if (Interlocked.Increment(ref _count) <= Shown || isAlways) { error.WriteLine(PrintableText.Of($"streamlearn: left out{text}")); }
    }

    /// <summary>Says how many there were, where not all were said.</summary>
    internal void SayCount(string what)
    {
        var count = Interlocked.Read(ref _count);
        if (count <= Shown) { return; }
        error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"streamlearn: {count:N0} {what}left out in all"));
    }
}
