namespace StreamLearn.Tables;

/// <summary>Known facts about the columns of a table; the rest is detected.</summary>
public sealed record TableOptions
{
    /// <summary>The column of the class to learn, or a part of the file pattern; default null: found.</summary>
    public string? Label { get; init; }

    /// <summary>The column of the value to learn; default null: a class is learned.</summary>
    public string? Target { get; init; }

    /// <summary>Time from the row to the class or value to predict; default null: that of the row itself.</summary>
    public TimeSpan? Ahead { get; init; }

    /// <summary>The column that names the device, <c>file</c> or <c>none</c>; default null: found.</summary>
    public string? Device { get; init; }

    /// <summary>Rows a second, above 0; default null: from the times.</summary>
    public double? RowsPerSecond { get; init; }

    /// <summary>The columns to learn from; default empty: numbers that look like measurements.</summary>
    public ImmutableArray<string> Channels { get; init; } = [];

    /// <summary>Columns to leave out; default none.</summary>
    public ImmutableArray<string> Ignore { get; init; } = [];

    /// <summary>The column of the time; default null: found.</summary>
    public string? Time { get; init; }

    /// <summary><c>s</c>, <c>ms</c>, <c>us</c>, <c>ns</c>, <c>iso8601</c> or a custom .NET format; default null: found.</summary>
    public string? TimeFormat { get; init; }

    internal LookOptions Of(string files)
    {
        var isArrow = files.EndsWith(".arrow", StringComparison.OrdinalIgnoreCase);
        return new()
        {
            Csv = isArrow ? null : files,
            Arrow = isArrow ? files : null,
            Label = Label,
            Target = Target,
            Ahead = Ahead,
            Device = Device,
            Rate = RowsPerSecond,
            Channels = Channels,
            Ignore = Ignore,
            Time = Time,
            TimeFormat = TimeFormat,
        };
    }
}
