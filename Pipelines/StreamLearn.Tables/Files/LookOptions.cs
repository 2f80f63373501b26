namespace StreamLearn.Tables;

internal sealed record LookOptions
{
    public string? Csv { get; init; }

    public string? Arrow { get; init; }

    /// <summary>Class column; null: detected.</summary>
    public string? Label { get; init; }

    public string? Target { get; init; }

    /// <summary>Forecast horizon; null: the row's own value or class.</summary>
    public TimeSpan? Ahead { get; init; }

    /// <summary>Device column, <c>file</c> or <c>none</c>; null: detected.</summary>
    public string? Device { get; init; }

    /// <summary>Rows a second; null: from the times.</summary>
    public double? Rate { get; init; }

    /// <summary>Input columns; empty: numbers that look like measurements.</summary>
    public ImmutableArray<string> Channels { get; init; } = [];

    public ImmutableArray<string> Ignore { get; init; } = [];

    /// <summary>Time column; null: detected.</summary>
    public string? Time { get; init; }

    /// <summary><c>s</c>, <c>ms</c>, <c>us</c>, <c>ns</c>, <c>iso8601</c>, or a custom .NET format; null: detected.</summary>
    public string? TimeFormat { get; init; }

    public CsvForm Form { get; init; } = new();

    /// <summary>True: rows are independent, and times do not matter.</summary>
    public bool EachRow { get; init; }

    /// <summary>True: independent rows keep their time.</summary>
    public bool KeepsTimes { get; init; }

    /// <summary>True: any numeric column may be a channel; a model decides.</summary>
    public bool TakesAll { get; init; }

    public bool Leaves(string column) => Ignore.Contains(column) || (Ahead is null && column == Target);

    public string RowsOption => Arrow is null ? OwnCsv.Name : OwnArrow.Name;
}
