namespace StreamLearn.Tables;

/// <summary>The form of the rows that a model learned from, in its card, for live rows of the same form.</summary>
internal static class FormCard
{
    private const string Key = "row-form";

    /// <summary>Adds a form other than the usual one.</summary>
    public static ModelCard On(ModelCard card, IOwnFiles files)
    {
        if (files is not OwnCsv { Form: var form }) { return card; }
        string[] none = [];
        string[] lines =
        [
            .. form.Delimiter == ',' ? none : [$"delimiter {form.Delimiter}"], .. form.DecimalComma ? ["decimal comma"] : none,
            .. form.Header ? none : ["header false"], .. form.Comment is { } comment ? [$"comment {comment}"] : none,
            .. form.Encoding is { } encoding ? [$"encoding {EncodingWords.Of(encoding)}"] : none,
            .. form.Missing.Skip(CsvOptions.DefaultMissing.Count).Where(static m => !m.Contains('\n')).Select(static m => $"missing {m}"),
        ];
        return lines.Length == 0 ? card : card with { Provenance = card.Provenance.SetItem(Key, string.Join('\n', lines)) };
    }

    /// <summary>Completes what is said of files by how the rows of a model were written, where files do not show it.</summary>
    public static CsvForm Completed(CsvForm said, ModelCard card) => Of(card) is not { } form ? said : said with
    {
        Encoding = said.Encoding ?? form.Encoding,
        Missing = said.Missing.IsEmpty ? [.. form.Missing.Skip(CsvOptions.DefaultMissing.Count)] : said.Missing,
    };

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
            ["encoding", var word] when EncodingWords.Words.Contains(word) =>
                form with { Encoding = EncodingWords.All.First(w => w.Word == word).Encoding },
            ["missing", var missing] => form with { Missing = [.. form.Missing, missing] },
            _ => throw CardKeys.Refused(Key, "lines such as 'decimal comma'", line),
        });
        return form is { DecimalComma: true, Delimiter: ',' } ? throw CardKeys.Refused(Key, "another delimiter with decimal commas", text)
            : form;
    }
}
