using static StreamLearn.Arrow.Tests.HostileMessages;

namespace StreamLearn.Arrow.Tests;

/// <summary>What bodies may not be, each rule by its own case.</summary>
public sealed class HostileBodyTests
{
    private static readonly ArrowField Int = new("x", new(ArrowKind.Int32));
    private static readonly ArrowField Sure = Int with { Nullable = false };
    private static readonly ArrowField Utf8 = new("x", new(ArrowKind.Utf8));
    private static readonly ArrowField Wide = new("x", new(ArrowKind.LargeBinary));
    private static readonly ArrowField List = new("x", new(ArrowKind.List)) { Children = [new("y", new(ArrowKind.Int8))] };
    private static readonly ArrowField Struct = new("x", new(ArrowKind.Struct)) { Children = [new("y", new(ArrowKind.Int8))] };
    private static readonly ArrowField Pairs = Struct with { Type = new(ArrowKind.FixedSizeList, Width: 2) };
    private static readonly ArrowField Null = new("x", new(ArrowKind.Null));
    private static readonly (long, long)[] One = [(1, 0)];
    private static readonly (long, long)[] Plain = [(0, 0), (0, 4)];
    private static readonly byte[] Eight = new byte[8];

    private static (string Refusal, byte[][] Messages)[] Cases =>
    [
        ("expected rows from 0 to 134217728, got -1", [Schema(Int), Batch(-1, [(-1, 0)], Plain, Eight)]),
        ("expected rows from 0 to 134217728, got 134217729", [Schema(Null), Batch((1 << 27) + 1, [((1 << 27) + 1, 0)], [])]),
        ("column 'x': expected an array, got none", [Schema(Int), Batch(1, [], Plain, Eight)]),
        ("column 'x': expected a buffer, got none", [Schema(Int), Batch(1, One, [(0, 0)], Eight)]),
        ("expected 1 arrays of 2 buffers, got 2 of 2", [Schema(Int), Batch(1, [(1, 0), (1, 0)], Plain, Eight)]),
        ("expected 1 arrays of 2 buffers, got 1 of 3", [Schema(Int), Batch(1, One, [(0, 0), (0, 4), (0, 0)], Eight)]),
        ("expected 0 arrays of 0 buffers, got 1 of 0", [Schema(), Batch(1, One, [])]),
        ("column 'x': expected 2 values, got 1", [Schema(Int), Batch(2, One, Plain, Eight)]),
        ("column 'x': expected values from 0 to 134217728 and missing ones, got -1 and 0",
            [Schema(Int), Batch(1, [(-1, 0)], Plain, Eight)]),
        ("column 'x': expected values from 0 to 134217728 and missing ones, got 1 and 2", [Schema(Int), Batch(1, [(1, 2)], Plain, Eight)]),
        ("column 'x': expected values from 0 to 134217728 and missing ones, got 1 and -1",
            [Schema(Int), Batch(1, [(1, -1)], Plain, Eight)]),
        ("column 'y': expected values from 0 to 134217728 and missing ones, got 4294967297 and 0",
            [Schema(Struct), Batch(1, [(1, 0), ((1L << 32) + 1, 0)], [(0, 0), (0, 0), (0, 4)], Eight)]),
        ("column 'x': expected a buffer inside 8 bytes, got 4 bytes at -8", [Schema(Int), Batch(1, One, [(0, 0), (-8, 4)], Eight)]),
        ("column 'x': expected a buffer inside 8 bytes, got -4 bytes at 0", [Schema(Int), Batch(1, One, [(0, 0), (0, -4)], Eight)]),
        ("column 'x': expected a buffer inside 8 bytes, got 9 bytes at 0", [Schema(Int), Batch(1, One, [(0, 0), (0, 9)], Eight)]),
        ("column 'x': expected a buffer inside 8 bytes, got 9223372036854775807 bytes at 8",
            [Schema(Int), Batch(1, One, [(0, 0), (8, long.MaxValue)], Eight)]),
        ("column 'x': expected a buffer at a multiple of 8 bytes, got 4", [Schema(Int), Batch(1, One, [(0, 0), (4, 4)], Eight)]),
        ("column 'z': expected buffers of at most 8 bytes, the size of the body, got 16",
            [Schema(Int, Int with { Name = "z" }), Batch(1, [(1, 0), (1, 0)], [(0, 0), (0, 8), (0, 0), (0, 8)], Eight)]),
        ("column 'x': expected at least 8 bytes of values, got 4", [Schema(Int), Batch(2, [(2, 0)], Plain, Eight)]),
        ("column 'x': expected at least 4294967296 bytes of values, got 8",
            [Schema(Int with { Type = new(ArrowKind.FixedSizeBinary, Width: 1 << 30) }), Batch(4, [(4, 0)], [(0, 0), (0, 8)], Eight)]),
        ("column 'x': expected at least 2 bytes of validity, got 1", [Schema(Int), Batch(9, [(9, 1)], [(0, 1), (8, 36)], new byte[48])]),
        ("column 'x': expected 1 missing values, the number in the header, got 2",
            [Schema(Int), Batch(2, [(2, 1)], [(0, 1), (8, 8)], new byte[16])]),
        ("column 'x': expected no missing value, got 1", [Schema(Sure), Batch(1, [(1, 1)], [(0, 1), (8, 4)], new byte[16])]),
        ("column 'x': expected at least 8 bytes of offsets, got 4", [Schema(Utf8), Batch(1, One, [(0, 0), (0, 4), (0, 0)], Eight)]),
        ("column 'x': expected rising offsets from 0 to 3, got other offsets", [Schema(Utf8), Texts([0, 4], "abc")]),
        ("column 'x': expected rising offsets from 0 to 3, got other offsets", [Schema(Utf8), Texts([-1, 3], "abc")]),
        ("column 'x': expected rising offsets from 0 to 3, got other offsets", [Schema(Utf8), Texts([0, 2, 1, 3], "abc")]),
        ("column 'x': expected rising offsets from 0 to 3, got other offsets",
            [Schema(Utf8), Texts([.. Enumerable.Range(0, 40).Select(static i => i == 30 ? -5 : Math.Min(i, 3))], "abc")]),
        ("column 'x': expected rising offsets from 0 to 8, got other offsets", [Schema(Wide), Longs(0, 1L << 32)]),
        ("column 'x': expected rising offsets from 0 to 8, got other offsets", [Schema(Wide), Longs(-1, 1)]),
        ("column 'x': expected UTF-8, got other bytes in value 1", [Schema(Utf8), Texts([0, 1, 2], "aü")]),
        ("column 'x': expected UTF-8, got other bytes in value 0", [Schema(Utf8), Texts([0, 2, 3], "aü")]),
        ("column 'x': expected rising offsets from 0 to 3, got other offsets",
            [Schema(List), Batch(1, [(1, 0), (3, 0)], [(0, 0), (0, 8), (0, 0), (8, 3)], [0, 0, 0, 0, 4, 0, 0, 0, .. Eight])]),
        ("column 'x': expected at least 2 values of 'y', got 1",
            [Schema(Struct), Batch(2, [(2, 0), (1, 0)], [(0, 0), (0, 0), (0, 1)], Eight)]),
        ("column 'x': expected at least 4 values of 'y', got 3",
            [Schema(Pairs), Batch(2, [(2, 0), (3, 0)], [(0, 0), (0, 0), (0, 3)], Eight)]),
    ];

    [Fact]
    public void Each_number_that_is_wrong_is_refused_by_its_rule()
    {
        foreach (var (refusal, messages) in Cases) { Assert.Equal(refusal, Refusal(null, messages)); }
    }

    [Fact]
    public void What_is_just_right_is_read()
    {
        Assert.Equal(["0", "0"], Rows(null, Schema(Int), Batch(2, [(2, 0)], [(0, 0), (0, 8)], Eight)));
        Assert.Equal(["0 | 0"], Rows(null, Schema(Sure, Sure), Batch(1, [(1, 0), (1, 0)], [(0, 0), (0, 4), (0, 0), (8, 4)], new byte[16])));
        Assert.Equal(["'a'", "'ü'"], Rows(null, Schema(Utf8), Texts([0, 1, 3], "aü")));
        Assert.Equal(["{0}"], Rows(null, Schema(Struct), Batch(1, [(1, 0), (3, 0)], [(0, 0), (0, 0), (0, 3)], Eight)));
        Assert.Equal([], Rows(null, Schema(Utf8), Batch(0, [(0, 0)], [(0, 0), (0, 0), (0, 0)])));
        Assert.Equal(["-", "-"], Rows(null, Schema(Null), Batch(2, [(2, 0)], [])));
    }

    [Fact]
    public void Values_without_bytes_end_where_the_limits_say()
    {
        var limits = new ArrowLimits { MaxMessageBytes = 1 };
        Assert.Equal(8, Rows(limits, Schema(Null), Batch(8, [(8, 8)], [])).Count);
        Assert.Equal("expected rows from 0 to 8, got 9", Refusal(limits, Schema(Null), Batch(9, [(9, 9)], [])));
        Assert.Equal(
            "column 'y': expected values from 0 to 8 and missing ones, got 9 and 9",
            Refusal(limits, Schema(List with { Children = [Null with { Name = "y" }] }), Batch(0, [(0, 0), (9, 0)], [(0, 0), (0, 0)])));
    }

    private static byte[] Texts(int[] offsets, string text)
    {
        var (buffers, body) = Body([], [.. offsets.SelectMany(BitConverter.GetBytes)], Encoding.UTF8.GetBytes(text));
        return Batch(offsets.Length - 1, [(offsets.Length - 1, 0)], buffers, body);
    }

    private static byte[] Longs(params long[] offsets)
    {
        var (buffers, body) = Body([], [.. offsets.SelectMany(BitConverter.GetBytes)], Eight);
        return Batch(offsets.Length - 1, [(offsets.Length - 1, 0)], buffers, body);
    }
}
