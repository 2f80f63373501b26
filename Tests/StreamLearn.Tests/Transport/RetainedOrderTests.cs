namespace StreamLearn.Tests;

public sealed class RetainedOrderTests
{
    [Fact]
    public async Task Retained_messages_come_in_the_order_of_their_topics()
    {
        var transport = new InProcessTransport();
        var topics = Enumerable.Range(0, 50).Select(i => $"model/{i:000}").ToList();
        foreach (var topic in topics.AsEnumerable().Reverse())
        {
            var options = new PublishOptions(new("test", 1), true);
            await transport.PublishAsync(topic, new ReadOnlySequence<byte>([1]), options, Cancellation);
        }
        var seen = new List<string>();
        await foreach (var message in transport.SubscribeAsync("model/#", new(), Cancellation))
        {
            seen.Add(message.Topic.Value);
            message.Dispose();
            if (seen.Count == topics.Count) { break; }
        }
        Assert.Equal(topics, seen);
    }
}
