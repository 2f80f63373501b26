namespace StreamLearn.Simulated;

/// <summary>Wide tables scroll in place, also by keyboard.</summary>
internal static class Tables
{
    /// <summary>Omits columns without values and tables without rows. <paramref name="heads"/>: a leading <c>&lt;</c> aligns the column
    /// left and is not shown.</summary>
    internal static Fragment Table(string caption, IReadOnlyList<string> heads, IEnumerable<IReadOnlyList<Fragment>> rows)
    {
        var all = rows.ToList();
        if (all.Count == 0) { return Fragment.Empty; }
        int[] shown = [.. Enumerable.Range(0, heads.Count).Where(c => c == 0 || all.Exists(r => r[c].Markup is not ("" or Figures.None)))];
        string[] kept = [.. shown.Select(c => heads[c])];
        return Fragment.Of(
            $"""
            <div class="scroll" role="region" aria-label="{caption}" tabindex="0"><table><caption>{caption}</caption>
            <thead><tr>{kept.Select(Head)}</tr></thead>
            <tbody>
            {all.Select(r => Row(kept, [.. shown.Select(c => r[c])]))}</tbody></table></div>

            """);
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

    private static Fragment Row(string[] heads, IReadOnlyList<Fragment> cells) => Fragment.Of(
        $"<tr>{cells.Select((c, i) => Cell(heads[i], c, i))}</tr>\n");

    private static Fragment Cell(string head, Fragment cell, int column) => (column == 0, head.StartsWith('<')) switch
    {
        (true, true) => Fragment.Of($"""<th scope="row" class="left">{cell}</th>"""),
        (true, false) => Fragment.Of($"""<th scope="row">{cell}</th>"""),
        (false, true) => Fragment.Of($"""<td class="left">{cell}</td>"""),
        _ => Fragment.Of($"<td>{cell}</td>"),
    };
}
