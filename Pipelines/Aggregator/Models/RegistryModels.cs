using System.Collections.Immutable;
using NATS.Client.Core;
using StreamLearn.Models;
using StreamLearn.Nats;

namespace Aggregator;

/// <summary>Stores versions in the registry under the fleet's name.</summary>
internal sealed class RegistryModels(INatsConnection connection, string server, string fleet, IModel model, ModelCard card)
    : IModelStore
{
    private ModelRegistry? _registry;

    public string Place => $"model '{fleet}' of the registry at {server}";

    public async Task AddAsync(
        Weights version, ImmutableArray<string> contributors, double? accuracy, CancellationToken cancellationToken)
    {
        var lineage = new ModelLineage
        {
            Contributors = contributors,
            Metrics = accuracy is { } value ? ImmutableSortedDictionary<string, double>.Empty.Add("accuracy", value)
                : ImmutableSortedDictionary<string, double>.Empty,
            Format = "safetensors",
        };
        var registry = await OpenAsync(cancellationToken).ConfigureAwait(false);
        _registry = null;       // reopened after a failure: the server may have restarted with an empty store
        var content = ModelFile.Save(model, version, FolderModels.Card(card, version, contributors, accuracy));
        await registry.AddAsync(fleet, version.Version, content, lineage, cancellationToken)
            .ConfigureAwait(false);
        _registry = registry;
    }

    public async Task<IReadOnlyList<KeptModel>> ListAsync(CancellationToken cancellationToken)
    {
        var registry = await ModelRegistry.FindAsync(connection, ModelRegistry.DefaultName, cancellationToken).ConfigureAwait(false);
        if (registry is null) { return []; }
        var versions = await registry.ListAsync(fleet, cancellationToken).ConfigureAwait(false);
        return [.. versions.Select(static v => new KeptModel(v.Version, v.Created, v.Bytes, v.Sha256, v.Lineage.Contributors,
            v.Lineage.Metrics.TryGetValue("accuracy", out var accuracy) ? accuracy : null))];
    }

    public async Task<byte[]> ReadAsync(long version, CancellationToken cancellationToken)
    {
        var registry = await OpenAsync(cancellationToken).ConfigureAwait(false);
        var kept = await registry.GetAsync(fleet, version, cancellationToken).ConfigureAwait(false)
            ?? throw new FileNotFoundException($"version {version} is not in {Place}");
        return await registry.ReadAsync(kept, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private async Task<ModelRegistry> OpenAsync(CancellationToken cancellationToken) => _registry ??
        await ModelRegistry.OpenAsync(connection, cancellationToken).ConfigureAwait(false);
}
