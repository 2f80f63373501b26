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

    /// <summary>The column that says whose row it is, <c>file</c>, or <c>none</c>; null: it is looked for.</summary>
    public string? Device { get; init; }

    /// <summary>Rows a second; null: the times say it.</summary>
    public double? Rate { get; init; }

    /// <summary>The option that names the files.</summary>
    public string RowsOption => Arrow is null ? OwnCsv.Name : OwnArrow.Name;
}
