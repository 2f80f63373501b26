namespace StreamLearn.Arrow;

/// <summary>The columns of batches as those of Arrow.</summary>
internal static class BatchFields
{
    /// <summary>The key of a column's unit.</summary>
    internal const string UnitKey = "unit";

    /// <summary>The key of a column's unit where the other is not there.</summary>
    private const string OtherUnitKey = "units";

    internal static ArrowSchema Of(Schema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return new([.. schema.Fields.Select(Of)]);
    }

    internal static Unit? UnitOf(ArrowField field) =>
        (field.Find(UnitKey) ?? field.Find(OtherUnitKey)) is { Length: > 0 } unit ? new(unit) : null;

    private static ArrowField Of(Field field)
    {
        if (field.Name == Schema.TimeColumn && field.Type == ColumnType.Int64 && field.Unit == Unit.Nanosecond)
        {
            return new(field.Name, ArrowType.EventTime, field.Nullable);
        }

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
