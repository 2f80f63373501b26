using NATS.Client.Core;
using NATS.Client.KeyValueStore;
using NATS.Client.ObjectStore;

namespace StreamLearn.Nats.Tests;

/// <summary>A server for one test, and a connection to it.</summary>
public abstract class RegistryServer : IAsyncLifetime
{
    private protected RealNats Server { get; private set; } = null!;
    private protected INatsConnection Connection { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await StartAsync();
        Connection = Registries.Open(Server.Uri);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Connection.DisposeAsync();
        await Server.DisposeAsync();
    }
}

/// <summary>What tests of a registry have in common: the official client, and the stores below the registry.</summary>
internal static class Registries
{
    internal static NATS.Client.Core.NatsConnection Open(params Uri[] servers) => new(new NatsOptions
    {
        Servers = [.. servers],
        InitialReconnectDelay = TimeSpan.FromMilliseconds(20),
        MaxReconnectDelay = TimeSpan.FromMilliseconds(100),
    }.ToNatsOpts());

    internal static Task<ModelRegistry> RegistryAsync(INatsConnection connection) =>
        ModelRegistry.OpenAsync(connection, Cancellation);

    internal static async Task<INatsKVStore> BucketAsync(INatsConnection connection) =>
        await new NatsKVContext(new NatsJSContext(connection)).GetStoreAsync("models", Cancellation);

    internal static async Task<INatsObjStore> ObjectsAsync(INatsConnection connection) =>
        await new NatsObjContext(new NatsJSContext(connection)).GetObjectStoreAsync("models", Cancellation);

    internal static async Task<INatsJSStream> StreamAsync(INatsConnection connection, string stream) =>
        await new NatsJSContext(connection).GetStreamAsync(stream, cancellationToken: Cancellation);

    /// <summary>The messages of a stream; asked again while the server is away.</summary>
    internal static async Task<long> MessagesAsync(INatsConnection connection, string stream)
    {
        while (true)
        {
            try { return (await StreamAsync(connection, stream)).Info.State.Messages; }
            catch (Exception e) when (e is NatsException or OperationCanceledException) { Cancellation.ThrowIfCancellationRequested(); }
        }
    }

    internal static async Task<PubAckResponse> PublishAsync(INatsConnection connection, string subject, byte[] payload) =>
        await new NatsJSContext(connection).PublishAsync(
            subject, payload, NatsRawSerializer<byte[]>.Default, cancellationToken: Cancellation);

    internal static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    internal static Task<RegisteredModel> AddAsync(ModelRegistry registry, string model, long? version, string content) =>
        registry.AddAsync(model, version, Bytes(content), new(), Cancellation);

    internal static string Shown(RegisteredModel version) => FormattableString.Invariant($"{version.Model} {version.Version}");

    internal static async Task<string?> LatestAsync(ModelRegistry registry, string model) =>
        await registry.LatestAsync(model, Cancellation) is { } latest ? Shown(latest) : null;

    internal static async Task<string> ReadAsync(ModelRegistry registry, RegisteredModel version) =>
        Encoding.UTF8.GetString(await registry.ReadAsync(version, Cancellation));

    internal static async Task<string> NextAsync(IAsyncEnumerator<RegisteredModel> versions)
    {
        Assert.True(await Patiently(versions.MoveNextAsync().AsTask()));
        return Shown(versions.Current);
    }
}
