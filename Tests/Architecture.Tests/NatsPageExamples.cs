using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.KeyValueStore;
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
            .Subscribe(server, "plant/+/+/vibration", rows, new() { Capacity = 128 })
            .Publish(server, "plant/line-2/checked", rows));
        return pipeline;
    }

    internal static async Task PublishAsync(NatsTransport server, JsonFormat rows, string folder, CancellationToken stop)
    {
        var pump = Pipeline.Define("pump", p => p
            .From("sensor", rows.Schema!, static (Schema columns, OperatorContext context) => new Sensor(columns, context))   // ISeekable
            .Publish(server, "plant/north/p7/vibration", rows, new PublicationOptions { WithCheckpoint = true }));
        await using var run = pump.Start(new RunOptions { Checkpoints = new(folder), StartFrom = Checkpoint.Newest(folder) }, stop);
        await run.Completion;
    }

    internal static async Task OwnAsync(INatsConnection connection)
    {
        await using var server = new NatsTransport(connection, new NatsKeep { Topics = ["plant/#", "sl/#"], Reader = "line-2" });
    }

    internal static NatsOptions Login()
    {
        var options = new NatsOptions
        {
            Servers = [new("tls://edge-1")],
            Credentials = token => NatsCredentials.FromFileAsync("/etc/streamlearn/line-2.creds", token),
        };
        return options;
    }

    internal static async Task StreamsAsync(NatsTransport server, CancellationToken stop)
    {
        var streams = new NatsJSContext(server.Connection);
        await streams.CreateStreamAsync(new("ORDERS", ["orders.>"]), stop);
        var first = await streams.PublishAsync("orders.p7", "start", opts: new() { MsgId = "p7-1" }, cancellationToken: stop);
        first.EnsureSuccess();
    }

    internal static async Task<bool> SettingsAsync(INatsConnection connection, CancellationToken stop)
    {
        var stores = new NatsKVContext(new NatsJSContext(connection));
        var settings = await stores.CreateStoreAsync(new NatsKVConfig("settings") { History = 5 }, stop);
        var revision = await settings.PutAsync("p7.limit", "4.5", cancellationToken: stop);
        var updated = await settings.TryUpdateAsync("p7.limit", "5.0", revision, cancellationToken: stop);     // no success: changed since
        await foreach (var entry in settings.WatchAsync<string>("p7.*", cancellationToken: stop))
        {
            Console.WriteLine($"{entry.Key}: {entry.Value}");
        }

        return updated.Success;
    }

    internal static async Task<byte[]> ModelsAsync(INatsConnection connection, byte[] model, CancellationToken stop)
    {
        var registry = await ModelRegistry.OpenAsync(connection, stop);
        var version = await registry.AddAsync("pump", version: null, model, new() { Format = "safetensors", Contributors = ["p7"] }, stop);
        var latest = await registry.LatestAsync("pump", stop);
        var bytes = await registry.ReadAsync(latest ?? version, stop);
        await registry.PinAsync("pump", version.Version, stop);     // the fleet stays with it while newer ones are registered
        await registry.UnpinAsync("pump", stop);                    // the highest is the latest again
        return bytes;
    }

    internal static async Task LeadAsync(INatsConnection connection, Func<Pipeline> edge, CancellationToken stop)
    {
        LeadOptions options = new("line-2", Holder: "edge-1") { Lease = TimeSpan.FromSeconds(5) };
        await using var lead = await Lead.TakeAsync(
            connection, options, leader => Console.WriteLine($"stands by: {leader?.Holder ?? "nobody knows who"} leads"), time: null, stop);
        await using var run = edge().Start(new RunOptions
        {
            Checkpoints = new(lead.KeepAsync),
            StartFrom = lead.Newest,
            Epoch = lead.Epoch,
        }, lead.Lost);
        await run.Completion;           // canceled when another process has taken the lead: stand by again
    }

    /// <summary>Each reading can be made again.</summary>
    private sealed class Sensor(Schema columns, OperatorContext context) : Source<Batch>, ISeekable
    {
        private long _next;

        public override DateTimeOffset? NextAt => context.Started + (_next * TimeSpan.FromMilliseconds(10));

        public override Batch Next()
        {
            _next++;
            return context.Pool.Rent(columns, 1);
        }

        public void Seek(long messages) => _next = messages;
    }
}
