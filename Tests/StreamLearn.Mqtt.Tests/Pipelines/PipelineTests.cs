using System.Collections.Concurrent;

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
            p.Subscribe<Kept>(transport, "plant/#", "kept/1", (message, _) => new(message.IsRetained))
                .ForEach("kept", k => kept.Add(k.IsRetained));
        }).Start(null, Cancellation);
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

    private static ValueTask PublishAsync(MqttTransport transport, string topic, float value, bool retain) => transport.PublishAsync(
        topic, new(BitConverter.GetBytes(value)), new(new("test", 0), retain), Cancellation);

    private sealed record Kept(bool IsRetained);
}
