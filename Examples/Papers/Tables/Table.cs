namespace Papers;

/// <summary>Formats rows under headings, columns as wide as their longest entry. A heading that begins with &lt; is left-aligned.</summary>
internal static class Table
{
    internal static IEnumerable<string> Lines(string[] heads, IEnumerable<string[]> rows)
    {
        string[][] all = [[.. heads.Select(static h => h.TrimStart('<'))], .. rows];
        int[] widths = [.. heads.Select((_, c) => all.Max(row => row[c].Length))];
        return all.Select(row => string.Join("  ", row.Select((text, c) =>
            heads[c].StartsWith('<') ? text.PadRight(widths[c]) : text.PadLeft(widths[c]))).TrimEnd());
    }

    internal static string Text(double value, string format) =>
        double.IsNaN(value) ? "-" : value.ToString(format, CultureInfo.InvariantCulture);
}
