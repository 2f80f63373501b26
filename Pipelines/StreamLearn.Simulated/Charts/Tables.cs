namespace StreamLearn.Simulated;

/// <summary>On a narrow page each row of a table with many columns is a block, so that no column is cut off.</summary>
internal static class Tables
{
    private const int MaxNarrow = 4;        // columns that fit a phone

    /// <summary>Omits columns without values and tables without rows. <paramref name="heads"/>: a leading <c>&lt;</c> aligns the column
    /// left and is not shown.</summary>
    internal static Fragment Table(string caption, IReadOnlyList<string> heads, IEnumerable<IReadOnlyList<Fragment>> rows)
    {
        var all = rows.ToList();
        if (all.Count == 0) { return Fragment.Empty; }
        int[] shown = [.. Enumerable.Range(0, heads.Count).Where(c => c == 0 || all.Exists(r => IsKnown(r[c])))];
        string[] kept = [.. shown.Select(c => heads[c])];
        var isWide = kept.Length > MaxNarrow && !all.Exists(static r => r[^1].Markup.Contains("\"heat\"", StringComparison.Ordinal));
        return Fragment.Of(
            $"""
            <div class="scroll" role="region" aria-label="{caption}" tabindex="0"><table{(isWide ? Wide : Fragment.Empty)}>
            <caption>{caption}</caption>
            <thead><tr>{kept.Select(Head)}</tr></thead>
            <tbody>
            {all.Select(r => Row(kept, [.. shown.Select(c => r[c])], isWide))}</tbody></table></div>

            """);
    }

    /// <summary>Draws each row as a column, for many heads and few rows. <paramref name="names"/>: of the rows.</summary>
    internal static Fragment Turned(
        string caption, IReadOnlyList<string> heads, IEnumerable<string> names, IEnumerable<IReadOnlyList<Fragment>> rows)
    {
        var all = rows.ToList();
        return Table(caption, ["<figure", .. names], heads.Index().Where(h => all.Exists(r => IsKnown(r[h.Index])))
            .Select(h => (IReadOnlyList<Fragment>)[Fragment.Of($"{h.Item}"), .. all.Select(r => r[h.Index])]));
    }

    internal static Fragment Details(string summary, IReadOnlyList<string> heads, IEnumerable<IReadOnlyList<Fragment>> rows)
    {
        var table = Table(summary, heads, rows);
        return table.Markup.Length == 0 ? Fragment.Empty : Fragment.Of(
            $"""
            <details><summary>{summary}</summary>
            {table}</details>

            """);
    }

    internal static IReadOnlyList<Fragment> Cells(params ReadOnlySpan<string> texts)
    {
        var cells = new Fragment[texts.Length];
        for (var i = 0; i < texts.Length; i++) { cells[i] = Fragment.Of($"{texts[i]}"); }
        return cells;
    }

    /// <summary>A cell with a bar (<c>barred</c>), or colored by its share (<c>heat</c>).</summary>
    internal static Fragment Tinted(string style, string text, double share, string color, string title = "") => Fragment.Of(
        $"""
        <span class="{style}" title="{title}"
        style="--tint:var(--{color});--s:{(double.IsFinite(share) ? Math.Clamp(share, 0, 1) : 0):0.###}">{text}</span>
        """);

    private static Fragment Head(string head) => head.StartsWith('<')
        ? Fragment.Of($"""<th scope="col" class="left">{head[1..]}</th>""")
        : Fragment.Of($"""<th scope="col">{head}</th>""");

    private static bool IsKnown(Fragment cell) => cell.Markup is not ("" or Figures.None);

    private static Fragment Row(string[] heads, IReadOnlyList<Fragment> cells, bool isWide) => Fragment.Of(
        $"<tr>{cells.Select((c, i) => Cell(heads[i], c, i, isWide))}</tr>\n");

    private static Fragment Cell(string head, Fragment cell, int column, bool isWide) => (column == 0, head.StartsWith('<')) switch
    {
        (true, true) => Fragment.Of($"""<th scope="row" class="left">{cell}</th>"""),
        (true, false) => Fragment.Of($"""<th scope="row">{cell}</th>"""),
        (false, var isLeft) when isWide => Fragment.Of(
            $"""<td{(isLeft ? Left : Fragment.Empty)} data-head="{head.TrimStart('<')}">{cell}</td>"""),
        (false, true) => Fragment.Of($"""<td class="left">{cell}</td>"""),
        _ => Fragment.Of($"<td>{cell}</td>"),
    };

    private static Fragment Left { get; } = new(" class=\"left\"");

    private static Fragment Wide { get; } = new(" class=\"wide\"");
}
