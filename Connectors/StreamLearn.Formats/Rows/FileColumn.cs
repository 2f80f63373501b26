using System.Globalization;
using System.Collections.Immutable;

namespace StreamLearn.Formats;

/// <summary>The format of the values of a column in a file.</summary>
public enum FileValue
{
    /// <summary>Numbers; in integer columns, whole numbers.</summary>
    Number,

    /// <summary>true and false, or 1 and 0; stored as 1 and 0.</summary>
    Flag,

    /// <summary>Strings, stored as their index in <see cref="FileColumn.Classes"/>.</summary>
    Class,

    /// <summary>Times in <see cref="FileColumn.TimeUnit"/>, stored as nanoseconds since 1970.</summary>
    Time,
}

/// <summary>A column in a file, and its column in batches.</summary>
/// <param name="Field">Name, type and unit in batches.</param>
public sealed record FileColumn(Field Field)
{
    /// <summary>The name in the file; default: the name of the field.</summary>
    public string Source { get; init; } = Field.Name;

    /// <summary>True: the unit in the header is ignored. Default false: a unit other than that of the field is refused.</summary>
    public bool AnyUnit { get; init; }

    /// <summary>The value format; default numbers.</summary>
    public FileValue Value { get; init; }

    /// <summary>The time format; default ISO 8601.</summary>
    public TimeUnit TimeUnit { get; init; } = TimeUnit.Iso8601;

    /// <summary>A .NET custom format for times as strings, such as <c>d/M/yyyy H:mm:ss.FFFFFFF</c>, with the invariant culture, and UTC if
    /// there is no zone; null (default): ISO 8601, or <see cref="TimeUnit"/>.</summary>
    public string? TimeFormat { get; init; }

    /// <summary>The class names; values are their index. A text that is no name is that of the only name with the same
    /// <see cref="PlainText"/>.</summary>
    public ImmutableArray<string> Classes { get; init; } = [];

    /// <summary>Returns a fixed index for a string that is not in <see cref="Classes"/>; −1 refuses the row. Text readers call it in row
    /// order. Null (default): all such rows are refused.</summary>
    public Func<string, int>? PlaceOf { get; init; }

    /// <summary>Creates a sensor channel: float32.</summary>
    /// <param name="name">The name.</param>
    /// <param name="unit">The unit; null: none.</param>
    /// <param name="nullable">True if values may be missing.</param>
    public static FileColumn Channel(string name, Unit? unit = null, bool nullable = false) =>
        Number(name, ColumnType.Float32, unit, nullable);

    /// <summary>Creates a number column.</summary>
    /// <param name="name">The name.</param>
    /// <param name="type">The type.</param>
    /// <param name="unit">The unit; null: none.</param>
    /// <param name="nullable">True if values may be missing.</param>
    public static FileColumn Number(string name, ColumnType type, Unit? unit = null, bool nullable = false) =>
        new(new Field(name, type, unit ?? Unit.One, nullable));

    /// <summary>Creates a Boolean column: int32, with 1 and 0.</summary>
    /// <param name="name">The name.</param>
    /// <param name="nullable">True if values may be missing.</param>
    public static FileColumn Flag(string name, bool nullable = false) =>
        new(new Field(name, ColumnType.Int32, Unit.One, nullable)) { Value = FileValue.Flag };

    /// <summary>Creates a string column: int32, with the index of the string.</summary>
    public static FileColumn Class(string name, params ImmutableArray<string> classes) =>
        new(new Field(name, ColumnType.Int32, Unit.One)) { Value = FileValue.Class, Classes = classes };

    /// <summary>Creates the class label, <c>label</c>; rows without a value are unlabeled.</summary>
    /// <param name="source">The name in the file.</param>
    /// <param name="classes">The class names.</param>
    public static FileColumn Label(string source, params ImmutableArray<string> classes) =>
        new(Field.Label()) { Source = source, Value = FileValue.Class, Classes = classes };

    /// <summary>Creates the value to learn, <c>target</c>, float64; rows without a value are not learned.</summary>
    /// <param name="source">The name in the file.</param>
    /// <param name="unit">The unit; null: none.</param>
    public static FileColumn Target(string source, Unit? unit = null) => new(Field.Target(unit ?? Unit.One)) { Source = source };

    /// <summary>Creates the event time, <c>time</c>.</summary>
    /// <param name="source">The name in the file.</param>
    /// <param name="unit">The time format.</param>
    public static FileColumn Time(string source, TimeUnit unit = TimeUnit.Iso8601) =>
        new(Field.Time()) { Source = source, Value = FileValue.Time, TimeUnit = unit };

    /// <summary>Returns true for a .NET custom format that can parse times, such as <c>d/M/yyyy H:mm:ss</c>.</summary>
    public static bool IsTimeFormat(string format)
    {
        ArgumentNullException.ThrowIfNull(format);
        return TimeFormats.IsFormat(format);
    }

    /// <summary>Returns a text as a class is compared: without spaces or byte order marks around it, a whole number without <c>.0</c>,
    /// <c>,0</c> or an exponent, and true and false in lower case.</summary>
    public static string PlainText(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var plain = text.Trim().Trim('\uFEFF').Trim();
        if (bool.TryParse(plain, out var flag)) { return flag ? "true" : "false"; }
        var (point, sign) = (plain.AsSpan().IndexOfAny('.', ','), plain.StartsWith('-') ? 1 : 0);
        if (point <= sign || point == plain.Length - 1 || plain.AsSpan(sign, point - sign).ContainsAnyExceptInRange('0', '9'))
        {
            return plain;
        }

        var zeros = plain.AsSpan(point + 1);
        if (!zeros.ContainsAnyExcept('0')) { return plain[point] == ',' && zeros.Length > 2 ? plain : plain[..point]; }     // 1,000
        return zeros.ContainsAny('e', 'E') && double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && number == Math.Floor(number) && Math.Abs(number) < int.MaxValue ? number.ToString("0", CultureInfo.InvariantCulture) : plain;
    }

    /// <summary>Returns the library's symbol: without carets or superscripts, and <c>Cel</c> for °C.</summary>
    internal static string UnitSymbol(string unit) => unit switch
    {
        "°C" => "Cel",
        _ => unit.Replace("^", "", StringComparison.Ordinal).Replace("²", "2", StringComparison.Ordinal)
            .Replace("³", "3", StringComparison.Ordinal),
    };

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
            throw new ArgumentException($"column '{Field.Name}': expected a custom .NET date and time format, got '{form}'");
        }

        if (Field.Type != type) { throw new ArgumentException($"column '{Field.Name}': expected {type} for a {Value}, got {Field.Type}"); }
        if (Value != FileValue.Class) { return this; }
        if (Classes.IsDefaultOrEmpty && PlaceOf is null)
        {
            throw new ArgumentException($"column '{Field.Name}': expected class names, got none");
        }

        if (Classes.Distinct(StringComparer.Ordinal).Count() == Classes.Length) { return this; }
        throw new ArgumentException($"column '{Field.Name}': expected distinct class names, got {string.Join(", ", Classes)}");
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
