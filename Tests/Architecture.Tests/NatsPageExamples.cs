using StreamLearn;
using StreamLearn.Formats;
using StreamLearn.Nats;

namespace Architecture.Tests;

/// <summary>C# of the page of StreamLearn.Nats, so that it is compiled.</summary>
internal static class NatsPageExamples
{
    internal static async Task<Pipeline> LineAsync()
    {
        await using var server = new NatsTransport(new()
        {
            Servers = [new("nats://edge-1"), new("nats://edge-2")],
            Keep = new() { Topics = ["plant/#", "sl/#"], Reader = "line-2" },       // in a stream; what waits is kept under this name
        });
        var rows = new JsonFormat(new() { Columns = [JsonColumn.Channel("x", "$.x", Unit.StandardGravity)] });

        var pipeline = Pipeline.Define("line-2", p => p
            .Subscribe(server, "plant/{site}/{pump}/vibration", rows, new() { Capacity = 128 })
            .Publish(server, "plant/line-2/checked", rows));
        return pipeline;
    }
}
