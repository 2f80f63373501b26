namespace StreamLearn.Arrow.Tests;

/// <summary>Writes a schema of any types as metadata.</summary>
internal static class AnySchema
{
    internal static byte[] Message(ArrowSchema schema)
    {
        var flat = new FlatBuilder();
        return Messages.Finish(flat, Ipc.HeaderType.Schema, Write(flat, schema), 0).Bytes;
    }

    internal static int Write(FlatBuilder flat, ArrowSchema schema)
    {
        var metadata = Pairs(flat, schema.Metadata);
        var fields = Fields(flat, schema.Fields);
        flat.Begin();
        flat.Offset((int)Ipc.SchemaField.Fields, fields);
        flat.Offset((int)Ipc.SchemaField.CustomMetadata, metadata);
        flat.Int16((int)Ipc.SchemaField.Endianness, 0);
        return flat.End();
    }

    internal static int Pairs(FlatBuilder flat, ImmutableArray<KeyValuePair<string, string>> pairs)
    {
        if (pairs.IsEmpty) { return 0; }
        var places = new int[pairs.Length];
        for (var i = 0; i < places.Length; i++)
        {
            var (value, key) = (flat.Text(pairs[i].Value), flat.Text(pairs[i].Key));
            flat.Begin();
            flat.Offset(0, key);
            flat.Offset(1, value);
            places[i] = flat.End();
        }
        return flat.Tables(places);
    }

    private static int Fields(FlatBuilder flat, ImmutableArray<ArrowField> fields)
    {
        var places = new int[fields.Length];
        for (var i = 0; i < places.Length; i++) { places[i] = Field(flat, fields[i]); }
        return flat.Tables(places);
    }

    private static int Field(FlatBuilder flat, ArrowField field)
    {
        var metadata = Pairs(flat, field.Metadata);
        var children = Fields(flat, field.Children);
        var dictionary = field.Dictionary is null ? 0 : Dictionary(flat, field.Dictionary);
        var (kind, type) = Type(flat, field.Type);
        var name = flat.Text(field.Name);
        flat.Begin();
        flat.Offset((int)Ipc.ColumnField.Name, name);
        flat.Offset((int)Ipc.ColumnField.Type, type);
        flat.Offset((int)Ipc.ColumnField.Dictionary, dictionary);
        flat.Offset((int)Ipc.ColumnField.Children, children);
        flat.Offset((int)Ipc.ColumnField.CustomMetadata, metadata);
        flat.Byte((int)Ipc.ColumnField.TypeType, (int)kind);
        flat.Byte((int)Ipc.ColumnField.Nullable, field.Nullable ? 1 : 0);
        return flat.End();
    }

    private static int Dictionary(FlatBuilder flat, ArrowDictionary dictionary)
    {
        var (_, places) = Type(flat, new(dictionary.Places));
        flat.Begin();
        flat.Int64((int)Ipc.EncodingField.Id, dictionary.Id);
        flat.Offset((int)Ipc.EncodingField.IndexType, places);
        flat.Byte((int)Ipc.EncodingField.IsOrdered, dictionary.Ordered ? 1 : 0);
        return flat.End();
    }

    private static (Ipc.TypeKind Kind, int Place) Type(FlatBuilder flat, ArrowType type)
    {
        var zone = type.Zone is null ? 0 : flat.Text(type.Zone);
        flat.Begin();
        var kind = type.Kind switch
        {
            ArrowKind.Int8 or ArrowKind.Int16 or ArrowKind.Int32 or ArrowKind.Int64
                or ArrowKind.UInt8 or ArrowKind.UInt16 or ArrowKind.UInt32 or ArrowKind.UInt64 => Integer(flat, type),
            ArrowKind.Float16 => Number(flat, Ipc.TypeKind.FloatingPoint, 0),
            ArrowKind.Float32 => Number(flat, Ipc.TypeKind.FloatingPoint, 1),
            ArrowKind.Float64 => Number(flat, Ipc.TypeKind.FloatingPoint, 2),
            ArrowKind.Date32 => Number(flat, Ipc.TypeKind.Date, 0),
            ArrowKind.Date64 => Number(flat, Ipc.TypeKind.Date, 1),
            ArrowKind.Time32 or ArrowKind.Time64 => Time(flat, type),
            ArrowKind.Timestamp => Timestamp(flat, type, zone),
            ArrowKind.Duration => Number(flat, Ipc.TypeKind.Duration, (int)type.Unit),
            ArrowKind.FixedSizeBinary => Width(flat, Ipc.TypeKind.FixedSizeBinary, type.Width),
            ArrowKind.FixedSizeList => Width(flat, Ipc.TypeKind.FixedSizeList, type.Width),
            ArrowKind.Null => Ipc.TypeKind.Null,
            ArrowKind.Bool => Ipc.TypeKind.Bool,
            ArrowKind.Utf8 => Ipc.TypeKind.Utf8,
            ArrowKind.LargeUtf8 => Ipc.TypeKind.LargeUtf8,
            ArrowKind.Binary => Ipc.TypeKind.Binary,
            ArrowKind.LargeBinary => Ipc.TypeKind.LargeBinary,
            ArrowKind.List => Ipc.TypeKind.List,
            ArrowKind.LargeList => Ipc.TypeKind.LargeList,
            _ => Ipc.TypeKind.Struct,
        };
        return (kind, flat.End());
    }

    private static Ipc.TypeKind Integer(FlatBuilder flat, ArrowType type)
    {
        flat.Int32(0, 8 * type.ValueBytes);
        flat.Byte(1, type.Kind is ArrowKind.Int8 or ArrowKind.Int16 or ArrowKind.Int32 or ArrowKind.Int64 ? 1 : 0);
        return Ipc.TypeKind.Int;
    }

    private static Ipc.TypeKind Number(FlatBuilder flat, Ipc.TypeKind type, int number)
    {
        flat.Int16(0, number);
        return type;
    }

    private static Ipc.TypeKind Width(FlatBuilder flat, Ipc.TypeKind type, int width)
    {
        flat.Int32(0, width);
        return type;
    }

    private static Ipc.TypeKind Time(FlatBuilder flat, ArrowType type)
    {
        flat.Int32(1, 8 * type.ValueBytes);
        return Number(flat, Ipc.TypeKind.Time, (int)type.Unit);
    }

    private static Ipc.TypeKind Timestamp(FlatBuilder flat, ArrowType type, int zone)
    {
        flat.Offset(1, zone);
        return Number(flat, Ipc.TypeKind.Timestamp, (int)type.Unit);
    }
}
