using System.Collections.Immutable;

namespace StreamLearn.Formats;

/// <summary>How the values of a column stand in a file.</summary>
public enum FileValue
{
    /// <summary>Numbers, whole where the column holds integers.</summary>
    Number,

    /// <summary>true and false, also as 1 and 0; the column has 1 and 0.</summary>
    Flag,

    /// <summary>Texts; the column has their places among <see cref="FileColumn.Classes"/>.</summary>
    Class,

    /// <summary>Times, written as <see cref="FileColumn.TimeUnit"/> says; the column has nanoseconds since 1970.</summary>
    Time,
}

/// <summary>A column of a file and the column of batches that it becomes.</summary>
/// <param name="Field">Name, type and unit in batches.</param>
public sealed record FileColumn(Field Field)
{
    /// <summary>The name in the file; default that of the field.</summary>
    public string Source { get; init; } = Field.Name;

    /// <summary>True: the unit that a header gives does not matter. Default false: another one than the field's is refused.</summary>
    public bool AnyUnit { get; init; }

    /// <summary>How the values are written; default numbers.</summary>
    public FileValue Value { get; init; }

    /// <summary>How times are written; default ISO 8601.</summary>
    public TimeUnit TimeUnit { get; init; } = TimeUnit.Iso8601;

    /// <summary>How texts of times are written where that is not ISO 8601: a custom format of .NET such as <c>d/M/yyyy H:mm:ss.FFFFFFF</c>,
    /// invariant, UTC where it has no zone; null, the default: ISO 8601, or <see cref="TimeUnit"/>.</summary>
    public string? TimeFormat { get; init; }

    /// <summary>The texts of classes: a value is the place of its text.</summary>
    public ImmutableArray<string> Classes { get; init; } = [];

    /// <summary>Gives a text that is none of <see cref="Classes"/> its place, which then holds, or -1: the row is refused. Readers of text
    /// call it in the order of the rows. Null, the default: all such rows are refused.</summary>
    public Func<string, int>? PlaceOf { get; init; }

    /// <summary>Makes a sensor channel: float32.</summary>
    /// <param name="name">The name.</param>
    /// <param name="unit">The unit; null: a number without a unit.</param>
    /// <param name="nullable">True if values may be missing.</param>
    public static FileColumn Channel(string name, Unit? unit = null, bool nullable = false) =>
        Number(name, ColumnType.Float32, unit, nullable);

    /// <summary>Makes a column of numbers.</summary>
    /// <param name="name">The name.</param>
    /// <param name="type">The type.</param>
    /// <param name="unit">The unit; null: a number without a unit.</param>
    /// <param name="nullable">True if values may be missing.</param>
    public static FileColumn Number(string name, ColumnType type, Unit? unit = null, bool nullable = false) =>
        new(new Field(name, type, unit ?? Unit.One, nullable));

    /// <summary>Makes a column of true and false: int32, 1 and 0.</summary>
    /// <param name="name">The name.</param>
    /// <param name="nullable">True if values may be missing.</param>
    public static FileColumn Flag(string name, bool nullable = false) =>
        new(new Field(name, ColumnType.Int32, Unit.One, nullable)) { Value = FileValue.Flag };

    /// <summary>Makes a column of texts: int32, the place of the text.</summary>
    /// <param name="name">The name.</param>
    /// <param name="classes">The texts.</param>
    public static FileColumn Class(string name, params ImmutableArray<string> classes) =>
        new(new Field(name, ColumnType.Int32, Unit.One)) { Value = FileValue.Class, Classes = classes };

    /// <summary>Makes the class label, <c>label</c>, of texts; a row without one is unlabelled.</summary>
    /// <param name="source">The name in the file.</param>
    /// <param name="classes">The texts.</param>
    public static FileColumn Label(string source, params ImmutableArray<string> classes) =>
        new(Field.Label()) { Source = source, Value = FileValue.Class, Classes = classes };

    /// <summary>Makes the value to learn, <c>target</c>, float64; a row without one is not learned from.</summary>
    /// <param name="source">The name in the file.</param>
    /// <param name="unit">The unit; null: a number without a unit.</param>
    public static FileColumn Target(string source, Unit? unit = null) => new(Field.Target(unit ?? Unit.One)) { Source = source };

    /// <summary>Makes the event time, <c>time</c>.</summary>
    /// <param name="source">The name in the file.</param>
    /// <param name="unit">How times are written.</param>
    public static FileColumn Time(string source, TimeUnit unit = TimeUnit.Iso8601) =>
        new(Field.Time()) { Source = source, Value = FileValue.Time, TimeUnit = unit };

    /// <summary>True for a custom format of .NET by which texts of times can be read, such as <c>d/M/yyyy H:mm:ss</c>.</summary>
    /// <param name="format">The format.</param>
    public static bool IsTimeFormat(string format)
    {
        ArgumentNullException.ThrowIfNull(format);
        return TimeFormats.IsFormat(format);
    }

    internal FileColumn Checked()
    {
        ArgumentException.ThrowIfNullOrEmpty(Source);
        var type = Value switch
        {
            FileValue.Flag or FileValue.Class => ColumnType.Int32,
            FileValue.Time => ColumnType.Int64,
            _ => Field.Type,
        };
        if (TimeFormat is { } form && (Value != FileValue.Time || TimeUnit != TimeUnit.Iso8601 || !TimeFormats.IsFormat(form)))
        {
            throw new ArgumentException($"column '{Field.Name}': expected a custom format of .NET for texts of times, got '{form}'");
        }

        if (Field.Type != type) { throw new ArgumentException($"column '{Field.Name}': expected {type} for a {Value}, got {Field.Type}"); }
        if (Value != FileValue.Class) { return this; }
        if (Classes.IsDefaultOrEmpty && PlaceOf is null)
        {
            throw new ArgumentException($"column '{Field.Name}': expected texts of classes, got none");
        }

        if (Classes.Distinct(StringComparer.Ordinal).Count() == Classes.Length) { return this; }
        throw new ArgumentException($"column '{Field.Name}': expected distinct texts of classes, got {string.Join(", ", Classes)}");
    }

    /// <inheritdoc />
    public override string ToString() => $"{Field}{(Source == Field.Name ? "" : $" from '{Source}'")}" + Value switch
    {
        FileValue.Flag => ", flag",
        FileValue.Class => $", classes {string.Join("|", Classes)}",
        FileValue.Time => $", {TimeFormat ?? TimeUnit.ToString()}",
        _ => "",
    };
}
