using System.Collections.Immutable;

namespace StreamLearn.Formats;

/// <summary>Says where a column's values stand in a JSON payload.</summary>
/// <remarks>
/// A path begins at the payload, <c>$</c>, and goes on by keys, <c>.accel.x</c> or <c>['a key']</c>, by places in an array, <c>[3]</c>, and
/// over all items of an array, <c>[*]</c>. Items are rows. A path with fewer stars than others gives one value for all rows that
/// the others find below the same item.
/// </remarks>
/// <param name="Field">The column.</param>
/// <param name="Path">The path.</param>
public sealed record JsonColumn(Field Field, string Path)
{
    /// <summary>The texts of classes: a value is the place of its text, an int32; numbers, true and false are texts as they
    /// are written. Empty, the default: values are numbers.</summary>
    public ImmutableArray<string> Classes { get; init; } = [];

    /// <summary>Makes the class label, <c>label</c>, of texts; a row without one is unlabelled.</summary>
    /// <param name="path">The path.</param>
    /// <param name="classes">The texts.</param>
    public static JsonColumn Label(string path, params ImmutableArray<string> classes) => new(Field.Label(), path) { Classes = classes };

    /// <summary>Makes the value to learn, <c>target</c>, float64; a row without one is not learned from.</summary>
    /// <param name="path">The path.</param>
    /// <param name="unit">The unit; null: a number without a unit.</param>
    public static JsonColumn Target(string path, Unit? unit = null) => new(Field.Target(unit ?? Unit.One), path);

    /// <summary>Makes a sensor channel: float32, never missing.</summary>
    /// <param name="name">The column's name.</param>
    /// <param name="path">The path.</param>
    /// <param name="unit">The unit of its values; default: a number without a unit.</param>
    public static JsonColumn Channel(string name, string path, Unit? unit = null) => new(Field.Channel(name, unit ?? Unit.One), path);
}

/// <summary>Says where event time stands in a JSON payload.</summary>
/// <param name="Path">The path of the time, as in <see cref="JsonColumn"/>.</param>
/// <param name="Unit">How it is written; default: <see cref="TimeUnit.Iso8601"/>.</param>
/// <param name="SamplesPerSecond">For a path without a star: rows a second, counted from the payload's time; default 0: all rows have the
/// payload's time.</param>
public sealed record JsonTime(string Path, TimeUnit Unit = TimeUnit.Iso8601, double SamplesPerSecond = 0);

/// <summary>The path map of a <see cref="JsonFormat"/>.</summary>
public sealed record JsonFormatOptions
{
    /// <summary>Rows that a payload may have unless said otherwise: 65,536.</summary>
    public const int DefaultMaxRows = 1 << 16;

    /// <summary>The columns, in the order of the batch; at least one unless there is a time.</summary>
    public required IReadOnlyList<JsonColumn> Columns { get; init; }

    /// <summary>Event time, which becomes the first column, <c>time</c>; null: the batch has none.</summary>
    public JsonTime? Time { get; init; }

    /// <summary>Rows that a payload may have. Rows, ≥ 1; default <see cref="DefaultMaxRows"/>.</summary>
    public int MaxRows { get; init; } = DefaultMaxRows;

    /// <summary>What becomes of numbers that are not finite; default: the payload is refused.</summary>
    public NonFinite NonFinite { get; init; }

    /// <summary>True: a text is read as the number that it holds, such as <c>"0.5"</c>, in columns of numbers and times in a unit; default
    /// false: the payload is refused.</summary>
    public bool NumbersInTexts { get; init; }
}
