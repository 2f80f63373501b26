namespace StreamLearn.Formats;

/// <summary>Settings of <c>ToCsv</c> and <c>ToJsonLines</c>.</summary>
public sealed record RowSinkOptions
{
    /// <summary>The columns that are written, in their order, each with its name and form in the file. Empty, the default: all, the event
    /// time as ISO 8601, all else as numbers.</summary>
    public IReadOnlyList<FileColumn> Columns { get; init; } = [];

    /// <summary>What separates values of CSV; default a comma.</summary>
    public char Delimiter { get; init; } = ',';

    /// <summary>True, the default: the first line of CSV names the columns, with their units.</summary>
    public bool Header { get; init; } = true;

    internal string Text => $"{string.Join("; ", Columns)}{(Delimiter == ',' ? "" : $" '{Delimiter}'")}{(Header ? "" : " no header")}";

    internal RowSinkOptions Checked()
    {
        foreach (var column in Columns) { column.Checked(); }
        new CsvOptions { Delimiter = Delimiter }.Checked();
        return this;
    }
}

/// <content>Sinks of rows.</content>
public static partial class FileFlowExtensions
{
    /// <summary>Writes rows as comma-separated values.</summary>
    /// <remarks>
    /// Shape: a line for each row. Units: unchanged; in the first line, <c>ax [m/s2]</c>. State: the length of the file, which a checkpoint
    /// brings to the disk; a run that goes on cuts the file to it, so that each row stands in it once. Cost: some 100 ns a number; no
    /// allocation. Emits: nothing. Missing values, NaN and infinities become <c>NA</c>. Drops:
    /// <c>schema</c> (a column is not there, or the batch is not as the first). Counts: <c>unknown-classes</c>, written as missing.
    /// Throws: what the file system says. Source: RFC 4180, with line feeds.
    /// </remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="options">The settings; null for the defaults.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public static Sink ToCsv(this Flow<Batch> flow, string path, RowSinkOptions? options = null)
    {
        options = (options ?? new()).Checked();
        return flow.To("csv", path, options.Text, context => CsvRows(options.Columns, options.Delimiter, options.Header, context));
    }

    /// <summary>Writes rows as lines of values. <paramref name="context"/>: counts classes without a text; null: nobody does.</summary>
    internal static TextRows CsvRows(IReadOnlyList<FileColumn> columns, char delimiter, bool header, OperatorContext? context)
    {
        string Quoted(string text) => text.AsSpan().ContainsAny([delimiter, '"', '\r', '\n']) || text.Trim() != text
            ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
        string Head(IReadOnlyList<FileColumn> columns) => header
            ? $"{string.Join(delimiter, columns.Select(c => Quoted(CsvHeader.Whole(c))))}\n" : "";
        return new(new("", delimiter.ToString(), "\n", "NA", ""), columns, Head, static _ => "", Quoted, context);
    }

    /// <summary>Writes rows as lines of JSON, an object each.</summary>
    /// <remarks>As <see cref="ToCsv"/>; missing values, NaN and infinities become <c>null</c>. Source: RFC 8259; jsonlines.org.</remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="options">The columns; null for the defaults.</param>
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
