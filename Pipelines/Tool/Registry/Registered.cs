using StreamLearn.Nats;

namespace Tool;

/// <summary>A version of a model, and whether it is the latest, or pinned. <paramref name="IsLatest"/> true: it is the latest of its model.
/// <paramref name="IsPinned"/> true: it stays the latest while higher ones are registered.</summary>
internal sealed record Registered(RegisteredModel Version, bool IsLatest, bool IsPinned)
{
    /// <summary>All versions of a registry, by model and number. <paramref name="model"/>: those of one model; null: of all.</summary>
    internal static async Task<IReadOnlyList<Registered>> ListAsync(
        ModelRegistry registry, string? model, CancellationToken cancellationToken)
    {
        List<Registered> all = [];
        foreach (var versions in (await registry.ListAsync(model, cancellationToken).ConfigureAwait(false)).GroupBy(static v => v.Model))
        {
            var latest = await registry.LatestAsync(versions.Key, cancellationToken).ConfigureAwait(false);
            var pinned = await registry.PinnedAsync(versions.Key, cancellationToken).ConfigureAwait(false);
            all.AddRange(versions.Select(v => new Registered(v, v.Version == latest?.Version, v.Version == pinned)));
        }

        return all;
    }

    /// <summary>One version; null: there is none such. <paramref name="number"/>: the version; null: the latest.</summary>
    internal static async Task<Registered?> FindAsync(
        ModelRegistry registry, string model, long? number, CancellationToken cancellationToken)
    {
        var latest = await registry.LatestAsync(model, cancellationToken).ConfigureAwait(false);
        var found = number is { } version ? await registry.GetAsync(model, version, cancellationToken).ConfigureAwait(false) : latest;
        if (found is null) { return null; }
        var pinned = await registry.PinnedAsync(model, cancellationToken).ConfigureAwait(false);
        return new(found, found.Version == latest?.Version, found.Version == pinned);
    }
}
