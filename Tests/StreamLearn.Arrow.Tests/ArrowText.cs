namespace StreamLearn.Arrow.Tests;

/// <summary>Values as text, to compare batches by.</summary>
internal static class ArrowText
{
    internal static List<string> Rows(ArrowBatch batch) =>
        [.. Enumerable.Range(0, batch.Rows).Select(row => string.Join(" | ", batch.Columns.Select(c => Of(c, row))))];

    internal static string Of(ArrowArray array, int index)
    {
        if (!array.IsValid(index)) { return "-"; }
        if (array.Dictionary is { } entries) { return Of(entries, (int)array.Integer(index)); }
        switch (array.Field.Type.Kind)
        {
            case ArrowKind.Unread: return "?";
            case ArrowKind.Bool: return array.Flag(index) ? "true" : "false";
            case ArrowKind.Float16 or ArrowKind.Float32 or ArrowKind.Float64:
                return array.Number(index).ToString("R", CultureInfo.InvariantCulture);
            case ArrowKind.Utf8 or ArrowKind.LargeUtf8: return $"'{System.Text.Encoding.UTF8.GetString(array.Bytes(index))}'";
            case ArrowKind.Binary or ArrowKind.LargeBinary or ArrowKind.FixedSizeBinary: return Convert.ToHexString(array.Bytes(index));
            case ArrowKind.UInt64: return array.Values<ulong>()[index].ToString(CultureInfo.InvariantCulture);
            case ArrowKind.Struct: return $"{{{string.Join(", ", array.Children.Select(c => Of(c, index)))}}}";
            case ArrowKind.List or ArrowKind.LargeList or ArrowKind.FixedSizeList:
                var (start, end) = array.Range(index);
                return $"[{string.Join(", ", Enumerable.Range(start, end - start).Select(i => Of(array.Children[0], i)))}]";
            default: return array.Integer(index).ToString(CultureInfo.InvariantCulture);
        }
    }
}
