namespace StreamLearn.Arrow;

internal static class BatchFields
{
    internal const string UnitKey = "unit";

    private const string OtherUnitKey = "units";

    /// <summary>Key for the privacy label of a column; absent: public.</summary>
    private const string PrivacyKey = "privacy";

    internal static ArrowSchema Of(Schema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return new([.. schema.Fields.Select(Of)]);
    }

    internal static Unit? UnitOf(ArrowField field) =>
        (field.Find(UnitKey) ?? field.Find(OtherUnitKey)) is { Length: > 0 } unit ? new(unit) : null;

    /// <summary>Unknown labels count as the most private.</summary>
    internal static PrivacyLabel PrivacyOf(ArrowField field) =>
        field.Find(PrivacyKey) is not { } name ? PrivacyLabel.Public
        : name == nameof(PrivacyLabel.EdgeOnly) ? PrivacyLabel.EdgeOnly : PrivacyLabel.DeviceOnly;

    private static ArrowField Of(Field field)
    {
        ImmutableArray<KeyValuePair<string, string>> label = field.Privacy == PrivacyLabel.Public ? []
            : [new(PrivacyKey, field.Privacy.ToString())];
        if (field.Name == Schema.TimeColumn && field.Type == ColumnType.Int64 && field.Unit == Unit.Nanosecond)
        {
            return new(field.Name, ArrowType.EventTime, field.Nullable) { Metadata = label };
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
            Metadata = field.Unit == Unit.One ? label : [new(UnitKey, field.Unit.Symbol), .. label],
        };
    }
}
