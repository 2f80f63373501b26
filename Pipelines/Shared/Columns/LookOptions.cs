using System.Collections.Immutable;

namespace StreamLearn.Programs;

/// <summary>Somebody's files, and what is known of them.</summary>
internal sealed record LookOptions
{
    /// <summary>Files in CSV; null: none.</summary>
    public string? Csv { get; init; }

    /// <summary>Files in Arrow; null: none.</summary>
    public string? Arrow { get; init; }

    /// <summary>The column with the class of a row; null: it is looked for.</summary>
    public string? Label { get; init; }

    /// <summary>The column with the value to learn; null: a class is learned.</summary>
    public string? Target { get; init; }

    /// <summary>How much later the value or class is that a row is to tell; null: it is that of the row.</summary>
    public TimeSpan? Ahead { get; init; }

    /// <summary>The column that says whose row it is, <c>file</c>, or <c>none</c>; null: it is looked for.</summary>
    public string? Device { get; init; }

    /// <summary>Rows a second; null: the times say it.</summary>
    public double? Rate { get; init; }

    /// <summary>The columns that are learned from; empty: those of numbers that look like measurements.</summary>
    public ImmutableArray<string> Channels { get; init; } = [];

    /// <summary>Columns that are left out.</summary>
    public ImmutableArray<string> Ignore { get; init; } = [];

    /// <summary>The column with the time; null: it is looked for.</summary>
    public string? Time { get; init; }

    /// <summary>How it is written: <c>s</c>, <c>ms</c>, <c>us</c>, <c>ns</c>, <c>iso8601</c>, or a custom format of .NET; null: its values
    /// say it.</summary>
    public string? TimeFormat { get; init; }

    /// <summary>How the files are written.</summary>
    public CsvForm Form { get; init; } = new();

    /// <summary>True: each row is taken by itself, and its time, if it has one, does not matter.</summary>
    public bool EachRow { get; init; }

    /// <summary>True: rows that are taken by themselves keep their time.</summary>
    public bool KeepsTimes { get; init; }

    /// <summary>True: each column of numbers may be a channel; a model says which are.</summary>
    public bool TakesAll { get; init; }

    /// <summary>True if a column is to be left out.</summary>
    public bool Leaves(string column) => Ignore.Contains(column) || (Ahead is null && column == Target);

    /// <summary>The option that names the files.</summary>
    public string RowsOption => Arrow is null ? OwnCsv.Name : OwnArrow.Name;
}
