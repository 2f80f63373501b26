using Apache.Arrow.Types;

namespace StreamLearn.Arrow;

internal ref struct SchemaReading(ArrowLimits limits)
{
    internal const string SparseUnion = "sparse_union";
    internal const string DenseUnion = "dense_union";

    private const int TextCost = 16;

    private int _columns;
    private long _textBytes;

    internal ArrowSchema Read(FlatTable schema)
    {
        if (schema.Int16((int)Ipc.SchemaField.Endianness, 0) != 0)
        {
            throw new ArrowFormatException("expected little-endian data, got big-endian");
        }

        return new(Fields(schema, (int)Ipc.SchemaField.Fields, 1)) { Metadata = Pairs(schema, (int)Ipc.SchemaField.CustomMetadata) };
    }

    internal ImmutableArray<KeyValuePair<string, string>> Pairs(FlatTable table, int field)
    {
        var count = table.Tables(field);
        if (count == 0) { return []; }
        if (TextCost * (long)count > limits.MaxMetadataBytes) { throw TooMuchText(); }
        var pairs = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>(count);
        for (var i = 0; i < count; i++)
        {
            var pair = table.Table(field, i);
            pairs.Add(new(Text(pair, 0), Text(pair, 1)));
        }

        return pairs.MoveToImmutable();
    }

    private ImmutableArray<ArrowField> Fields(FlatTable table, int field, int depth)
    {
        var count = table.Tables(field);
        if (count == 0) { return []; }
        if (depth > limits.MaxDepth) { throw Above("columns within columns", limits.MaxDepth); }
        _columns += Math.Min(count, limits.MaxColumns + 1);
        if (_columns > limits.MaxColumns) { throw Above("columns", limits.MaxColumns); }
        var fields = ImmutableArray.CreateBuilder<ArrowField>(count);
        for (var i = 0; i < count; i++) { fields.Add(Field(table.Table(field, i), depth)); }
        return fields.MoveToImmutable();
    }

    private ArrowField Field(FlatTable field, int depth)
    {
        var name = Text(field, (int)Ipc.ColumnField.Name);
        var type = Type(field, name);
        var children = Fields(field, (int)Ipc.ColumnField.Children, depth + 1);
        CheckChildren(name, type, children.Length);
        return new(name, type, field.Flag((int)Ipc.ColumnField.Nullable))
        {
            Children = children,
            Dictionary = field.TryTable((int)Ipc.ColumnField.Dictionary, out var dictionary) ? Dictionary(dictionary, name) : null,
            Metadata = Pairs(field, (int)Ipc.ColumnField.CustomMetadata),
        };
    }

    private static void CheckChildren(string name, ArrowType type, int count)
    {
        var right = type.Kind switch
        {
            ArrowKind.List or ArrowKind.LargeList or ArrowKind.FixedSizeList => count == 1,
            ArrowKind.Struct or ArrowKind.Unread => true,
            _ => count == 0,
        };
        if (!right) { throw Column(name, $"expected another number of child columns in {type}, got {count}"); }
    }

    private static ArrowDictionary Dictionary(FlatTable dictionary, string name)
    {
        if (dictionary.Int16((int)Ipc.EncodingField.Kind, 0) != 0) { throw Column(name, "expected a dense dictionary, got another kind"); }
        var places = dictionary.TryTable((int)Ipc.EncodingField.IndexType, out var type) ? Integer(type, name) : ArrowKind.Int32;
        return new(dictionary.Int64((int)Ipc.EncodingField.Id, 0), places, dictionary.Flag((int)Ipc.EncodingField.IsOrdered));
    }

    private ArrowType Type(FlatTable field, string name)
    {
        var kind = (Ipc.TypeKind)field.Byte((int)Ipc.ColumnField.TypeType, 0);
        if (!field.TryTable((int)Ipc.ColumnField.Type, out var type)) { throw Column(name, "expected a type, got none"); }
        return kind switch
        {
            Ipc.TypeKind.Null => new(ArrowKind.Null),
            Ipc.TypeKind.Int => new(Integer(type, name)),
            Ipc.TypeKind.FloatingPoint => new(type.Int16(0, 0) switch
            {
                0 => ArrowKind.Float16,
                1 => ArrowKind.Float32,
                2 => ArrowKind.Float64,
                _ => throw Column(name, "expected a floating-point number of 16, 32 or 64 bits, got another width"),
            }),
            Ipc.TypeKind.Binary => new(ArrowKind.Binary),
            Ipc.TypeKind.Utf8 => new(ArrowKind.Utf8),
            Ipc.TypeKind.BinaryView => new(ArrowKind.Binary, IsView: true),
            Ipc.TypeKind.Utf8View => new(ArrowKind.Utf8, IsView: true),
            Ipc.TypeKind.LargeBinary => new(ArrowKind.LargeBinary),
            Ipc.TypeKind.LargeUtf8 => new(ArrowKind.LargeUtf8),
            Ipc.TypeKind.Bool => new(ArrowKind.Bool),
            Ipc.TypeKind.Date => new(type.Int16(0, 1) switch
            {
                0 => ArrowKind.Date32,
                1 => ArrowKind.Date64,
                _ => throw Column(name, "expected a date in days or milliseconds, got another unit"),
            }),
            Ipc.TypeKind.Time => Time(type, name),
            Ipc.TypeKind.Timestamp => new(ArrowKind.Timestamp, Unit(type, 0, name), type.Has(1) ? Text(type, 1) : null),
            Ipc.TypeKind.Duration => new(ArrowKind.Duration, Unit(type, 1, name)),
            Ipc.TypeKind.FixedSizeBinary => new(ArrowKind.FixedSizeBinary, Width: Width(type, name)),
            Ipc.TypeKind.FixedSizeList => new(ArrowKind.FixedSizeList, Width: Width(type, name)),
            Ipc.TypeKind.List => new(ArrowKind.List),
            Ipc.TypeKind.LargeList => new(ArrowKind.LargeList),
            Ipc.TypeKind.Struct => new(ArrowKind.Struct),
            Ipc.TypeKind.Decimal => Unread(2, string.Create(CultureInfo.InvariantCulture,
                $"decimal{type.Int32(2, 128)}({type.Int32(0, 0)}, {type.Int32(1, 0)})")),
            Ipc.TypeKind.Interval => Unread(2, "interval"),
            Ipc.TypeKind.Map => Unread(2, "map"),
            Ipc.TypeKind.Union => type.Int16(0, 0) == 0 ? Unread(1, SparseUnion) : Unread(2, DenseUnion),
            Ipc.TypeKind.RunEndEncoded => Unread(0, "run_end_encoded"),
            Ipc.TypeKind.ListView => Unread(3, "list_view"),
            Ipc.TypeKind.LargeListView => Unread(3, "large_list_view"),
            _ => throw Column(name, string.Create(CultureInfo.InvariantCulture, $"the type number {(int)kind} is not known")),
        };
    }

    private static ArrowKind Integer(FlatTable type, string name) => (type.Int32(0, 0), type.Flag(1)) switch
    {
        (8, true) => ArrowKind.Int8,
        (16, true) => ArrowKind.Int16,
        (32, true) => ArrowKind.Int32,
        (64, true) => ArrowKind.Int64,
        (8, false) => ArrowKind.UInt8,
        (16, false) => ArrowKind.UInt16,
        (32, false) => ArrowKind.UInt32,
        (64, false) => ArrowKind.UInt64,
        var (bits, _) => throw Column(name, $"expected an integer of 8, 16, 32 or 64 bits, got {bits}"),
    };

    private static ArrowType Time(FlatTable type, string name)
    {
        var unit = Unit(type, 1, name);
        return (type.Int32(1, 32), unit) switch
        {
            (32, TimeUnit.Second or TimeUnit.Millisecond) => new(ArrowKind.Time32, unit),
            (64, TimeUnit.Microsecond or TimeUnit.Nanosecond) => new(ArrowKind.Time64, unit),
            var (bits, _) => throw Column(name, $"expected a time of 32 bits in s or ms, or of 64 in us or ns, got {bits} bits of another"),
        };
    }

    private static TimeUnit Unit(FlatTable type, short otherwise, string name) =>
        type.Int16(0, otherwise) is >= 0 and <= 3 and var unit
            ? (TimeUnit)unit : throw Column(name, "expected a time in s, ms, us or ns, got another unit");

    private static int Width(FlatTable type, string name) => type.Int32(0, 0) is >= 0 and var width
        ? width : throw Column(name, "expected a width of at least 0, got a negative one");

    private static ArrowType Unread(int buffers, string name) => new(ArrowKind.Unread, Width: buffers, Name: name);

    private string Text(FlatTable table, int field)
    {
        table.Vector(field, 1, out var bytes);
        _textBytes += TextCost + bytes;
        return _textBytes > Math.Max(limits.MaxMetadataBytes, TextCost) ? throw TooMuchText() : table.Text(field) ?? "";
    }

    private readonly ArrowFormatException TooMuchText() => Above("bytes of names and texts", limits.MaxMetadataBytes);

    private static ArrowFormatException Above(string what, int most) =>
        new(string.Create(CultureInfo.InvariantCulture, $"expected at most {most} {what}, got more"));

    private static ArrowFormatException Column(string name, string message) =>
        new(string.Create(CultureInfo.InvariantCulture, $"column '{name}': {message}"));
}
