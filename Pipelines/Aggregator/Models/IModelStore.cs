using System.Collections.Immutable;
using StreamLearn.Models;

namespace Aggregator;

/// <summary>A version of the fleet's model that was kept.</summary>
/// <param name="Version">The fleet's version.</param>
/// <param name="Created">When it was kept.</param>
/// <param name="Bytes">Bytes of its file.</param>
/// <param name="Sha256">Their SHA-256, in hexadecimal.</param>
/// <param name="Contributors">Devices of whose updates it and those since the kept one before were made.</param>
/// <param name="Accuracy">Accuracy on unseen rows; null: it was not judged.</param>
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
