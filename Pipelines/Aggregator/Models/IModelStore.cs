using System.Collections.Immutable;
using StreamLearn.Models;

namespace Aggregator;

/// <summary>A version of the fleet's model that was kept.</summary>
internal sealed record KeptModel(
    long Version, DateTimeOffset Created, long Bytes, string Sha256, ImmutableArray<string> Contributors, double? Accuracy);

/// <summary>Where versions of the model are kept: each number once, with the same bytes for ever.</summary>
internal interface IModelStore : IAsyncDisposable
{
    /// <summary>Where that is, for people.</summary>
    string Place { get; }

    /// <summary>Keeps a version; one that is there already stays as it is.</summary>
    Task AddAsync(Weights version, ImmutableArray<string> contributors, double? accuracy, CancellationToken cancellationToken);

    /// <summary>Those that are kept, by number.</summary>
    Task<IReadOnlyList<KeptModel>> ListAsync(CancellationToken cancellationToken);

    /// <summary>The bytes of the file of one that is kept.</summary>
    Task<byte[]> ReadAsync(long version, CancellationToken cancellationToken);
}
