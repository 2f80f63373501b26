using System.Collections.Concurrent;

namespace StreamLearn.Mqtt.Tests;

/// <summary>What pipelines publish beside their payloads, at a real server.</summary>
public sealed class PropertiesTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task An_answer_carries_the_correlation_data_of_its_question()
    {
        await using var server = await Mosquitto.StartAsync();
        await using var transport = new MqttTransport(new() { Server = server.Uri });
        await using var asker = new MqttTransport(new() { Server = server.Uri });
        var answers = new BlockingCollection<MessageProperties?>();
        await using var listening = Pipeline.Define("asker", p => p
            .Subscribe<Question>(asker, "answers", "question/1", (message, _) => new("", message.Properties))
            .ForEach("answers", q => answers.Add(q.Properties))).Start(null, Cancellation);
        await using var answering = Pipeline.Define("answerer", p => p
            .Subscribe<Question>(transport, "questions", "question/1",
                (message, _) => new(Encoding.UTF8.GetString(message.Payload), message.Properties))
            .Publish(transport, "answers", new TextCodec(), q => new()
            {
                CorrelationData = q.Properties!.CorrelationData,
                ContentType = "text/plain",
                User = [new("to", q.Text)],
            })).Start(null, Cancellation);
        await Long.UntilAsync(() => asker.Status.Subscriptions.Length + transport.Status.Subscriptions.Length == 2, () => "none");
        await asker.PublishAsync("ready", default, new(new("asker", 0)), Cancellation);      // it is subscribed
        foreach (var (text, number) in new (string, byte)[] { ("a", 1), ("b", 2) })
        {
            var options = new PublishOptions(new("asker", number)) { Properties = new() { CorrelationData = new[] { number } } };
            await transport.PublishAsync("questions", new(Encoding.UTF8.GetBytes(text)), options, Cancellation);
            Assert.True(answers.TryTake(out var answer, Patience));
            Assert.Equal(new() { CorrelationData = new[] { number }, ContentType = "text/plain", User = [new("to", text)] }, answer);
        }
    }

    [Fact]
    public async Task Each_property_travels_alone()
    {
        await using var server = await Mosquitto.StartAsync();
        await using var transport = new MqttTransport(new() { Server = server.Uri });
        await using var messages = transport.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        foreach (var properties in new MessageProperties?[]
        {
            null,
            new() { ContentType = "text/plain" },
            new() { ResponseTopic = "answers" },
            new() { CorrelationData = new byte[] { 0, 255 } },
            new() { User = [new("b", "1"), new("", ""), new("B", "2"), new("b", "3")] },
        })
        {
            await transport.PublishAsync("a", default, new(new("a", 0)) { Properties = properties }, Cancellation);
            Assert.True(await messages.MoveNextAsync());
            Assert.Equal(properties, messages.Current.Properties);
            messages.Current.Acknowledge();
            messages.Current.Dispose();
        }
    }

    [Theory, InlineData("answers/+"), InlineData("answers/#")]
    public async Task A_response_topic_with_wildcards_is_refused_at_once(string topic)
    {
        await using var transport = new MqttTransport(new() { Server = new("mqtt://nowhere.invalid") });
        var options = new PublishOptions(new("asker", 0)) { Properties = new() { ResponseTopic = topic } };
        await Assert.ThrowsAsync<ArgumentException>(async () => await transport.PublishAsync("questions", default, options, Cancellation));
    }

    private sealed record Question(string Text, MessageProperties? Properties);

    private sealed class TextCodec : ICodec<Question>
    {
        public string Name => "text/1";
        public void Encode(Question value, IBufferWriter<byte> buffer) => buffer.Write(Encoding.UTF8.GetBytes(value.Text));

        public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, out Question value)
        {
            value = new(Encoding.UTF8.GetString(bytes), null);
            return true;
        }
    }
}
