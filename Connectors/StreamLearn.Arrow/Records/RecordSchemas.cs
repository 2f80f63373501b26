using System.Runtime.CompilerServices;
using Apache.Arrow.Types;

namespace StreamLearn.Arrow;

internal static class RecordSchemas
{
    private const int MaxDepth = 256;      // the upper limit of ArrowLimits.MaxDepth

    private static readonly ConditionalWeakTable<Schema, Apache.Arrow.Schema> OfBatches = [];

    /// <summary>Returns the same object for the same schema.</summary>
    internal static Apache.Arrow.Schema Of(Schema schema) => OfBatches.GetValue(schema, static s => Of(BatchFields.Of(s)));

    /// <summary>Returns the supported columns. If a key is repeated, the first counts.</summary>
    internal static Apache.Arrow.Schema Of(ArrowSchema schema) =>
        new(schema.Fields.Where(static f => f.IsRead).Select(Of), Distinct(schema.Metadata));

    internal static ArrowSchema From(Apache.Arrow.Schema schema)
    {
        var dictionaries = 0L;
        return new([.. schema.FieldsList.Select(f => From(f, ref dictionaries))]) { Metadata = Pairs(schema.Metadata) };
    }

    internal static ArrowField From(Apache.Arrow.Field field, ref long dictionaries, int depth = 1)
    {
        if (depth > MaxDepth) { throw new ArrowFormatException($"expected at most {MaxDepth} columns within columns, got more"); }
        var encoded = field.DataType as DictionaryType;
        var type = encoded?.ValueType ?? field.DataType;
        var children = ImmutableArray.CreateBuilder<ArrowField>();
        foreach (var child in (type as NestedType)?.Fields ?? []) { children.Add(From(child, ref dictionaries, depth + 1)); }
        return new(field.Name, From(type), field.IsNullable)
        {
            Children = children.ToImmutable(),
            Dictionary = encoded is null ? null : new(dictionaries++, From(encoded.IndexType).Kind, encoded.Ordered),
            Metadata = Pairs(field.Metadata),
        };
    }

    private static Apache.Arrow.Field Of(ArrowField field) =>
        new(field.Name, field.Dictionary is { } dictionary
            ? new DictionaryType(Of(new ArrowType(dictionary.Places), []), Of(field.Type, field.Children), dictionary.Ordered)
            : Of(field.Type, field.Children), field.Nullable, Distinct(field.Metadata));

    private static IArrowType Of(ArrowType type, ImmutableArray<ArrowField> children) => type.Kind switch
    {
        ArrowKind.Null => NullType.Default,
        ArrowKind.Bool => BooleanType.Default,
        ArrowKind.Int8 => Int8Type.Default,
        ArrowKind.Int16 => Int16Type.Default,
        ArrowKind.Int32 => Int32Type.Default,
        ArrowKind.Int64 => Int64Type.Default,
        ArrowKind.UInt8 => UInt8Type.Default,
        ArrowKind.UInt16 => UInt16Type.Default,
        ArrowKind.UInt32 => UInt32Type.Default,
        ArrowKind.UInt64 => UInt64Type.Default,
        ArrowKind.Float16 => HalfFloatType.Default,
        ArrowKind.Float32 => FloatType.Default,
        ArrowKind.Float64 => DoubleType.Default,
        ArrowKind.Utf8 => StringType.Default,
        ArrowKind.LargeUtf8 => LargeStringType.Default,
        ArrowKind.Binary => BinaryType.Default,
        ArrowKind.LargeBinary => LargeBinaryType.Default,
        ArrowKind.FixedSizeBinary => new FixedSizeBinaryType(type.Width),
        ArrowKind.Date32 => Date32Type.Default,
        ArrowKind.Date64 => Date64Type.Default,
        ArrowKind.Time32 => new Time32Type(type.Unit),
        ArrowKind.Time64 => new Time64Type(type.Unit),
        ArrowKind.Timestamp => new TimestampType(type.Unit, type.Zone),
        ArrowKind.Duration => DurationType.FromTimeUnit(type.Unit),
        ArrowKind.List => new ListType(Of(children[0])),
        ArrowKind.LargeList => new LargeListType(Of(children[0])),
        ArrowKind.FixedSizeList => new FixedSizeListType(Of(children[0]), type.Width),
        _ => new StructType([.. children.Select(Of)]),
    };

    private static ArrowType From(IArrowType type) => type switch
    {
        FixedSizeBinaryType binary when type.TypeId == ArrowTypeId.FixedSizedBinary =>
            new(ArrowKind.FixedSizeBinary, Width: binary.ByteWidth),
        FixedSizeListType list => new(ArrowKind.FixedSizeList, Width: list.ListSize),
        TimestampType timestamp => new(ArrowKind.Timestamp, timestamp.Unit, timestamp.Timezone),
        Time32Type time => new(ArrowKind.Time32, time.Unit),
        Time64Type time => new(ArrowKind.Time64, time.Unit),
        DurationType duration => new(ArrowKind.Duration, duration.Unit),
        _ => type.TypeId switch
        {
            ArrowTypeId.Null => new(ArrowKind.Null),
            ArrowTypeId.Boolean => new(ArrowKind.Bool),
            ArrowTypeId.Int8 => new(ArrowKind.Int8),
            ArrowTypeId.Int16 => new(ArrowKind.Int16),
            ArrowTypeId.Int32 => new(ArrowKind.Int32),
            ArrowTypeId.Int64 => new(ArrowKind.Int64),
            ArrowTypeId.UInt8 => new(ArrowKind.UInt8),
            ArrowTypeId.UInt16 => new(ArrowKind.UInt16),
            ArrowTypeId.UInt32 => new(ArrowKind.UInt32),
            ArrowTypeId.UInt64 => new(ArrowKind.UInt64),
            ArrowTypeId.HalfFloat => new(ArrowKind.Float16),
            ArrowTypeId.Float => new(ArrowKind.Float32),
            ArrowTypeId.Double => new(ArrowKind.Float64),
            ArrowTypeId.String => new(ArrowKind.Utf8),
            ArrowTypeId.LargeString => new(ArrowKind.LargeUtf8),
            ArrowTypeId.Binary => new(ArrowKind.Binary),
            ArrowTypeId.LargeBinary => new(ArrowKind.LargeBinary),
            ArrowTypeId.Date32 => new(ArrowKind.Date32),
            ArrowTypeId.Date64 => new(ArrowKind.Date64),
            ArrowTypeId.List => new(ArrowKind.List),
            ArrowTypeId.LargeList => new(ArrowKind.LargeList),
            ArrowTypeId.Struct => new(ArrowKind.Struct),
            _ => new(ArrowKind.Unread, Name: type.Name),
        },
    };

    private static IEnumerable<KeyValuePair<string, string>>? Distinct(ImmutableArray<KeyValuePair<string, string>> pairs) =>
        pairs.IsEmpty ? null : pairs.DistinctBy(static p => p.Key);

    private static ImmutableArray<KeyValuePair<string, string>> Pairs(IReadOnlyDictionary<string, string>? pairs) =>
        pairs is null ? [] : [.. pairs];
}
