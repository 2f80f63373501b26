namespace StreamLearn.Formats;

/// <summary>Settings of <c>ToCsv</c> and <c>ToJsonLines</c>.</summary>
public sealed record RowSinkOptions
{
    /// <summary>The columns to write in order, with name and format in the file. Empty (default): all columns, event time as ISO 8601,
    /// others as numbers.</summary>
    public IReadOnlyList<FileColumn> Columns { get; init; } = [];

    /// <summary>The CSV value separator; default a comma.</summary>
    public char Delimiter { get; init; } = ',';

    /// <summary>True (default): the first CSV line has names and units.</summary>
    public bool Header { get; init; } = true;

    internal string Text => $"{string.Join("; ", Columns)}{(Delimiter == ',' ? "" : $" '{Delimiter}'")}{(Header ? "" : " no header")}";

    internal RowSinkOptions Checked()
    {
        foreach (var column in Columns) { column.Checked(); }
        new CsvOptions { Delimiter = Delimiter }.Checked();
        return this;
    }
}

/// <content>Adds sinks of rows.</content>
public static partial class FileFlowExtensions
{
    /// <summary>Writes rows as CSV.</summary>
    /// <remarks> Shape: one line per row. Units: unchanged; in the header, <c>ax [m/s2]</c>. State: the file length, flushed by a
    /// checkpoint; a resumed run truncates the file to that length, so each row is stored once. Cost: about 100 ns per number; no
    /// allocation. Emits: nothing. Missing and non-finite values become <c>NA</c>. Drops: <c>schema</c> (a column is absent, or the batch
    /// differs from the first). Counts: <c>unknown-classes</c>, written as missing. Throws: file system errors. Source: RFC 4180, with line
    /// feeds.
    /// </remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="path">The file; replaced if it exists.</param>
    /// <param name="options">The settings; null: defaults.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public static Sink ToCsv(this Flow<Batch> flow, string path, RowSinkOptions? options = null)
    {
        options = (options ?? new()).Checked();
        return flow.To("csv", path, options.Text, context => CsvRows(options.Columns, options.Delimiter, options.Header, context));
    }

    /// <summary><paramref name="context"/>: counts classes without a name; null: they are not counted.</summary>
    internal static TextRows CsvRows(IReadOnlyList<FileColumn> columns, char delimiter, bool header, OperatorContext? context)
    {
        string Quoted(string text) => text.AsSpan().ContainsAny([delimiter, '"', '\r', '\n']) || text.Trim() != text
            ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
        string Head(IReadOnlyList<FileColumn> columns) => header
            ? $"{string.Join(delimiter, columns.Select(c => Quoted(CsvHeader.Whole(c))))}\n" : "";
        return new(new("", delimiter.ToString(), "\n", "NA", ""), columns, Head, static _ => "", Quoted, context);
    }

    /// <summary>Writes rows as lines of JSON objects.</summary>
    /// <remarks>Works like <see cref="ToCsv"/>; missing and non-finite values become <c>null</c>. Source: RFC 8259;
    /// jsonlines.org.</remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="path">The file; replaced if it exists.</param>
    /// <param name="options">The columns; null: defaults.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public static Sink ToJsonLines(this Flow<Batch> flow, string path, RowSinkOptions? options = null)
    {
        options = (options ?? new()).Checked();
        static string Text(string text) => $"\"{System.Text.Json.JsonEncodedText.Encode(text)}\"";
        return flow.To("json-lines", path, options.Text, context => new TextRows(
            new("{", ",", "}\n", "null", "\""), options.Columns, static _ => "", static c => $"{Text(c.Source)}:", Text, context));
    }

    internal static Sink To(
        this Flow<Batch> flow, string format, string path, string settings, Func<OperatorContext, IRowEncoder> create)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentException.ThrowIfNullOrEmpty(path);
        var name = path.Length > 100 ? $"to-{format} …{path[^100..]}" : $"to-{format} {path}";
        return flow.To(name, new RowSinkBlock(format, path, settings),
            (RowSinkBlock _, OperatorContext context) => new RowSink(path, create(context), context));
    }
}
