namespace StreamLearn;

/// <summary>Describes one column: name, type, unit and nullability.</summary>
/// <param name="Name">The name, 1 to 64 characters.</param>
/// <param name="Type">The values' type.</param>
/// <param name="Unit">The values' unit.</param>
/// <param name="Nullable">True if values may be missing; the column then has a validity bitmap.</param>
public sealed record Field(string Name, ColumnType Type, Unit Unit, bool Nullable = false)
{
    /// <summary>How far the column's values may be sent; default <see cref="PrivacyLabel.Public"/>. It affects equality but not schema
    /// hashes, because a label does not change which models fit.</summary>
    public PrivacyLabel Privacy { get; init; }

    /// <summary>Makes a sensor channel: float32, not nullable.</summary>
    public static Field Channel(string name, Unit unit) => new(name, ColumnType.Float32, unit);

    /// <summary>Makes the event-time column <c>time</c>, int64 nanoseconds UTC.</summary>
    public static Field Time() => new(Schema.TimeColumn, ColumnType.Int64, Unit.Nanosecond);

    /// <summary>Makes the class label: <c>label</c>, int32 from 0, missing in unlabeled rows.</summary>
    public static Field Label() => new(Schema.LabelColumn, ColumnType.Int32, Unit.One, Nullable: true);

    /// <summary>Makes the regression target: <c>target</c>, float64, missing where unknown.</summary>
    public static Field Target(Unit unit) => new(Schema.TargetColumn, ColumnType.Float64, unit, Nullable: true);

    /// <summary>Bytes per value.</summary>
    public int Width => Type is ColumnType.Float32 or ColumnType.Int32 ? 4 : 8;

    /// <inheritdoc />
    public override string ToString() => $"{Name} {Type.ToString().ToLowerInvariant()}{(Nullable ? "?" : "")} [{Unit}]";
}
