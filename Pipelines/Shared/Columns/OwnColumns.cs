using System.Collections.Immutable;
using System.Globalization;
using StreamLearn.Formats;

namespace StreamLearn.Programs;

/// <summary>What the columns of somebody's files are, and why.</summary>
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
    /// <summary>The column with the class of a row itself, where its label is that of later. No column of a user has the name.</summary>
    public const string ClassOfNow = "class of now";

    /// <summary>The files as they were named.</summary>
    public string Pattern => Files.Set.Pattern;

    /// <summary>What was chosen, and why: a line each.</summary>
    public ImmutableArray<string> Reasons { get; init; } = [];

    /// <summary>What is missing before anything can be learned; empty: nothing.</summary>
    public ImmutableArray<string> Missing { get; init; } = [];

    /// <summary>Files that cannot be read with these columns, and why; empty: all can.</summary>
    public ImmutableArray<string> Unfit { get; init; } = [];

    /// <summary>Channels without which those files can be read; empty: that is not enough.</summary>
    public ImmutableArray<string> Dispensable { get; init; } = [];

    /// <summary>What becomes of rows without a good time: a line each.</summary>
    public ImmutableArray<string> Noted { get; init; } = [];

    /// <summary>Columns of numbers that are left out, and what may be wrong with others: a line each.</summary>
    public ImmutableArray<string> Told { get; init; } = [];

    /// <summary>Devices whose rows come too seldom for a window at the rate of the others: a line each.</summary>
    public ImmutableArray<string> Slow { get; init; } = [];

    /// <summary>A column that is named like a time and does not rise; null: there is none.</summary>
    public string? FallingTime { get; init; }

    /// <summary>The column with the value to learn; null: a class is learned.</summary>
    public FileColumn? Target { get; init; }

    /// <summary>True if <see cref="Device"/> is a part of the files' names.</summary>
    public bool DeviceIsPart { get; init; }

    /// <summary>True if <see cref="Label"/> is a part of the files' names.</summary>
    public bool LabelIsPart { get; init; }

    /// <summary>What options said.</summary>
    public LookOptions Said { get; init; } = new();

    /// <summary>Columns of batches: time, channels, the number of the recording, the label or target.</summary>
    public Schema Schema => new(
    [
        Field.Time(), .. Channels.Select(static c => new Field(c.Field.Name, ColumnType.Float32, c.Field.Unit)),
        new Field("recording", ColumnType.Int32, Unit.One), Target is { Field.Unit: var unit } ? Field.Target(unit) : Field.Label(),
        .. ForecastsClasses ? new[] { new Field(ClassOfNow, ColumnType.Int32, Unit.One) } : [],
    ]);

    /// <summary>True if rows tell the class that comes later.</summary>
    public bool ForecastsClasses => Target is null && Said.Ahead is not null;

    /// <summary>The option that leaves out the channels that some files lack; null: it is not enough.</summary>
    public string? IgnoreOption =>
        Dispensable.IsEmpty ? null : $"--ignore {Quoted(string.Join(',', [.. Said.Ignore, .. Dispensable]))}";

    /// <summary>The options that say the same, for the line to repeat.</summary>
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

    /// <summary>A column as people name it, with its unit if it has one.</summary>
    public static string TextOf(Field column) => column.Unit == Unit.One ? column.Name : $"{column.Name} in {column.Unit}";

    /// <summary>A text as an option of a command line.</summary>
    public static string Quoted(string text) => text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/')
        ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
