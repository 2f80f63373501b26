namespace StreamLearn;

/// <summary>Describes one column: its name, type and unit, and whether values may be missing.</summary>
/// <param name="Name">The column's name, 1 to 64 characters.</param>
/// <param name="Type">The type of its values.</param>
/// <param name="Unit">The unit of its values.</param>
/// <param name="Nullable">True if values may be missing; the column then has a validity bitmap.</param>
public sealed record Field(string Name, ColumnType Type, Unit Unit, bool Nullable = false)
{
    /// <summary>How far its values may go; default <see cref="PrivacyLabel.Public"/>. It is part of equality and of no hash: a model takes
    /// the same columns whatever their labels.</summary>
    public PrivacyLabel Privacy { get; init; }

    /// <summary>Makes a sensor channel: float32, never missing.</summary>
    /// <param name="name">The column's name.</param>
    /// <param name="unit">The unit of its values.</param>
    public static Field Channel(string name, Unit unit) => new(name, ColumnType.Float32, unit);

    /// <summary>Makes the event-time column: <c>time</c>, int64 nanoseconds UTC.</summary>
    public static Field Time() => new(Schema.TimeColumn, ColumnType.Int64, Unit.Nanosecond);

    /// <summary>Makes the class label: <c>label</c>, int32 from 0, missing where a row is unlabelled.</summary>
    public static Field Label() => new(Schema.LabelColumn, ColumnType.Int32, Unit.One, Nullable: true);

    /// <summary>Makes what a regression learns: <c>target</c>, float64, missing where it is not known.</summary>
    /// <param name="unit">The unit of its values.</param>
    public static Field Target(Unit unit) => new(Schema.TargetColumn, ColumnType.Float64, unit, Nullable: true);

    /// <summary>Bytes of one value.</summary>
    public int Width => Type is ColumnType.Float32 or ColumnType.Int32 ? 4 : 8;

    /// <inheritdoc />
    public override string ToString() => $"{Name} {Type.ToString().ToLowerInvariant()}{(Nullable ? "?" : "")} [{Unit}]";
}
