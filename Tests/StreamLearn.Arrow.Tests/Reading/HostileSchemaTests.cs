using static StreamLearn.Arrow.Tests.HostileMessages;

namespace StreamLearn.Arrow.Tests;

/// <summary>What messages and schemas may not be, each rule by its own case.</summary>
public sealed class HostileSchemaTests
{
    private static readonly ArrowField Int = new("x", new(ArrowKind.Int32));

    public static TheoryData<string, int, int> Types => new()
    {
        { "the type number 0 is not known", (int)Ipc.TypeKind.None, 0 },
        { "the type number 200 is not known", 200, 0 },
        { "expected an integer of 8, 16, 32 or 64 bits, got 7", (int)Ipc.TypeKind.Int, 7 },
        { "expected an integer of 8, 16, 32 or 64 bits, got -8", (int)Ipc.TypeKind.Int, -8 },
        { "expected a width of at least 0, got a negative one", (int)Ipc.TypeKind.FixedSizeBinary, -1 },
        { "expected a width of at least 0, got a negative one", (int)Ipc.TypeKind.FixedSizeList, int.MinValue },
        { "expected a floating-point number of 16, 32 or 64 bits, got another width", (int)Ipc.TypeKind.FloatingPoint, 3 },
        { "expected a date in days or milliseconds, got another unit", (int)Ipc.TypeKind.Date, 2 },
        { "expected a time in s, ms, us or ns, got another unit", (int)Ipc.TypeKind.Timestamp, 4 },
        { "expected a time in s, ms, us or ns, got another unit", (int)Ipc.TypeKind.Duration, -1 },
        { "expected a time of 32 bits in s or ms, or of 64 in us or ns, got 32 bits of another", (int)Ipc.TypeKind.Time, 2 },
        { "expected another number of child columns in list, got 0", (int)Ipc.TypeKind.List, 0 },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public void Types_that_are_not_known_are_refused_by_name(string refusal, int type, int number) =>
        Assert.Equal($"column 'x': {refusal}", Refusal(null, SchemaOfType((Ipc.TypeKind)type, flat => flat.Int32(0, number))));

    [Fact]
    public void A_column_without_a_type_is_refused() =>
        Assert.Equal("column 'x': expected a type, got none", Refusal(null, SchemaOfType(Ipc.TypeKind.Int, hasType: false)));

    [Fact]
    public void Each_message_that_is_wrong_is_refused_by_its_rule()
    {
        var (schema, empty) = (Schema(Int), Batch(0, [(0, 0)], [(0, 0), (0, 0)]));
        static int Nothing(FlatBuilder flat) => 0;
        static int Table(FlatBuilder flat) => Fields(flat);
        Assert.Equal("expected a schema first, got data", Refusal(null, empty));
        Assert.Equal("expected one schema, got a second", Refusal(null, schema, empty, schema));
        Assert.Equal("expected metadata of version 4 or 5, got 3", Refusal(null, Message(1, Table, version: 2)));
        Assert.Equal("expected metadata of version 4 or 5, got 6", Refusal(null, Message(1, Table, version: 5)));
        Assert.Equal("expected metadata of version 4 or 5, got 0", Refusal(null, Message(1, Table, version: -1)));
        Assert.Equal("expected a schema, a dictionary or a record batch, got Tensor", Refusal(null, Message(4, Table)));
        Assert.Equal("expected a schema, a dictionary or a record batch, got SparseTensor", Refusal(null, schema, Message(5, Table)));
        Assert.Equal("expected a schema, a dictionary or a record batch, got None", Refusal(null, Message(0, Table)));
        Assert.Equal("expected a schema, a dictionary or a record batch, got a message of type 9", Refusal(null, Message(9, Table)));
        Assert.Equal("expected a message with a header, got none", Refusal(null, Message(1, Nothing)));
        Assert.Equal("expected a body of at most 16777216 bytes (MaxMessageBytes), got -1",
            Refusal(null, schema, Message(3, Table, bodyBytes: -1)));
        Assert.Equal(
            "expected a whole message, got the end of the bytes: cut short", Refusal(null, schema, Message(3, Table, bodyBytes: 1)));
        Assert.Equal("expected little-endian data, got big-endian", Refusal(null, Message(1, static flat =>
        {
            flat.Begin();
            flat.Int16((int)Ipc.SchemaField.Endianness, 1);
            return flat.End();
        })));
    }

    [Fact]
    public void Messages_as_long_as_the_limits_are_read_and_no_longer_ones()
    {
        var (schema, batch) = (Schema(Int), Batch(2, [(2, 0)], [(0, 0), (0, 8)], new byte[8]));
        var metadata = Math.Max(schema.Length, batch.Length - 8) - MessageHead.PrefixBytes;
        Assert.Equal(2, Rows(new() { MaxMessageBytes = 8, MaxMetadataBytes = metadata }, schema, batch).Count);
        Assert.Equal("expected a body of at most 7 bytes (MaxMessageBytes), got 8", Refusal(new() { MaxMessageBytes = 7 }, schema, batch));
        Assert.Equal(
            $"expected at most {metadata - 1} bytes of metadata (MaxMetadataBytes), got {metadata}",
            Refusal(new() { MaxMetadataBytes = metadata - 1 }, schema, batch));
        Assert.Equal(
            "expected at most 1048576 bytes of metadata (MaxMetadataBytes), got 4294967294",
            Refusal(null, [255, 255, 255, 255, 254, 255, 255, 255]));
    }

    [Fact]
    public void Columns_are_as_many_and_as_deep_as_the_limits_and_no_more()
    {
        var three = Schema(Int, Deep(2));
        Assert.Equal([], Rows(new() { MaxColumns = 3, MaxDepth = 2 }, three));
        Assert.Equal("expected at most 2 columns, got more", Refusal(new() { MaxColumns = 2 }, three));
        Assert.Equal("expected at most 1 columns within columns, got more", Refusal(new() { MaxDepth = 1 }, three));
        Assert.Equal([], Rows(null, Schema(Deep(64))));
        Assert.Equal("expected at most 64 columns within columns, got more", Refusal(null, Schema(Deep(65))));
        Assert.Equal([], Rows(null, Schema([.. Enumerable.Repeat(Int, 1024)])));
        Assert.Equal("expected at most 1024 columns, got more", Refusal(null, Schema([.. Enumerable.Repeat(Int, 1025)])));
        Assert.Equal([], Rows(new() { MaxDepth = 256 }, Schema(Deep(256))));
    }

    /// <summary>Each struct has ten times the one below it: 10^7 columns of 1 KB.</summary>
    [Fact]
    public void Columns_that_are_shared_count_each_time()
    {
        var bytes = Message((int)Ipc.HeaderType.Schema, static flat =>
        {
            var field = Field(flat, Ipc.TypeKind.Bool);
            for (var level = 0; level < 7; level++)
            {
                field = Field(flat, Ipc.TypeKind.Struct, children: flat.Tables([.. Enumerable.Repeat(field, 10)]));
            }
            return Fields(flat, field);
        });
        Assert.Equal("expected at most 1024 columns, got more", Refusal(null, bytes));
    }

    /// <summary>A thousand columns have the same 20 KB of metadata.</summary>
    [Fact]
    public void Texts_that_are_shared_count_each_time()
    {
        var bytes = Message((int)Ipc.HeaderType.Schema, static flat =>
        {
            var text = flat.Text(new('k', 20_000));
            flat.Begin();
            flat.Offset(0, text);
            var pairs = flat.Tables([flat.End()]);
            flat.Begin();
            var type = flat.End();
            flat.Begin();
            flat.Offset((int)Ipc.ColumnField.Type, type);
            flat.Offset((int)Ipc.ColumnField.CustomMetadata, pairs);
            flat.Byte((int)Ipc.ColumnField.TypeType, (int)Ipc.TypeKind.Bool);
            return Fields(flat, [.. Enumerable.Repeat(flat.End(), 1000)]);
        });
        Assert.Equal("expected at most 1048576 bytes of names and texts, got more", Refusal(null, bytes));
    }

    [Fact]
    public void Names_are_as_long_as_the_limit_and_no_longer()
    {
        var schema = Schema(new ArrowField(new('n', 1000), new(ArrowKind.Bool)));
        Assert.Equal([], Rows(new() { MaxMetadataBytes = schema.Length - 8 }, schema));
        var shared = Message((int)Ipc.HeaderType.Schema,
            static flat => Fields(flat, [.. Enumerable.Repeat(Field(flat, Ipc.TypeKind.Bool), 10)]));
        Assert.Equal([], Rows(new() { MaxMetadataBytes = Math.Max(170, shared.Length) }, shared));
        var many = Message((int)Ipc.HeaderType.Schema,
            static flat => Fields(flat, [.. Enumerable.Repeat(Field(flat, Ipc.TypeKind.Bool), 100)]));
        var limits = new ArrowLimits { MaxMetadataBytes = 1699 };
        Assert.Equal("expected at most 1699 bytes of names and texts, got more", Refusal(limits, many));
        Assert.Equal([], Rows(limits with { MaxMetadataBytes = 1700 }, many));
    }

    /// <summary>A name within 60 columns, whose type is printed where it is refused.</summary>
    [Fact]
    public void A_long_name_deep_within_is_printed_once()
    {
        var deep = new ArrowField(new('n', 100_000), new(ArrowKind.Bool));
        for (var i = 0; i < 60; i++) { deep = new("d", new(ArrowKind.Struct)) { Children = [deep] }; }
        var before = GC.GetAllocatedBytesForCurrentThread();
        var refusal = Assert.Throws<SchemaException>(() => new BatchPlan(new([deep]), new() { LeavesOut = false }));
        Assert.InRange(refusal.Message.Length, 100_000, 101_000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 3_000_000);
    }

    [Fact]
    public void What_is_said_is_one_line_that_ends()
    {
        var column = new ArrowField("a\nb\r\u0001" + new string('n', 5000), new(ArrowKind.Bool));
        var refusal = Refusal(null, Schema(column), Batch(0, [], []));
        Assert.StartsWith("column 'a·b··n", refusal, StringComparison.Ordinal);
        Assert.Equal(1001, refusal.Length);
    }

    private static ArrowField Deep(int columns)
    {
        var field = Int;
        for (var i = 1; i < columns; i++) { field = new("d", new(ArrowKind.Struct)) { Children = [field] }; }
        return field;
    }
}
