namespace StreamLearn.Tables;

internal sealed record OwnColumns(
    IOwnFiles Files,
    ImmutableArray<FileColumn> Channels,
    string? Label,
    string? Device,
    bool FilePerDevice,
    FileColumn? Time,
    double? Rate,
    ImmutableArray<string> Classes,
    ImmutableArray<string> Devices)
{
    /// <summary>Column with a row's own class if the label is a later one; no user column has this name.</summary>
    public const string ClassOfNow = "class of now";

    /// <summary>The files as they were named, before they were joined.</summary>
    public ImmutableArray<string> Origins => Said.Join is null ? Files.Set.Files : FileSet.Find(Said.Spooled ?? Said.Csv!).Files;

    public string Pattern => Said.Csv ?? Said.Arrow ?? Files.Set.Pattern;

    /// <summary>The files, in words.</summary>
    public string Title => Said.Spooled is null ? Pattern : "standard input";

    public ImmutableArray<string> Reasons { get; init; } = [];

    public ImmutableArray<string> Missing { get; init; } = [];

    public ImmutableArray<string> Unfit { get; init; } = [];

    /// <summary>Channels whose omission makes those files readable; empty if that is not sufficient.</summary>
    public ImmutableArray<string> Dispensable { get; init; } = [];

    /// <summary>How rows without a valid time are handled, one per line.</summary>
    public ImmutableArray<string> Noted { get; init; } = [];

    /// <summary>Warnings about omitted and doubtful numeric columns, one per line.</summary>
    public ImmutableArray<string> Told { get; init; } = [];

    /// <summary>Those of <see cref="Told"/> about zones and dates.</summary>
    public ImmutableArray<string> TimeNotes { get; init; } = [];

    /// <summary>Devices whose rows are too far apart to fill a window at the common rate, one per line.</summary>
    public ImmutableArray<string> Slow { get; init; } = [];

    public ImmutableArray<DeviceCopy> Copies { get; init; } = [];

    public string? FallingTime { get; init; }

    /// <summary>Says that rows have several quantities in one column; null: they do not.</summary>
    public string? Pooled { get; init; }

    /// <summary>True if files have rows of the same times, as those of devices side by side.</summary>
    public bool FilesCoincide { get; init; }

    /// <summary>Says that rows come irregularly, as those of states that are written on change; null: they do not.</summary>
    public string? Irregular { get; init; }

    public FileColumn? Target { get; init; }

    public bool DeviceIsPart { get; init; }

    /// <summary>As the option <c>--device</c>.</summary>
    public string DeviceOption => Device ?? (FilePerDevice ? "file" : "none");

    /// <summary>Null: no column names the device.</summary>
    public string? DeviceColumn => DeviceIsPart ? null : Device;

    public bool LabelIsPart { get; init; }

    public TableOptions Said { get; init; } = new();

    /// <summary>Batch columns: time, channels, recording number, label or target.</summary>
    public Schema Schema => new(
    [
        Field.Time(), .. Channels.Select(static c => new Field(c.Field.Name, ColumnType.Float32, c.Field.Unit)),
        new Field("recording", ColumnType.Int32, Unit.One), Target is { Field.Unit: var unit } ? Field.Target(unit) : Field.Label(),
        .. ForecastsClasses ? new[] { new Field(ClassOfNow, ColumnType.Int32, Unit.One) } : [],
    ]);

    public bool ForecastsClasses => Target is null && Said.Ahead is not null;

    /// <summary>Option that omits channels missing in some files; null: not sufficient.</summary>
    public string? IgnoreOption =>
        Dispensable.IsEmpty ? null : $"--ignore {Quoted(string.Join(',', [.. Said.Ignore, .. Dispensable]))}";

    public string Options
    {
        get
        {
            List<string> parts = [$"{Files.Option} {Quoted(Pattern)}"];
            parts.Add(Target is { Source: var value } ? $"--target {Quoted(value)}"
                : $"--label {(Label is null ? "COLUMN" : Quoted(Label))}");
            if (Said.Ahead is { TotalSeconds: var later }) { parts.Add(string.Create(CultureInfo.InvariantCulture, $"--ahead {later}")); }
            parts.Add($"--device {Quoted(DeviceOption)}");
            if (Said.Join is { } join) { parts.Add($"--join {Quoted(join)}"); }
            if (Time is null || Said.RowsPerSecond is not null)
            {
                parts.Add($"--rate {Rate?.ToString("0.######", CultureInfo.InvariantCulture) ?? "ROWS_PER_SECOND"}");
            }

            if (Said.Channels.Length > 0) { parts.Add($"--channels {Quoted(string.Join(',', Said.Channels))}"); }
            if (IgnoreOption is { } ignore) { parts.Add(ignore); }
            else if (Said.Ignore.Length > 0) { parts.Add($"--ignore {Quoted(string.Join(',', Said.Ignore))}"); }
            if (Said.Time is { } time) { parts.Add($"--time {Quoted(time)}"); }
            if (Said.TimeFormat is { } format) { parts.Add($"--time-format {Quoted(format)}"); }
            return string.Join(' ', [.. parts, .. Said.Form.Options]);
        }
    }

    public int DeviceOf((int File, int Device) row) =>
        DeviceIsPart ? Files.Set.CodeOf(row.File, Device!) : FilePerDevice ? row.File : row.Device;

    public static string TextOf(Field column) => column.Unit == Unit.One ? column.Name : $"{column.Name} in {column.Unit}";

    public static string Quoted(string text) => text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/')
        ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}

/// <summary>A device that has rows of another one. <paramref name="Share"/>: of the rows of the one with fewer rows.</summary>
internal readonly record struct DeviceCopy(int First, int Second, double Share)
{
    internal string Text(string one, string other) =>
        FormattableString.Invariant($"'{one}' has the same rows as '{other}' ({Math.Floor(100 * Share)} %)");
}
