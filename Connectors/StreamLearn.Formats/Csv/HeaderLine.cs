using System.Globalization;

namespace StreamLearn.Formats;

/// <summary>Finds the line that names the columns, by its cells and those of the lines below.</summary>
internal static class HeaderLine
{
    private const int LinesBelow = 20;      // lines to compare with
    private const int MinDigitsOfTime = 4;
    private const int MaxLettersOfTime = 9;     // such as "Z", "PM", "UTC", "Mar"

    private static readonly string[] Missing = [.. CsvOptions.DefaultMissing];

    private enum Cell { Empty, Value, Text }

    /// <summary><paramref name="head"/>: delimiter and the first line of the usual width.</summary>
    /// <exception cref="InvalidDataException">It is doubtful whether a line has names or values.</exception>
    internal static CsvHead Of(List<string> lines, CsvHead head, CsvHead.Said form)
    {
        var width = CsvHead.ValuesOf(lines[head.SkipLines], head.Delimiter);
        var usual = lines.Index().Where(l => l.Item.Length > 0 && CsvHead.ValuesOf(l.Item, head.Delimiter) == width).Select(l => l.Index)
            .ToList();
        var values = usual.Find(l => Kinds(lines[l], head).Contains(Cell.Value));
        var first = usual[0];
        if (!Kinds(lines[values], head).Contains(Cell.Value)) { return head; }      // a table of texts
        var named = usual.TakeWhile(l => l < values).Where(l => IsNames(lines[l], head)).ToList();
        var texts = usual.TakeWhile(l => l < values).ToList();
        if (named.Count == 0 && texts is [var one, var other, ..] && lines[one][0] != '#')
        {
            throw new InvalidDataException($"lines {one + 1} and {other + 1} both have names, some of them twice: write one line of names, "
                + "such as with df.columns = ['_'.join(c) for c in df.columns] of pandas");
        }

        if (named.Count == 0 && values > first) { return head; }      // texts that repeat are refused as names
        if (named is [var only, ..])
        {
            return WithComments(lines, head with { SkipLines = only, TextLine = texts[^1] > only ? only + 1 : null });
        }

        if (first > 0 && NamesAbove(lines, head, first) is { } above)
        {
            var names = Cells(lines[above], head).Count;
            var isWider = usual.TrueForAll(l => Cells(lines[l], head)[Math.Min(names, width - 1)..].TrueForAll(string.IsNullOrWhiteSpace));
            return names < width && isWider ? WithComments(lines, head with { SkipLines = above })
                : throw Doubtful(lines, above, names, width);
        }

        if (first > 0 && OtherDelimiter(lines, head, first) is { } own)
        {
            throw new InvalidDataException($"line {first} has names that '{own}' separates, and the rows below have '{head.Delimiter}': "
                + "write both with the same, or remove that line and set hasNames to false");
        }

        return IsNamedByNumbers(lines, head, usual) switch
        {
            true => head,
            false => head with { HasNames = false },
            null when form.HasNames == true => head,
            null => throw new InvalidDataException(FormattableString.Invariant($"line {first + 1} has numbers where names are ")
                + $"usual, '{Start(lines[first])}': hasNames says whether they are names"),
        };
    }

    /// <summary>The nearest line above the rows that is not empty, if it may name columns.</summary>
    private static int? NamesAbove(List<string> lines, CsvHead head, int first)
    {
        var above = first - 1;
        while (above >= 0 && string.IsNullOrWhiteSpace(lines[above])) { above--; }
        var width = CsvHead.ValuesOf(lines[first], head.Delimiter);
        return above >= 0 && CsvHead.ValuesOf(lines[above], head.Delimiter) is > 1 and var names && 2 * names >= width
            && IsNames(lines[above], head) ? above : null;
    }

    private static char? OtherDelimiter(List<string> lines, CsvHead head, int first) => CsvHead.Delimiters.Where(d => d != head.Delimiter)
        .Where(d => CsvHead.ValuesOf(lines[first - 1], d) == CsvHead.ValuesOf(lines[first], head.Delimiter)
            && IsNames(lines[first - 1], head with { Delimiter = d })).Select(static d => (char?)d).FirstOrDefault();

    private static InvalidDataException Doubtful(List<string> lines, int above, int names, int width) => new(FormattableString.Invariant(
        $"line {above + 1} has {names} names, '{Start(lines[above])}', and the rows below have {width} values: correct the names, or ")
        + FormattableString.Invariant($"remove that line and set hasNames to false, which names the columns c0 to c{width - 1}"));

    /// <summary>Skips lines that begin with <c>#</c> wherever they are, if the names do not begin so.</summary>
    private static CsvHead WithComments(List<string> lines, CsvHead head) =>
        lines[head.SkipLines][0] != '#' && lines.Take(head.SkipLines).Any(static l => l.StartsWith('#'))
            ? head with { Comment = '#' } : head;

    private static bool IsNames(string line, CsvHead head)
    {
        var cells = Cells(line, head).ConvertAll(static c => c.Trim());
        var named = cells.FindAll(static c => c.Length > 0);
        return 2 * named.Count >= cells.Count && named.Count > 0 && !Kinds(line, head).Contains(Cell.Value)
            && named.Distinct(StringComparer.Ordinal).Count() == named.Count;
    }

    /// <summary>A text above numbers is a name; null: whole numbers may be either.</summary>
    private static bool? IsNamedByNumbers(List<string> lines, CsvHead head, List<int> usual)
    {
        var own = Cells(lines[usual[0]], head).ConvertAll(static c => c.Trim());
        var below = usual.Skip(1).Take(LinesBelow).Select(l => Cells(lines[l], head)).ToList();
        if (below.Count == 0) { return false; }
        List<int> numbers = [];
        for (var c = 0; c < own.Count; c++)
        {
            var (kind, others) = (KindOf(own[c]), below.ConvertAll(b => KindOf(b[c])));
            if (kind == Cell.Value) { numbers.Add(c); }
            else if (kind == Cell.Text && others.Contains(Cell.Value) && !others.Contains(Cell.Text)) { return true; }
        }

        var names = numbers.ConvertAll(c => own[c]);
        var values = names.ConvertAll(static n => double.TryParse(n, NumberStyles.Float, CultureInfo.InvariantCulture, out var v) ? v : 0);
        if (values.Count > 2 && values.Zip(values.Skip(1), static (a, b) => a < b).All(static rises => rises)
            && Enumerable.Range(0, own.Count).Any(c => KindOf(own[c]) == Cell.Text && below.TrueForAll(b => b[c].Trim() != own[c])))
        {
            return null;        // wavelengths and a label
        }

        return names.Count > 1 && names.TrueForAll(static n => n.All(char.IsAsciiDigit)) && names.Distinct().Count() == names.Count
            && numbers.TrueForAll(c => below.TrueForAll(b => b[c].Trim() != own[c])) ? null : false;
    }

    private static List<Cell> Kinds(string line, CsvHead head) => Cells(line, head).ConvertAll(KindOf);

    private static Cell KindOf(string cell)
    {
        var text = cell.Trim();
        if (text.Length == 0 || Missing.Contains(text)) { return Cell.Empty; }
        return DressedNumber.UnitOf(text, isComma: false) is { } a && IsUnit(a)
            || DressedNumber.UnitOf(text, isComma: true) is { } b && IsUnit(b) || IsTime(text) ? Cell.Value : Cell.Text;
    }

    /// <summary>A name such as <c>3rd floor</c> begins with a number, too.</summary>
    private static bool IsUnit(string text) => text.Length <= 4;

    private static bool IsTime(string text) => text.Count(char.IsAsciiDigit) >= MinDigitsOfTime && text.AsSpan().ContainsAny(":/-.")
        && text.Count(char.IsLetter) <= MaxLettersOfTime
        && (char.IsAsciiDigit(text[0]) || text.Count(char.IsAsciiDigit) > text.Count(char.IsLetter));

    private static List<string> Cells(string line, CsvHead head)
    {
        List<string> cells = [];
        var (cell, isQuoted) = (new StringBuilder(), false);
        foreach (var c in line)
        {
            if (c == '"') { isQuoted = !isQuoted; }
            else if (c == head.Delimiter && !isQuoted)
            {
                cells.Add(cell.ToString());
                cell.Clear();
            }
            else { cell.Append(c); }
        }

        cells.Add(cell.ToString());
        return cells;
    }

    private static string Start(string line)
    {
        const int Most = 60;
        return line.Length <= Most ? line : $"{line[..Most]}…";
    }
}
