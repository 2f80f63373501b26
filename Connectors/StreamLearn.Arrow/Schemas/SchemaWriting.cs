namespace StreamLearn.Arrow;

internal static class SchemaWriting
{
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
        var children = flat.Tables([]);
        var (kind, type) = Type(flat, field.Type);
        var name = flat.Text(field.Name);
        flat.Begin();
        flat.Offset((int)Ipc.ColumnField.Name, name);
        flat.Offset((int)Ipc.ColumnField.Type, type);
        flat.Offset((int)Ipc.ColumnField.Children, children);
        flat.Offset((int)Ipc.ColumnField.CustomMetadata, metadata);
        flat.Byte((int)Ipc.ColumnField.TypeType, (int)kind);
        flat.Byte((int)Ipc.ColumnField.Nullable, field.Nullable ? 1 : 0);
        return flat.End();
    }

    private static (Ipc.TypeKind Kind, int Place) Type(FlatBuilder flat, ArrowType type)
    {
        var zone = type.Zone is null ? 0 : flat.Text(type.Zone);
        flat.Begin();
        switch (type.Kind)
        {
            case ArrowKind.Int32 or ArrowKind.Int64:
                flat.Int32(0, 8 * type.ValueBytes);
                flat.Byte(1, 1);
                return (Ipc.TypeKind.Int, flat.End());
            case ArrowKind.Float32 or ArrowKind.Float64:
                flat.Int16(0, type.Kind == ArrowKind.Float32 ? 1 : 2);
                return (Ipc.TypeKind.FloatingPoint, flat.End());
            default:
                flat.Offset(1, zone);
                flat.Int16(0, (int)type.Unit);
                return (Ipc.TypeKind.Timestamp, flat.End());
        }
    }
}
