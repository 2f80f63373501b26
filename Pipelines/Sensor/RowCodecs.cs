using StreamLearn.Tables;

namespace Sensor;

internal sealed record RowCodec(ICodec<Batch> Codec, Func<string?> WhyUnread);

internal static class RowCodecs
{
    private const int MostRows = 16_384;        // maximum rows of a CSV message

    internal static void Check(ConfigEntry entry, LiveConfig source, ColumnsConfig columns)
    {
        if (columns.Time is null)
        {
            entry.Refuse("expected a column with time: ms, or time: arrival for rows without a time");
        }

        if (source.Form is PayloadForm.Csv { Form.Names: { Count: > 0 } names } csv
            && FormOf(csv, columns).Columns.FirstOrDefault(c => names.Count(n => n == c.Source) != 1) is { } other)
        {
            entry.Refuse($"expected column '{other.Source}' once among the columns of the source, {string.Join(", ", names)}");
        }

        if (source.Form is PayloadForm.Raw && columns.Time is { Unit: not null })
        {
            entry.Refuse("expected time: arrival with format: raw, which has only channel values");
        }

        if (source.Form is PayloadForm.Raw && (columns.LabelInData is not null || columns.Value is not null))
        {
            entry.Refuse("expected no label and no target in the data with format: raw, which has only channel values");
        }
    }

    /// <summary>Returns the schema of payloads; it has no time column if arrival time is used.</summary>
    internal static Schema SchemaOf(ColumnsConfig columns) =>
        columns.Time!.Unit is null ? new(columns.Schema().Fields.Skip(1)) : columns.Schema();

    internal static RowCodec Of(LiveConfig source, ColumnsConfig columns)
    {
        switch (source.Form)
        {
            case PayloadForm.Csv csv:
                var lines = new CsvFormat(FormOf(csv, columns) with { BatchRows = MostRows });
                return new(lines, () => TextOf(lines, csv.Form));
            case PayloadForm.Arrow:
                var arrow = new ArrowRows(columns, SchemaOf(columns));
                return new(arrow, () => arrow.LastRefusal);
            case PayloadForm.Raw raw:
                var numbers = new RawFormat(new()
                {
                    Columns = [.. columns.InFile.Select(static c => new RawColumn(Field.Channel(c.Name, c.Unit)))],
                    Number = raw.Number,
                });
                return new(numbers, () => TextOf(numbers, form: null));
            default:
                var json = JsonOf(columns, source);
                return new(json, () => TextOf(json, form: null));
        }
    }

    internal static JsonFormat JsonOf(ColumnsConfig columns, LiveConfig source)
    {
        var time = columns.Time!;
        List<JsonColumn> paths = [.. columns.Channels.Select(static c => JsonColumn.Channel(c.Name, c.Path, c.Unit))];
        if (columns.LabelInData is { } label) { paths.Add(JsonColumn.Label(label.Path, label.Classes)); }
        if (columns.Value is { Target.Unit: var unitOfValue } value) { paths.Add(JsonColumn.Target(value.Path, unitOfValue)); }
        var rate = time.Path.Contains("[*]", StringComparison.Ordinal) ? 0 : source.Rate ?? 0;
        try
        {
            return new(new()
            {
                Columns = paths,
                Time = time.Unit is { } unit ? new(time.Path, unit, rate) : null,
                NumbersInTexts = source.Form is PayloadForm.Json { NumbersInTexts: true },
            });
        }
        catch (ArgumentException e)
        {
            throw new FormatException($"columns: {e.Message}", e);
        }
    }

    /// <summary>The CSV form, with columns by header or in the configured order.</summary>
    internal static CsvOptions FormOf(PayloadForm.Csv csv, ColumnsConfig columns) =>
        csv.Form with { Columns = [.. CsvColumns(columns).OrderBy(c => columns.Order.IndexOf(c.Source))] };

    private static IEnumerable<FileColumn> CsvColumns(ColumnsConfig columns)
    {
        if (columns.Time is { Unit: { } unit } time) { yield return FileColumn.Time(time.Name, unit) with { TimeFormat = time.Format }; }
        foreach (var channel in columns.Channels) { yield return FileColumn.Channel(channel.Name, channel.Unit); }
        if (columns.LabelInData is { } label) { yield return FileColumn.Label(label.Name, label.Classes); }
        if (columns.Value is { } value) { yield return value.Column; }
    }

    private static string? TextOf(PayloadFormat format, CsvOptions? form) => format.LastRefusal.Reason == RefusalReason.None ? null
        : PrintableText.Of($"{format.LastRefusal}{FormAdvice.Of(format, form)}");
}
