namespace StreamLearn.Tests;

/// <summary>Messages in a state that are no batches.</summary>
public sealed class SavedMessagesTests
{
    [Fact]
    public void A_publication_comes_back_as_it_was_without_its_envelope()
    {
        var options = new PublishOptions(new("pump/publish", 3, 2), Retain: true)
        {
            Codec = "rows/1",
            Kind = 7,
            Tags = new(Round: 1, BaseVersion: 2, SchemaHash: 3, EventTime: -4, TraceId: new(5, 6)),
            Properties = new() { User = [new("a", "b")], CorrelationData = new byte[] { 1 }, ResponseTopic = "r", ContentType = "t" },
        };
        var payload = new ArrayBufferWriter<byte>();
        payload.Write<byte>([9, 9, 1, 2, 3]);
        StateBuffer buffer = new();
        StateStream written = new(buffer);
        SavedPublication.State(ref written, new("sl/run/a", payload, options, 4) { HeaderBytes = 2 });

        StateStream read = new(buffer.Written, Pools.None);
        var saved = SavedPublication.State(ref read, null);

        Assert.True(read.HasEnded);
        Assert.Equal([1, 2, 3], saved.Payload.WrittenSpan.ToArray());
        Assert.Equal(("sl/run/a", 4, 3L, 0), (saved.Topic.Value, saved.Rows, saved.SizeBytes, saved.HeaderBytes));
        Assert.Equal(options with { Properties = null }, saved.Options with { Properties = null });
        Assert.Equal(options.Properties, saved.Options.Properties);
    }

    [Fact]
    public void A_dead_letter_comes_back_with_its_time_and_its_message()
    {
        var messages = new SavedMessages(Pipeline.Define("p", p => p.Input<string>("in").Discard()));
        var letter = new DeadLetter("block", "why", DateTimeOffset.UnixEpoch.AddSeconds(3), "text");
        StateBuffer buffer = new();
        StateStream written = new(buffer);
        messages.State(ref written, typeof(DeadLetter), Item.Of(letter, null, 1, 2));

        StateStream read = new(buffer.Written, Pools.None);
        var saved = messages.State(ref read, typeof(DeadLetter), default);

        Assert.True(read.HasEnded);
        var came = Assert.IsType<DeadLetter>(saved.Value);
        Assert.Equal((letter.Block, letter.Reason, letter.Time, letter.Item, 1L, 2L),
            (came.Block, came.Reason, came.Time, came.Item, saved.First, saved.Last));
    }
}
