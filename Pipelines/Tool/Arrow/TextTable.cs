namespace Tool;

/// <summary>A table with columns as wide as their cells, within a total width. Text that is cut ends in an ellipsis.</summary>
/// <remarks>Buffers rows to find widths; later rows may widen columns.</remarks>
internal sealed class TextTable(IReadOnlyList<string> heads, IReadOnlyList<bool> isRight, int? width, TextWriter output)
{
    internal const int CellCharacters = 60;

    private const int Rows = 50, Least = 8;
    private const string Gap = "  ";
    private readonly List<string[]> _waiting = [];
    private int[]? _widths;
    private int _shown = heads.Count;

    internal void Add(string[] cells)
    {
        _waiting.Add([.. cells.Select(Tapped.Plain)]);
        if (_waiting.Count == Rows) { Flush(); }
    }

    internal void Flush()
    {
        var isFirst = _widths is null;
        if (!isFirst && _waiting.Count == 0) { return; }
        string[] names = [.. heads.Select(Tapped.Plain)];
        var widths = Enumerable.Range(0, heads.Count).Select(c => Math.Min(CellCharacters,
            Math.Max(_widths?[c] ?? Columns(names[c]), _waiting.Select(r => Columns(r[c])).DefaultIfEmpty().Max()))).ToArray();
        _widths = Narrowed(widths, isFirst);
        if (isFirst) { Write(names); }
        foreach (var row in _waiting) { Write(row); }
        _waiting.Clear();
    }

    /// <summary>Ends the table and reports columns that did not fit.</summary>
    internal void End()
    {
        Flush();
        if (heads.Count > _shown) { output.WriteLine($"({ArrowSchemaText.Counted(heads.Count - _shown, "more column", "more columns")})"); }
    }

    /// <summary>Narrows the widest columns first, then omits the last ones.</summary>
    private int[] Narrowed(int[] widths, bool isFirst)
    {
        if (width is not { } most) { return widths; }
        var counted = widths[.._shown];
        int Sum() => counted.Take(_shown).Sum() + (Gap.Length * (_shown - 1));
        while (isFirst && _shown > 1
            && counted.Take(_shown).Sum(w => Math.Min(w, Least) + Gap.Length) - Gap.Length > most)
        {
            _shown--;
        }

        while (Sum() > most)
        {
            var widest = Array.IndexOf(counted, counted.Take(_shown).Max());
            if (counted[widest] <= 1) { break; }
            counted[widest]--;
        }

        counted.CopyTo(widths, 0);
        return widths;
    }

    private void Write(string[] cells)
    {
        var line = new StringBuilder();
        for (var c = 0; c < _shown; c++)
        {
            var cell = Cut(cells[c], _widths![c]);
            var padding = new string(' ', Math.Max(0, _widths[c] - Columns(cell)));
            line.Append(c > 0 ? Gap : "").Append(isRight[c] ? padding + cell : cell + padding);
        }

        output.WriteLine(line.ToString().TrimEnd(' '));
    }

    internal static string Cut(string text, int most)
    {
        if (text.Length <= most && Columns(text) <= most) { return text; }
        var (start, columns) = (new StringBuilder(), 1);
        foreach (var rune in text.EnumerateRunes())
        {
            columns += Columns(rune);
            if (columns > most) { break; }
            start.Append(rune);
        }

        return start.Append('…').ToString();
    }

    /// <summary>Returns the width of a string in terminal columns.</summary>
    internal static int Columns(string text)
    {
        var columns = 0;
        foreach (var rune in text.EnumerateRunes()) { columns += Columns(rune); }
        return columns;
    }

    private static int Columns(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format => 0,
        _ => rune.Value is (>= 0x1100 and <= 0x115f) or (>= 0x2e80 and <= 0xa4cf) or (>= 0xac00 and <= 0xd7a3) or (>= 0xf900 and <= 0xfaff)
            or (>= 0xfe30 and <= 0xfe6f) or (>= 0xff00 and <= 0xff60) or (>= 0xffe0 and <= 0xffe6) or (>= 0x1f300 and <= 0x1faff)
            or (>= 0x20000 and <= 0x3fffd) ? 2 : 1,
    };
}
