namespace StreamLearn.Arrow;

/// <summary>Field and union numbers of metadata. Source: Apache Arrow, Message.fbs, Schema.fbs and File.fbs.</summary>
internal static class Ipc
{
    internal const short V4 = 3;
    internal const short V5 = 4;

    internal enum MessageField
    {
        Version,
        HeaderType,
        Header,
        BodyLength,
        CustomMetadata,
    }

    internal enum HeaderType
    {
        None,
        Schema,
        DictionaryBatch,
        RecordBatch,
        Tensor,
        SparseTensor,
    }

    internal enum SchemaField
    {
        Endianness,
        Fields,
        CustomMetadata,
    }

    internal enum ColumnField
    {
        Name,
        Nullable,
        TypeType,
        Type,
        Dictionary,
        Children,
        CustomMetadata,
    }

    internal enum EncodingField
    {
        Id,
        IndexType,
        IsOrdered,
        Kind,
    }

    internal enum BatchField
    {
        Length,
        Nodes,
        Buffers,
        Compression,
        VariadicCounts,
    }

    internal enum EntriesField
    {
        Id,
        Data,
        IsDelta,
    }

    internal enum FooterField
    {
        Version,
        Schema,
        Dictionaries,
        RecordBatches,
        CustomMetadata,
    }

    internal enum TypeKind
    {
        None,
        Null,
        Int,
        FloatingPoint,
        Binary,
        Utf8,
        Bool,
        Decimal,
        Date,
        Time,
        Timestamp,
        Interval,
        List,
        Struct,
        Union,
        FixedSizeBinary,
        FixedSizeList,
        Map,
        Duration,
        LargeBinary,
        LargeUtf8,
        LargeList,
        RunEndEncoded,
        BinaryView,
        Utf8View,
        ListView,
        LargeListView,
    }
}
