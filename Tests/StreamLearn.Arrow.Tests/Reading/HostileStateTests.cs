using static StreamLearn.Arrow.Tests.HostileMessages;

namespace StreamLearn.Arrow.Tests;

/// <summary>What stays after a message that was refused: nothing of it, and nothing of the batch before.</summary>
public sealed class HostileStateTests
{
    private static readonly ArrowField Number = new("x", new(ArrowKind.Int64));
    private static readonly ArrowField Texts = new("y", new(ArrowKind.Utf8));
    private static readonly ArrowBatch Good = SampleWriter.Batch(new([Number, Texts]),
        SampleWriter.Array(Number, 2, data: new byte[16]), SampleWriter.Array(Texts, 2, offsets: new byte[12]));

    /// <summary>The first column is sound, the second is not, or a third too many.</summary>
    [Fact]
    public void A_batch_is_empty_once_its_reader_reads_on_even_if_that_fails()
    {
        (long, long)[] buffers = [(0, 0), (0, 8), (0, 0), (8, 8), (0, 0)];
        byte[][] bad =
        [
            Batch(1, [(1, 0), (1, 0)], buffers, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0]),
            Batch(1, [(1, 0)], buffers, new byte[16]),
            Batch(1, [(1, 0), (1, 0), (1, 0)], buffers, new byte[16]), [1, 2, 3], [1, 0, 0, 0, 5], Schema(Number),
        ];
        foreach (var message in bad)
        {
            ReadOnlyMemory<byte> bytes = Joined(SampleWriter.Written(Good.Schema, ArrowForm.Stream, false, Good)[..^8], message);
            var stream = new ArrowStreamReader(new MemoryStream(bytes.ToArray()));
            var reader = new MessageReader();
            var batch = reader.Read(ref bytes)!;
            var other = stream.Read()!;
            Assert.Equal((2, 2, 2), (batch.Rows, batch.Columns[0].Length, other.Rows));

            Assert.Throws<ArrowFormatException>(() => reader.Read(ref bytes));
            Assert.Throws<ArrowFormatException>(stream.Read);

            foreach (var old in (ArrowBatch[])[batch, other])
            {
                Assert.Equal((0, 0, 0), (old.Rows, old.Columns[0].Length, old.Columns[1].Length));
                Assert.Throws<ArgumentOutOfRangeException>(() => old.Columns[1].Bytes(0).Length);
                Assert.Equal(0, old.Columns[0].Values<long>().Length);
                Assert.Equal([], ArrowText.Rows(old.Slice(0, 0)));
            }
        }
    }

    [Fact]
    public void A_codec_reads_on_after_every_message_that_is_refused()
    {
        var pool = new BatchPool(guard: true);
        var columns = HostileCorpus.Columns;
        using var batch = Batches.Random(pool, columns, 9, seed: 1);
        var coloured = HostileCorpus.Coloured(5, ArrowSamples.Entries(4));
        var others = SampleWriter.Written(coloured.Schema, ArrowForm.Stream, false, coloured);
        var (random, refused) = (new RandomStream(1, "codec"), 0);
        foreach (var codec in (ArrowCodec[])[ArrowCodec.Batches, ArrowCodec.BatchesOf(columns)])
        {
            var buffer = new ArrayBufferWriter<byte>();
            codec.Encode(batch, buffer);
            for (var i = 0; i < 2000; i++)
            {
                var bytes = i % 7 == 0 ? (byte[])others.Clone() : buffer.WrittenSpan.ToArray();
                bytes[random.NextInt32(bytes.Length)] ^= (byte)(1 << random.NextInt32(8));
                if (i % 3 == 0) { bytes = [.. bytes, .. i % 2 == 0 ? bytes : [1, 2, 3]]; }
                var isRead = codec.TryDecode(new(bytes), pool, out var read, out var refusal);
                if (isRead) { read!.Dispose(); }
                else
                {
                    refused++;
                    Assert.NotEmpty(refusal!);
                    Assert.Equal(refusal, codec.LastRefusal);
                }
                Assert.True(codec.TryDecode(new(buffer.WrittenMemory), pool, out read));
                Assert.Null(Batches.Difference(batch, read));
                read.Dispose();
                Assert.Equal(1, pool.RentedBatches);
            }
        }
        Assert.True(refused > 1000, $"{refused}");
    }

    [Fact]
    public void A_message_of_a_codec_has_one_batch_and_the_end_and_gives_back_what_it_rented()
    {
        var pool = new BatchPool();
        var codec = ArrowCodec.BatchesOf(new Schema(Field.Channel("x", Unit.One)));
        var one = Batch(1, [(1, 0)], [(0, 0), (0, 4)], new byte[8]);
        Assert.Equal("expected one batch and the end of the stream, got more messages", Refused(codec, Joined(one, one)));
        Assert.Equal("expected one batch and the end of the stream, got more messages", Refused(codec, Joined(one, End, [1, 2])));
        Assert.Equal("expected a whole message, got the end of the bytes: cut short", Refused(codec, Joined(one, [1, 2])));
        Assert.Equal("expected a batch, got none", Refused(codec, []));
        Assert.Equal("expected a batch, got none", Refused(codec, End));
        Assert.Equal("expected a schema, got nothing", Refused(ArrowCodec.Batches, []));
        Assert.Equal("expected a schema, got the end of the stream", Refused(ArrowCodec.Batches, End));
        Assert.Equal("expected a schema first, got data", Refused(ArrowCodec.Batches, one));
        Assert.StartsWith("expected a column that a batch can hold, got ", Refused(ArrowCodec.Batches, Joined(Schema(), Batch(0, [], []))),
            StringComparison.Ordinal);
        Assert.Null(Refused(codec, one));

        string? Refused(ArrowCodec from, byte[] bytes)
        {
            if (from.TryDecode(new(bytes), pool, out var batch, out var refusal)) { batch.Dispose(); }
            Assert.Equal(0, pool.RentedBatches);
            return refusal;
        }
    }

    /// <summary>Bits become 32 times as long: a message within the limit of 16 MiB would take half a gigabyte.</summary>
    [Fact]
    public void A_batch_is_as_large_as_the_limit_and_no_larger()
    {
        var (limits, bits) = (new ArrowLimits { MaxMessageBytes = 4000 }, Schema(new ArrowField("x", new(ArrowKind.Bool))));
        byte[] Of(int rows) => Joined(bits, Batch(rows, [(rows, 0)], [(0, 0), (0, 128)], new byte[128]));
        var (codec, pool) = (new ArrowCodec(limits: limits), new BatchPool());
        Assert.True(codec.TryDecode(new(Of(1000)), pool, out var batch));
        batch.Dispose();
        Assert.False(codec.TryDecode(new(Of(1001)), pool, out _, out var refusal));
        Assert.Equal("expected a batch of at most 4000 bytes, got 4004", refusal);
    }

    [Fact]
    public void Reading_and_writing_batches_again_and_again_allocates_nothing()
    {
        var pool = new BatchPool();
        var channels = Enumerable.Range(0, 9).Select(static i => Field.Channel($"c{i}", Unit.One));
        var schema = new Schema([Field.Time(), .. channels, Field.Label()]);
        using var batch = Batches.Random(pool, schema, 128, seed: 1);
        var writer = new ArrowBatchWriter(schema);
        var (target, head, pieces) = (new byte[writer.MaxLength(128)], new byte[writer.GatherBytes(128)], new List<ReadOnlyMemory<byte>>());
        var length = writer.Write(batch, target);
        var reader = new MessageReader();
        reader.Expect(writer.ArrowSchema);
        Assert.Equal(0, Allocations.Least(() => writer.Write(batch, target)));
        Assert.Equal(0, Allocations.Least(() => writer.Gather(batch, head, pieces)));
        Assert.Equal(0, Allocations.Least(() =>
        {
            ReadOnlyMemory<byte> bytes = target.AsMemory(0, length);
            Assert.True(reader.Read(ref bytes)!.Rows == 128);       // Assert.Equal would allocate
        }));
        foreach (var codec in (ArrowCodec[])[ArrowCodec.Batches, ArrowCodec.BatchesOf(schema)])
        {
            var buffer = new ArrayBufferWriter<byte>();
            codec.Encode(batch, buffer);
            var message = new ReadOnlySequence<byte>(buffer.WrittenMemory.ToArray());
            Assert.Equal(0, Allocations.Least(() =>
            {
                buffer.ResetWrittenCount();
                codec.Encode(batch, buffer);
            }));
            Assert.Equal(Allocations.BytesPerBatch, Allocations.Least(() =>
            {
                Assert.True(codec.TryDecode(message, pool, out var read));
                read.Dispose();
            }));
        }
    }

    [Fact]
    public void Every_type_is_read_again_and_again_without_allocating_packed_or_not()
    {
        var all = ArrowSamples.Of(100);
        foreach (var compresses in (bool[])[false, true])
        {
            ArrowBatch[] batches = [.. Enumerable.Repeat(all, 30)];
            ReadOnlyMemory<byte> bytes = SampleWriter.Written(all.Schema, ArrowForm.Stream, compresses, batches);
            var reader = new MessageReader();
            reader.Read(ref bytes);
            Assert.Equal(0, Allocations.Least(() => Assert.NotNull(reader.Read(ref bytes))));
        }
    }
}
