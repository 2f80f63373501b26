using System.Collections.Immutable;
using StreamLearn.Models;

namespace Aggregator;

internal sealed record KeptModel(
    long Version, DateTimeOffset Created, long Bytes, string Sha256, ImmutableArray<string> Contributors, double? Accuracy);

/// <summary>Stores versions, immutable by number.</summary>
internal interface IModelStore : IAsyncDisposable
{
    /// <summary>The store's location, for display.</summary>
    string Place { get; }

    /// <summary>Keeps an existing version unchanged.</summary>
    Task AddAsync(Weights version, ImmutableArray<string> contributors, double? accuracy, CancellationToken cancellationToken);

    Task<IReadOnlyList<KeptModel>> ListAsync(CancellationToken cancellationToken);

    Task<byte[]> ReadAsync(long version, CancellationToken cancellationToken);
}
