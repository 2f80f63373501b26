namespace StreamLearn.Tables;

/// <summary>What is known about the columns of a table; the rest is detected.</summary>
public sealed record TableOptions
{
    /// <summary>The column of the class to learn, or a part of the file pattern; default null: detected.</summary>
    public string? Label { get; init; }

    /// <summary>The column of the value to learn; default null: a class is learned.</summary>
    public string? Target { get; init; }

    /// <summary>Time from the row to the class or value to predict; default null: that of the row itself.</summary>
    public TimeSpan? Ahead { get; init; }

    /// <summary>The column that names the device, <c>file</c> or <c>none</c>; default null: detected.</summary>
    public string? Device { get; init; }

    /// <summary>Rows per second, above 0; default null: derived from the times.</summary>
    public double? RowsPerSecond { get; init; }

    /// <summary>The columns to learn from; default empty: numbers that look like measurements.</summary>
    public ImmutableArray<string> Channels { get; init; } = [];

    /// <summary>Columns to leave out; default none.</summary>
    public ImmutableArray<string> Ignore { get; init; } = [];

    /// <summary>The column of the time; default null: detected.</summary>
    public string? Time { get; init; }

    /// <summary><c>s</c>, <c>ms</c>, <c>us</c>, <c>ns</c>, <c>iso8601</c> or a custom .NET format; default null: detected.</summary>
    public string? TimeFormat { get; init; }

    /// <summary>A part of the file pattern, or a column, whose values name streams that were written apart, such as sensors: rows are
    /// joined by time, with a column for each stream and column. Default null: none. CSV only.</summary>
    public string? Join { get; init; }

    internal string? Csv { get; init; }

    /// <summary>The file with what standard input had, if <see cref="Csv"/> is <c>-</c>; otherwise null.</summary>
    internal string? Spooled { get; init; }

    internal string? Arrow { get; init; }

    internal CsvForm Form { get; init; } = new();

    /// <summary>True if rows are independent and times do not matter.</summary>
    internal bool EachRow { get; init; }

    internal bool OneRate { get; init; }

    /// <summary>True if independent rows keep their time.</summary>
    internal bool KeepsTimes { get; init; }

    /// <summary>True if any numeric column may be a channel, since a model decides.</summary>
    internal bool TakesAll { get; init; }

    internal string RowsOption => Arrow is null ? OwnCsv.Name : OwnArrow.Name;

    internal bool Leaves(string column) => Ignore.Contains(column) || (Ahead is null && column == Target);

    internal TableOptions Of(string files) =>
        files.EndsWith(".arrow", StringComparison.OrdinalIgnoreCase) ? this with { Arrow = files } : this with { Csv = files };
}
