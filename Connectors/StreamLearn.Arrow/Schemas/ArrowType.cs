using Apache.Arrow.Types;

namespace StreamLearn.Arrow;

/// <summary>Source: Apache Arrow, Schema.fbs.</summary>
internal sealed record ArrowType(
    ArrowKind Kind, TimeUnit Unit = TimeUnit.Second, string? Zone = null, int Width = 0, string? Name = null, bool IsView = false)
{
    internal static ArrowType EventTime { get; } = new(ArrowKind.Timestamp, TimeUnit.Nanosecond, "UTC");

    /// <summary>Bytes per value; 0: the width is not fixed.</summary>
    internal int ValueBytes => BytesOf(Kind, Width);

    internal string UnitText => Unit switch
    {
        TimeUnit.Second => "s",
        TimeUnit.Millisecond => "ms",
        TimeUnit.Microsecond => "us",
        _ => "ns",
    };

    /// <summary>The type as other tools print it: <c>timestamp[ns, UTC]</c>.</summary>
    public override string ToString() => Kind switch
    {
        ArrowKind.Unread => Name!,
        ArrowKind.Time32 or ArrowKind.Time64 or ArrowKind.Timestamp or ArrowKind.Duration =>
            Zone is null ? $"{NameOf(Kind)}[{UnitText}]" : $"{NameOf(Kind)}[{UnitText}, {Zone}]",
        ArrowKind.FixedSizeBinary or ArrowKind.FixedSizeList => string.Create(CultureInfo.InvariantCulture, $"{NameOf(Kind)}[{Width}]"),
        _ => NameOf(Kind),
    };

    internal static int BytesOf(ArrowKind kind, int width) => kind switch
    {
        ArrowKind.Int8 or ArrowKind.UInt8 => 1,
        ArrowKind.Int16 or ArrowKind.UInt16 or ArrowKind.Float16 => 2,
        ArrowKind.Int32 or ArrowKind.UInt32 or ArrowKind.Float32 or ArrowKind.Date32 or ArrowKind.Time32 => 4,
        ArrowKind.Int64 or ArrowKind.UInt64 or ArrowKind.Float64 or ArrowKind.Date64 or ArrowKind.Time64 or ArrowKind.Timestamp
            or ArrowKind.Duration => 8,
        ArrowKind.FixedSizeBinary => width,
        _ => 0,
    };

    private static string NameOf(ArrowKind kind) => kind switch
    {
        ArrowKind.LargeUtf8 => "large_utf8",
        ArrowKind.LargeBinary => "large_binary",
        ArrowKind.FixedSizeBinary => "fixed_size_binary",
        ArrowKind.LargeList => "large_list",
        ArrowKind.FixedSizeList => "fixed_size_list",
        _ => kind.ToString().ToLowerInvariant(),
    };
}
