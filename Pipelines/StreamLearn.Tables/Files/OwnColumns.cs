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
    /// <summary>Column of a row's own class if the label is a later one; no user column has this name.</summary>
    public const string ClassOfNow = "class of now";

    public string Pattern => Files.Set.Pattern;

    public ImmutableArray<string> Reasons { get; init; } = [];

    public ImmutableArray<string> Missing { get; init; } = [];

    public ImmutableArray<string> Unfit { get; init; } = [];

    /// <summary>Channels whose omission makes those files readable; empty: not sufficient.</summary>
    public ImmutableArray<string> Dispensable { get; init; } = [];

    /// <summary>The handling of rows without a valid time, a line each.</summary>
    public ImmutableArray<string> Noted { get; init; } = [];

    /// <summary>Warnings about omitted and doubtful numeric columns, a line each.</summary>
    public ImmutableArray<string> Told { get; init; } = [];

    /// <summary>Devices too slow for a window at the common rate, a line each.</summary>
    public ImmutableArray<string> Slow { get; init; } = [];

    /// <summary>A column named like a time that does not rise; null: none.</summary>
    public string? FallingTime { get; init; }

    public FileColumn? Target { get; init; }

    public bool DeviceIsPart { get; init; }

    public bool LabelIsPart { get; init; }

    public LookOptions Said { get; init; } = new();

    /// <summary>Batch columns: time, channels, recording number, label or target.</summary>
    public Schema Schema => new(
    [
        Field.Time(), .. Channels.Select(static c => new Field(c.Field.Name, ColumnType.Float32, c.Field.Unit)),
        new Field("recording", ColumnType.Int32, Unit.One), Target is { Field.Unit: var unit } ? Field.Target(unit) : Field.Label(),
        .. ForecastsClasses ? new[] { new Field(ClassOfNow, ColumnType.Int32, Unit.One) } : [],
    ]);

    /// <summary>True if rows predict a later class.</summary>
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
            if (Device is not null) { parts.Add($"--device {Quoted(Device)}"); }
            else if (!FilePerDevice) { parts.Add("--device none"); }
            else { parts.Add("--device file"); }
            if (Time is null) { parts.Add($"--rate {Rate?.ToString("0.######", CultureInfo.InvariantCulture) ?? "ROWS_PER_SECOND"}"); }
            if (Said.Channels.Length > 0) { parts.Add($"--channels {Quoted(string.Join(',', Said.Channels))}"); }
            if (IgnoreOption is { } ignore) { parts.Add(ignore); }
            else if (Said.Ignore.Length > 0) { parts.Add($"--ignore {Quoted(string.Join(',', Said.Ignore))}"); }
            if (Said.Time is { } time) { parts.Add($"--time {Quoted(time)}"); }
            if (Said.TimeFormat is { } format) { parts.Add($"--time-format {Quoted(format)}"); }
            return string.Join(' ', [.. parts, .. Said.Form.Options]);
        }
    }

    public static string TextOf(Field column) => column.Unit == Unit.One ? column.Name : $"{column.Name} in {column.Unit}";

    /// <summary>Quotes a command-line value.</summary>
    public static string Quoted(string text) => text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/')
        ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
