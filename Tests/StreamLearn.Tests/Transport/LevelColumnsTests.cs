namespace StreamLearn.Tests;

/// <summary>Levels of a topic as columns after those of a codec.</summary>
public sealed class LevelColumnsTests
{
    [Fact]
    public void Columns_of_levels_allocate_nothing_but_handles_once_texts_are_known()
    {
        var pool = new BatchPool();
        var pattern = new TopicPattern("plant/{site}/{pump}/vibration");
        var columns = new LevelColumns(pattern, new([.. pattern.Names.Select(n => new TopicLevel(n))]), new OneCodec());
        Topic topic = "plant/north/p7/vibration";
        Assert.Equal(2 * 100 * Allocations.BytesPerBatch, Allocations.Least(() =>
        {
            for (var i = 0; i < 100; i++) { ((Batch)columns.Decode(new(topic, default), pool, out _)!).Dispose(); }
        }));
    }

    [Fact]
    public void Columns_of_levels_follow_a_codec_whose_columns_change()
    {
        var codec = new OneCodec();
        var columns = new LevelColumns(new("a/{pump}"), new([new TopicLevel("pump")]), codec);
        foreach (var channels in new[] { 1, 3, 2 })
        {
            codec.Channels = channels;
            using var batch = (Batch)columns.Decode(new("a/p", default), new(guard: true), out _)!;
            Assert.Equal((channels, 0), (batch.Schema.IndexOf("pump"), batch["pump"].Values<int>()[0]));
        }
    }

    [Fact]
    public void Levels_fill_a_batch_to_the_last_column_and_no_further()
    {
        var codec = new OneCodec { Channels = Schema.MaxColumns - 1 };
        var columns = new LevelColumns(new("a/{pump}"), new([new TopicLevel("pump")]), codec);
        using (var batch = (Batch)columns.Decode(new("a/p", default), new(guard: true), out _)!)
        {
            Assert.Equal(Schema.MaxColumns, batch.Columns.Count);
        }
        codec.Channels = Schema.MaxColumns;
        Assert.Null(columns.Decode(new("a/p", default), new(guard: true), out var reason));
        Assert.Equal("schema", reason);
    }

    private sealed class OneCodec : ICodec<Batch>
    {
        /// <summary>Columns of a batch; 0: that of a number.</summary>
        internal int Channels { get; set; }
        public string Name => "one/1";
        public void Encode(Batch value, System.Buffers.IBufferWriter<byte> buffer) => throw new NotSupportedException();

        public bool TryDecode(in System.Buffers.ReadOnlySequence<byte> bytes, BatchPool pool, out Batch value)
        {
            value = Channels == 0 ? Blocks.Number(pool, 1) : pool.Rent(Batches.Channels(Channels), 1);
            return true;
        }
    }
}
