namespace Tool;

internal sealed class LeftOutRows(TextWriter error)
{
    internal const int Shown = 3;

    private long _count;

    /// <summary><paramref name="isAlways"/>: true to report it in any case.</summary>
    internal void Add(string text, bool isAlways = false)
    {
        if (Interlocked.Increment(ref _count) <= Shown || isAlways) { error.WriteLine(PrintableText.Of($"streamlearn: left out{text}")); }
    }

    /// <summary>Reports the count unless all were shown.</summary>
    internal void SayCount(string what)
    {
        var count = Interlocked.Read(ref _count);
        if (count <= Shown) { return; }
        error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"streamlearn: {count:N0} {what}left out in total"));
    }
}
