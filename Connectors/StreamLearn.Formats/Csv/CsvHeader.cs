using System.Globalization;

namespace StreamLearn.Formats;

internal static class CsvHeader
{
    private const StringSplitOptions Spaceless = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;

    private static readonly char[] LineEnds = ['\r', '\n'];

    /// <summary>Splits name and unit: <c>ax [m/s^2]</c> is <c>ax</c> in <c>m/s2</c>. Only brackets mark a unit. A leading <c>#</c> is
    /// removed, because some programs write headers as comments. A line end becomes a space.</summary>
    internal static (string Name, Unit? Unit) Part(string text)
    {
        text = text.Contains('\n', StringComparison.Ordinal) ? string.Join(' ', text.Split(LineEnds, Spaceless)) : text.Trim();
        if (text.Length > 1 && text[0] == '#' && !text.StartsWith("##", StringComparison.Ordinal)) { text = text[1..].TrimStart(); }
        var open = text.LastIndexOf('[');
        if (open <= 0 || !text.EndsWith(']') || text.Length - open < 3) { return (text, null); }
        return (text[..open].TrimEnd(), new(FileColumn.UnitSymbol(text[(open + 1)..^1].Trim())));
    }

    internal static string NameOf(int place) => string.Create(CultureInfo.InvariantCulture, $"c{place}");

    internal static bool IsNumbered(string name) =>
        name.Length > 1 && name[0] == 'c' && name.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0;

    internal static string Whole(FileColumn column) =>
        column.Value == FileValue.Number && column.Field.Unit != Unit.One ? $"{column.Source} [{column.Field.Unit}]" : column.Source;

    internal static bool MayBegin(byte first) => first is not ((>= (byte)'0' and <= (byte)'9') or (byte)'-' or (byte)'+' or (byte)'.');

    /// <summary>True: two of the known ones or over half, with any unit and capital letters, and no number.</summary>
    internal static bool IsAgain(IReadOnlyList<string> cells, IReadOnlyCollection<string> names)
    {
        if (cells.Count < 2) { return false; }
        var known = names.Select(Key).Where(static n => n.Length > 0).ToHashSet(StringComparer.Ordinal);
        var keys = cells.Select(Key).ToList();
        var found = keys.Count(known.Contains);
        return (2 * found > known.Count || found >= 2) && keys.Distinct(StringComparer.Ordinal).Count() == keys.Count
            && !keys.Exists(k => !known.Contains(k) && double.TryParse(k, NumberStyles.Float, CultureInfo.InvariantCulture, out _));
    }

    /// <summary>A name without unit and capital letters.</summary>
    internal static string Key(string text) => Part(text).Name.TrimStart('\uFEFF').ToUpperInvariant();

    /// <summary>Finds requested columns by name, or by name and unit. <paramref name="first"/>: index of the first one in batches.
    /// <paramref name="wrong"/>: the missing, repeated or mismatched column.</summary>
    internal static RowColumn[]? Match(List<string> names, IReadOnlyList<FileColumn> asked, int first, out string? wrong)
    {
        var parts = names.Select(Part).ToList();
        var columns = names.Select(static _ => new RowColumn(0, null)).ToArray();
        wrong = null;
        for (var i = 0; i < asked.Count; i++)
        {
            wrong = asked[i].Source;
            var place = -1;
            for (var n = 0; n < names.Count; n++)
            {
                if (names[n].Trim() != wrong && parts[n].Name != wrong) { continue; }
                if (place >= 0) { return null; }
                place = n;
            }

            if (place < 0 || columns[place].Value != RowValue.Passed) { return null; }
            if (!asked[i].AnyUnit && asked[i].Value == FileValue.Number && parts[place].Unit is { } unit && unit != asked[i].Field.Unit)
            {
                return null;
            }

            columns[place] = new(first + i, asked[i]);
        }

        wrong = null;
        return columns;
    }
}
