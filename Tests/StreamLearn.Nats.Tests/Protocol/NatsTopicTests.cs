using System.Text;
using StreamLearn.Testing;

namespace StreamLearn.Nats.Tests;

public sealed class NatsTopicTests
{
    private static readonly string[] Pieces =
        ["a", "/", "/", ".", " ", "*", ">", "%", "%2E", "\t", "\u0085", "\u007F", "ü", "\U0001F600", "$", "{x}", "\u2028"];

    [Fact]
    public void Every_topic_has_a_subject_that_leads_back()
    {
        var random = new RandomStream(1, "topics");
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.NextInt32(12) + 1).Select(_ => Pieces[random.NextInt32(Pieces.Length)]));
            var subject = Encoding.UTF8.GetBytes(NatsTopic.ToSubject(text));

            Assert.Null(NatsSubject.PublishFault(subject));
            Assert.True(NatsTopic.TryToTopic(subject, out var topic) && topic.Value == text, text);
        }
    }

    [Fact]
    public void A_filter_that_takes_its_parent_has_two_subjects()
    {
        Assert.Equal(("a.>", "a"), NatsTopic.Subscription("a/#"));
        Assert.Equal((">", null), NatsTopic.Subscription("#"));
        Assert.Equal(("*.%.b%2Ec", null), NatsTopic.Subscription("+//b.c"));
    }

    [Fact]
    public void A_message_is_read_and_written_without_allocation()
    {
        var bytes = NatsReading.Bytes("HMSG a 1 17 18\r\nNATS/1.0\r\nk:v\r\n\r\nx\r\nPING\r\n");
        var output = new System.Buffers.ArrayBufferWriter<byte>(4096);
        var payload = new System.Buffers.ReadOnlySequence<byte>(new byte[64]);
        Assert.Equal(0, Allocations.Least(() =>
        {
            _ = NatsCutter.Next(bytes, 100, out _, out var consumed, out _);
            _ = NatsCutter.Next(bytes.AsSpan(consumed), 100, out _, out _, out _);
            output.ResetWrittenCount();
            NatsWriter.Publish(output, new() { Subject = "a.b"u8, Payload = payload }, 1000);
        }));
    }
}
