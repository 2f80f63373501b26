using System.Collections.Immutable;

namespace StreamLearn.Formats;

/// <summary>Maps a column to its path in a JSON payload.</summary>
/// <remarks> A path starts at the payload, <c>$</c>, followed by keys, <c>.accel.x</c> or <c>['a key']</c>, array indices, <c>[3]</c>, and
/// all items, <c>[*]</c>. Items are rows. A path with fewer stars gives one value to all rows below the same item. </remarks>
public sealed record JsonColumn(Field Field, string Path)
{
    /// <summary>The class names: a value becomes the index of its name, int32; numbers and booleans match as written. Empty (default):
    /// values are numbers.</summary>
    public ImmutableArray<string> Classes { get; init; } = [];

    /// <summary>Creates the class label, <c>label</c>; rows without a value are unlabeled.</summary>
    public static JsonColumn Label(string path, params ImmutableArray<string> classes) => new(Field.Label(), path) { Classes = classes };

    /// <summary>Creates the value to learn, <c>target</c>, float64; rows without a value are not learned.</summary>
    /// <param name="path">The path.</param>
    /// <param name="unit">The unit; null: none.</param>
    public static JsonColumn Target(string path, Unit? unit = null) => new(Field.Target(unit ?? Unit.One), path);

    /// <summary>Creates a sensor channel: float32, never missing.</summary>
    /// <param name="name">The column's name.</param>
    /// <param name="path">The path.</param>
    /// <param name="unit">The unit; default: none.</param>
    public static JsonColumn Channel(string name, string path, Unit? unit = null) => new(Field.Channel(name, unit ?? Unit.One), path);
}

/// <summary>Maps event time to its path in a JSON payload.</summary>
/// <param name="Path">The path, as in <see cref="JsonColumn"/>.</param>
/// <param name="Unit">The format; default: <see cref="TimeUnit.Iso8601"/>.</param>
/// <param name="SamplesPerSecond">For a path without a star: rows per second, counted from the payload's time; default 0: all rows have
/// that time.</param>
public sealed record JsonTime(string Path, TimeUnit Unit = TimeUnit.Iso8601, double SamplesPerSecond = 0);

/// <summary>The path map of a <see cref="JsonFormat"/>.</summary>
public sealed record JsonFormatOptions
{
    /// <summary>The default maximum number of rows per payload: 65,536.</summary>
    public const int DefaultMaxRows = 1 << 16;

    /// <summary>The columns in batch order; at least one unless there is a time.</summary>
    public required IReadOnlyList<JsonColumn> Columns { get; init; }

    /// <summary>The event time, the first column <c>time</c>; null: none.</summary>
    public JsonTime? Time { get; init; }

    /// <summary>Maximum number of rows in a payload, at least 1; default <see cref="DefaultMaxRows"/>.</summary>
    public int MaxRows { get; init; } = DefaultMaxRows;

    /// <summary>True: numbers out of range and the strings <c>"NaN"</c>, <c>"Infinity"</c>, <c>"-Infinity"</c> count as missing where the
    /// column allows it. Default false: the payload is refused.</summary>
    public bool NonFiniteIsMissing { get; init; }

    internal string NonFinite => NonFiniteIsMissing ? "Missing" : "Refuse";

    /// <summary>True: numeric strings such as <c>"0.5"</c> are accepted for numbers and for times with a unit; default false: the payload
    /// is refused.</summary>
    public bool NumbersInTexts { get; init; }
}
