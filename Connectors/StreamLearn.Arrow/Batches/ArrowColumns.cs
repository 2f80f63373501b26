namespace StreamLearn.Arrow;

/// <summary>Converts the columns of a pipeline to those of Arrow, and back.</summary>
/// <remarks>
/// Of a pipeline: float32, float64, int32 and int64 stay what they are; the event time becomes <c>timestamp[ns, UTC]</c>; a unit other than
/// 1 is the metadata <c>unit</c> of its column. From Arrow: narrower numbers become float32 or int32, uint32 and wider integers int64,
/// bool int32, a timestamp int64 in nanoseconds, other times int64 with their unit, texts in a dictionary int32, the index. The unit is
/// the metadata <c>unit</c>, or else <c>units</c>. All else is refused by name.
/// </remarks>
public static class ArrowColumns
{
    /// <summary>The key of a column's unit.</summary>
    public const string UnitKey = "unit";

    /// <summary>The key of a column's unit where the other is not there.</summary>
    private const string OtherUnitKey = "units";

    /// <summary>Converts the columns of a pipeline to those of Arrow.</summary>
    /// <param name="schema">The columns.</param>
    public static ArrowSchema Of(Schema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return new([.. schema.Fields.Select(Of)]);
    }

    /// <summary>Converts the columns of Arrow to those of a pipeline.</summary>
    /// <param name="schema">The columns.</param>
    /// <param name="options">Which, and how; null: all.</param>
    /// <exception cref="SchemaException">A batch cannot hold a column.</exception>
    public static Schema From(ArrowSchema schema, ArrowBatchOptions? options = null) => new BatchPlan(schema, options ?? new()).Schema;

    internal static bool IsEventTime(Field field) =>
        field.Name == Schema.TimeColumn && field.Type == ColumnType.Int64 && field.Unit == Unit.Nanosecond;

    internal static Unit? UnitOf(ArrowField field) =>
        (field.Find(UnitKey) ?? field.Find(OtherUnitKey)) is { Length: > 0 } unit ? new(unit) : null;

    private static ArrowField Of(Field field)
    {
        if (IsEventTime(field)) { return new(field.Name, ArrowType.EventTime, field.Nullable); }
        var kind = field.Type switch
        {
            ColumnType.Float32 => ArrowKind.Float32,
            ColumnType.Float64 => ArrowKind.Float64,
            ColumnType.Int32 => ArrowKind.Int32,
            _ => ArrowKind.Int64,
        };
        return new(field.Name, new(kind), field.Nullable)
        {
            Metadata = field.Unit == Unit.One ? [] : [new(UnitKey, field.Unit.Symbol)],
        };
    }
}
