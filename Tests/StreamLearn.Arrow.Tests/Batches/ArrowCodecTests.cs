namespace StreamLearn.Arrow.Tests;

public sealed class ArrowCodecTests
{
    private static readonly Schema Mixed = new(
        Field.Time(), Field.Channel("ax", new("m/s2")), new("maybe", ColumnType.Float32, Unit.One, Nullable: true),
        new("wide", ColumnType.Float64, new("Cel"), Nullable: true), new("count", ColumnType.Int64, Unit.One), Field.Label());

    [Theory, InlineData(0), InlineData(1), InlineData(7), InlineData(128), InlineData(1001)]
    public void A_batch_comes_back_with_its_columns_units_and_missing_values(int rows)
    {
        var pool = new BatchPool(guard: true);
        using var batch = Batches.Random(pool, Mixed, rows, seed: rows);
        foreach (var codec in (ArrowCodec[])[ArrowCodec.Batches, ArrowCodec.BatchesOf(Mixed)])
        {
            for (var again = 0; again < 3; again++)
            {
                var buffer = new ArrayBufferWriter<byte>();
                codec.Encode(batch, buffer);
                Assert.True(codec.TryDecode(new(buffer.WrittenMemory), pool, out var read, out var refusal), refusal);
                Assert.Equal(Mixed, read.Schema);
                Assert.Null(Batches.Difference(batch, read));
                read.Dispose();
            }
        }
    }

    [Fact]
    public void Labels_of_columns_come_back_and_one_that_is_not_known_is_the_most_private()
    {
        var pool = new BatchPool(guard: true);
        Schema labelled = new(
            Field.Time(), Field.Channel("ax", Unit.One), Field.Channel("heart", new("1/min")) with { Privacy = PrivacyLabel.EdgeOnly },
            Field.Channel("voice", Unit.One) with { Privacy = PrivacyLabel.DeviceOnly });
        using var batch = Batches.Random(pool, labelled, 5, seed: 1);
        var buffer = new ArrayBufferWriter<byte>();
        ArrowCodec.Batches.Encode(batch, buffer);

        Assert.True(ArrowCodec.Batches.TryDecode(new(buffer.WrittenMemory), pool, out var read, out var refusal), refusal);
        Assert.Equal(labelled, read.Schema);
        Assert.Null(Batches.Difference(batch, read));
        read.Dispose();
        var bytes = buffer.WrittenSpan.ToArray();
        var at = bytes.AsSpan().IndexOf("EdgeOnly"u8);
        bytes[at] = (byte)'X';
        Assert.True(ArrowCodec.Batches.TryDecode(new(bytes), pool, out read, out refusal), refusal);
        Assert.Equal(PrivacyLabel.DeviceOnly, read["heart"].Field.Privacy);
        read.Dispose();
    }

    [Fact]
    public void Pieces_are_the_message_without_a_copy()
    {
        var (pool, writer, pieces) = (new BatchPool(), new ArrowBatchWriter(Mixed), new List<ReadOnlyMemory<byte>>());
        using var batch = Batches.Random(pool, Mixed, 333, seed: 1);
        var whole = new byte[writer.MaxLength(333)];
        var length = writer.Write(batch, whole);
        writer.Gather(batch, new byte[writer.GatherBytes(333)], pieces);
        Assert.Equal(whole[..length], pieces.SelectMany(static p => p.ToArray()).ToArray());
    }
}
