using System.Text;

namespace Aggregator;

internal readonly record struct TableColumn(string Head, int Width, bool IsNumber = false);

/// <summary>Formats aligned columns and strips terminal control characters from foreign text.</summary>
internal static class ColumnTable
{
    internal static IEnumerable<string> Lines(TableColumn[] columns, IEnumerable<string[]> rows)
    {
        yield return Line(columns, [.. columns.Select(static c => c.Head)]);
        foreach (var row in rows) { yield return Line(columns, row); }
    }

    internal static string Line(TableColumn[] columns, string[] texts)
    {
        var line = new StringBuilder();
        for (var i = 0; i < columns.Length; i++)
        {
            var text = texts[i].Length == 0 ? "" : ShownText.Of(texts[i]);
            var width = columns[i].Width;
            var spaces = new string(' ', Math.Max(0, width - ShownText.WidthOf(text)));
            line.Append(columns[i].IsNumber
                ? spaces + ShownText.Fit(text, Math.Min(width, ShownText.WidthOf(text)))
                : ShownText.Fit(text, width));
            line.Append("  ");
        }

        return line.ToString().TrimEnd();
    }
}
