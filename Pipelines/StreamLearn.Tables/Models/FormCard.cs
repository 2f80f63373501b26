namespace StreamLearn.Tables;

/// <summary>The form of the rows that a model learned from, in its card, for live rows of the same form.</summary>
internal static class FormCard
{
    private const string Key = "row-form", Join = "join ";

    /// <summary>Adds a form other than the usual one.</summary>
    public static ModelCard On(ModelCard card, IOwnFiles files)
    {
        if (files is not OwnCsv { Form: var form, JoinedBy: var by }) { return card; }
        string[] none = [];
        string[] lines =
        [
            .. form.Delimiter == ',' ? none : [$"delimiter {form.Delimiter}"], .. form.DecimalComma ? ["decimal comma"] : none,
            .. form.Header ? none : ["header false"], .. form.Comment is { } comment ? [$"comment {comment}"] : none,
            .. form.Encoding is { } encoding ? [$"encoding {EncodingWords.Of(encoding)}"] : none,
            .. by is null ? none : [Join + by],
            .. form.Missing.Skip(CsvOptions.DefaultMissing.Count).Where(static m => !m.Contains('\n')).Select(static m => $"missing {m}"),
        ];
        return lines.Length == 0 ? card : card with { Provenance = card.Provenance.SetItem(Key, string.Join('\n', lines)) };
    }

    /// <summary>The part of the file names, or the column, by which rows were joined; null: they were not.</summary>
    public static string? JoinOf(ModelCard card) => card.Provenance.GetValueOrDefault(Key)?.Split('\n')
        .FirstOrDefault(static l => l.StartsWith(Join, StringComparison.Ordinal))?[Join.Length..];

    /// <summary>Reads the form; null: the usual one.</summary>
    /// <exception cref="ModelFormatException">It is not as <see cref="On"/> writes it.</exception>
    public static CsvOptions? Of(ModelCard card)
    {
        if (!card.Provenance.TryGetValue(Key, out var text)) { return null; }
        var form = text.Split('\n').Aggregate(new CsvOptions(), (form, line) => line.Split(' ', 2) switch
        {
            ["delimiter", [var delimiter]] => form with { Delimiter = delimiter },
            ["decimal", "comma"] => form with { DecimalComma = true },
            ["header", "false"] => form with { Header = false },
            ["comment", [var comment]] => form with { Comment = comment },
            ["encoding", var word] when EncodingWords.Words.Contains(word) => form with { Encoding = EncodingWords.Of(word) },
            ["join", _] => form,
            ["missing", var missing] => form with { Missing = [.. form.Missing, missing] },
            _ => throw CardKeys.Refused(Key, "lines such as 'decimal comma'", line),
        });
        return form is { DecimalComma: true, Delimiter: ',' } ? throw CardKeys.Refused(Key, "another delimiter with decimal commas", text)
            : form;
    }
}
