using System.Buffers;
using System.Collections.Concurrent;
using StreamLearn.Testing;

namespace StreamLearn.Mqtt.Tests;

/// <summary>Pipelines at a real server: what a message says beside its payload reaches them.</summary>
public sealed class PipelineTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Levels_of_topics_are_columns_and_what_was_kept_is_flagged()
    {
        await using var server = await Mosquitto.StartAsync();
        await using var transport = new MqttTransport(new() { Server = server.Uri });
        await PublishAsync(transport, "plant/north/p7/rows", 1, retain: true);
        var (rows, kept) = (new BlockingCollection<(float, int, int)>(), new BlockingCollection<bool>());
        var run = Pipeline.Define("reader", p =>
        {
            p.Subscribe(transport, "plant/{site}/{pump}/rows", RowCodec.Default).ForEach("rows", b =>
                rows.Add((b.Channels[0].Values<float>()[0], b["site"].Values<int>()[0], b["pump"].Values<int>()[0])));
            p.Subscribe<Kept>(transport, "plant/#", "kept/1", (in message, _) => new(message.IsRetained))
                .ForEach("kept", k => kept.Add(k.IsRetained));
        }).Start(null, TestContext.Current.CancellationToken);
        Assert.True(rows.TryTake(out var first, Patience));
        Assert.True(kept.TryTake(out var firstKept, Patience));

        await PublishAsync(transport, "plant/north/p2/rows", 2, retain: true);

        Assert.True(rows.TryTake(out var second, Patience));
        Assert.True(kept.TryTake(out var secondKept, Patience));
        Assert.Equal([(1f, 0, 0), (2f, 0, 1)], [first, second]);
        Assert.Equal([true, false], [firstKept, secondKept]);       // retained in passing is not old
        Assert.Equal(["p7", "p2"], run.LevelTexts("pump"));
        await run.DisposeAsync();
    }

    [Fact]
    public async Task The_librarys_own_topics_carry_an_envelope_and_others_do_not()
    {
        await using var server = await Mosquitto.StartAsync();
        await using var transport = new MqttTransport(new() { Server = server.Uri });
        foreach (var topic in new[] { "sl/line-2/pump-7/up/delta", "plant/p7" })
        {
            var messages = transport.SubscribeAsync(topic, new(), TestContext.Current.CancellationToken)
                .GetAsyncEnumerator(TestContext.Current.CancellationToken);
            var options = new PublishOptions(new("pump-7/publish", 8, 3)) { Codec = "delta/1", Tags = new(BaseVersion: 5) };
            await transport.PublishAsync(topic, new([1, 2, 3]), options, TestContext.Current.CancellationToken);

            Assert.True(await messages.MoveNextAsync().AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken));
            var message = messages.Current;
            var isOwn = topic.StartsWith("sl/", StringComparison.Ordinal);
            Assert.Equal([1, 2, 3], message.Payload.ToArray());
            Assert.Equal(isOwn ? options.Origin : new("", 0), message.Origin);
            Assert.Equal(isOwn, message.TryEnvelope(out var envelope));
            Assert.Equal(isOwn ? "line-2 delta/1 5" : "  ", $"{envelope.Run} {envelope.Codec} {envelope.Tags.BaseVersion}");
            message.Acknowledge();
            message.Dispose();
            await messages.DisposeAsync();
        }
    }

    private static ValueTask PublishAsync(MqttTransport transport, string topic, float value, bool retain) => transport.PublishAsync(
        topic, new(BitConverter.GetBytes(value)), new(new("test", 0), retain), TestContext.Current.CancellationToken);

    private sealed record Kept(bool IsRetained);
}
