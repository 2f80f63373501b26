using Apache.Arrow.Types;

namespace StreamLearn.Arrow;

internal enum ColumnWay
{
    Same,

    /// <summary>A timestamp is multiplied by a power of ten.</summary>
    Scaled,

    Integers,

    Numbers,
}

internal sealed class BatchPlan
{
    internal BatchPlan(ArrowSchema schema, ArrowBatchOptions options)
    {
        ArgumentNullException.ThrowIfNull(schema);
        (Arrow, Options) = (schema, options);
        var time = TimeOf(schema, options);
        var columns = ImmutableArray.CreateBuilder<BatchColumn>();
        var (fields, leftOut) = (new List<Field>(), new List<string>());
        foreach (var index in Chosen(schema, options))
        {
            var field = schema.Fields[index];
            if (Other(field, index, time) || ColumnOf(field, index == time, options) is not { } column)
            {
                if (!options.Columns.IsDefaultOrEmpty)
                {
                    throw new SchemaException($"column '{field.Name}': a batch cannot hold {field.TypeText}: remove it from Columns");
                }

                if (options.LeavesOut)
                {
                    leftOut.Add(field.NameAndType);
                    continue;
                }

                const string Remedy = "set LeavesOut, or list the other columns in Columns";
                throw new SchemaException($"column '{field.Name}': a batch cannot hold {field.TypeText}: {Remedy}");
            }

            columns.Add(column.Column with { Index = index });
            fields.Add(column.Field);
        }

        (Columns, LeftOut) = (columns.ToImmutable(), [.. leftOut]);
        if (fields.Count == 0) { throw new SchemaException($"expected a column that a batch can hold, got {string.Join(", ", leftOut)}"); }
        try { Schema = new(fields); }
        catch (ArgumentException e) { throw new SchemaException($"{e.Message}: list the columns to read in Columns"); }
    }

    internal ArrowSchema Arrow { get; }

    internal ArrowBatchOptions Options { get; }

    internal Schema Schema { get; }

    /// <summary>Name and type of columns that a batch cannot hold.</summary>
    internal ImmutableArray<string> LeftOut { get; }

    internal ImmutableArray<BatchColumn> Columns { get; }

    private static IEnumerable<int> Chosen(ArrowSchema schema, ArrowBatchOptions options) => options.Columns.IsDefaultOrEmpty
        ? Enumerable.Range(0, schema.Fields.Length)
        : options.Columns.Select(name => schema.IndexOf(name) is >= 0 and var index
            ? index : throw new SchemaException($"expected a column '{name}', got {schema}"));

    private static int TimeOf(ArrowSchema schema, ArrowBatchOptions options)
    {
        if (options.Time is { } named)
        {
            var index = schema.IndexOf(named);
            return index >= 0 && schema.Fields[index] is { Type.Kind: ArrowKind.Timestamp, Dictionary: null } ? index
                : throw new SchemaException($"expected a timestamp '{named}', got {schema}");
        }

        if (schema.IndexOf(Schema.TimeColumn) is >= 0 and var time && schema.Fields[time].Stored == ArrowKind.Timestamp) { return time; }
        var times = Enumerable.Range(0, schema.Fields.Length).Where(i => schema.Fields[i].Stored == ArrowKind.Timestamp).ToList();
        return times.Count == 1 ? times[0] : -1;
    }

    /// <summary>Returns true for a column with the name of the event time if another column is used.</summary>
    private static bool Other(ArrowField field, int index, int time) => time >= 0 && index != time && field.Name == Schema.TimeColumn;

    private static (Field Field, BatchColumn Column)? ColumnOf(ArrowField field, bool isTime, ArrowBatchOptions options)
    {
        var (name, unit) = (isTime && field.Stored == ArrowKind.Timestamp ? Schema.TimeColumn : field.Name, BatchFields.UnitOf(field));
        var privacy = BatchFields.PrivacyOf(field);
        (Field, BatchColumn) As(ColumnType type, ColumnWay way, Unit? instead = null, long scale = 1) =>
            (new(name, type, instead ?? unit ?? Unit.One, field.Nullable) { Privacy = privacy }, new(0, way, type, scale));
        if (field.Dictionary is not null)
        {
            return field.Type.Kind is ArrowKind.Utf8 or ArrowKind.LargeUtf8 ? As(ColumnType.Int32, ColumnWay.Integers) : null;
        }

        var isLabel = name == Schema.LabelColumn;
        return field.Type.Kind switch
        {
            ArrowKind.Float32 => As(ColumnType.Float32, ColumnWay.Same),
            ArrowKind.Float16 => As(ColumnType.Float32, ColumnWay.Numbers),
            ArrowKind.Float64 when options.Narrows && name != Schema.TargetColumn => As(ColumnType.Float32, ColumnWay.Numbers),
            ArrowKind.Float64 => As(ColumnType.Float64, ColumnWay.Same),
            ArrowKind.Int32 => As(ColumnType.Int32, ColumnWay.Same),
            ArrowKind.Date32 => As(ColumnType.Int32, ColumnWay.Same, new("d")),
            ArrowKind.Int8 or ArrowKind.Int16 or ArrowKind.UInt8 or ArrowKind.UInt16 or ArrowKind.Bool =>
                As(ColumnType.Int32, ColumnWay.Integers),
            ArrowKind.Int64 or ArrowKind.UInt32 or ArrowKind.UInt64 when isLabel => As(ColumnType.Int32, ColumnWay.Integers),
            ArrowKind.Int64 => As(ColumnType.Int64, ColumnWay.Same),
            ArrowKind.UInt32 or ArrowKind.UInt64 => As(ColumnType.Int64, ColumnWay.Integers),
            ArrowKind.Timestamp => As(ColumnType.Int64, ScaleOf(field.Type.Unit) == 1 ? ColumnWay.Same : ColumnWay.Scaled, Unit.Nanosecond,
                ScaleOf(field.Type.Unit)),
            ArrowKind.Duration or ArrowKind.Time64 => As(ColumnType.Int64, ColumnWay.Same, new(field.Type.UnitText)),
            ArrowKind.Time32 => As(ColumnType.Int32, ColumnWay.Same, new(field.Type.UnitText)),
            ArrowKind.Date64 => As(ColumnType.Int64, ColumnWay.Same, new("ms")),
            _ => null,
        };
    }

    private static long ScaleOf(TimeUnit unit) => unit switch
    {
        TimeUnit.Second => 1_000_000_000,
        TimeUnit.Millisecond => 1_000_000,
        TimeUnit.Microsecond => 1_000,
        _ => 1,
    };
}

internal readonly record struct BatchColumn(int Index, ColumnWay Way, ColumnType Type, long Scale);
