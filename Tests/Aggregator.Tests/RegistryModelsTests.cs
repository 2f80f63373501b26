using NATS.Client.JetStream;
using StreamLearn.Models;

namespace Aggregator.Tests;

/// <summary>Versions in the registry of a real server.</summary>
public sealed class RegistryModelsTests
{
    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_registry_that_is_gone_as_after_a_start_with_an_empty_store_is_made_anew()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        var model = HarNetwork.Create(42);
        var connection = EdgeServer.OpenNatsClient(server.Uri, login: null);
        await using var store = new RegistryModels(connection, $"{server.Uri}", "plant", model, ModelCard.Empty);
        await store.AddAsync(model.Initial with { Version = 1 }, ["a"], accuracy: null, Stop);

        foreach (var stream in new[] { "KV_models", "OBJ_models" })
        {
            Assert.True(await new NatsJSContext(connection).DeleteStreamAsync(stream, Stop));
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        patience.CancelAfter(TimeSpan.FromSeconds(2));
        await Assert.ThrowsAnyAsync<Exception>(
            () => store.AddAsync(model.Initial with { Version = 2 }, ["a"], accuracy: null, patience.Token));
        await store.AddAsync(model.Initial with { Version = 3 }, ["a"], accuracy: null, Stop);
        Assert.Equal([3L], (await store.ListAsync(Stop)).Select(static v => v.Version));
    }
}
