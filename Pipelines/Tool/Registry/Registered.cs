using StreamLearn.Nats;

namespace Tool;

/// <summary><paramref name="IsPinned"/>: true if it stays the latest while higher versions are registered. <paramref name="IsBest"/>: true
/// for the highest accuracy, the newest on a tie.</summary>
internal sealed record Registered(RegisteredModel Version, bool IsLatest, bool IsPinned, bool IsBest)
{
    private static RegisteredModel? BestOf(IEnumerable<RegisteredModel> versions) => versions
        .Where(static v => v.Lineage.Metrics.ContainsKey("accuracy")).MaxBy(static v => (v.Lineage.Metrics["accuracy"], v.Version));

    /// <summary>Lists versions by model and number. <paramref name="model"/>: null: all.</summary>
    internal static async Task<IReadOnlyList<Registered>> ListAsync(
        ModelRegistry registry, string? model, CancellationToken cancellationToken)
    {
        List<Registered> all = [];
        foreach (var versions in (await registry.ListAsync(model, cancellationToken).ConfigureAwait(false)).GroupBy(static v => v.Model))
        {
            var latest = await registry.LatestAsync(versions.Key, cancellationToken).ConfigureAwait(false);
            var pinned = await registry.PinnedAsync(versions.Key, cancellationToken).ConfigureAwait(false);
            var best = BestOf(versions)?.Version;
            all.AddRange(versions.Select(v => new Registered(v, v.Version == latest?.Version, v.Version == pinned, v.Version == best)));
        }

        return all;
    }

    /// <summary><paramref name="number"/>: null for the latest. Returns null if there is none.</summary>
    internal static async Task<Registered?> FindAsync(
        ModelRegistry registry, string model, long? number, CancellationToken cancellationToken)
    {
        var latest = await registry.LatestAsync(model, cancellationToken).ConfigureAwait(false);
        var found = number is { } version ? await registry.GetAsync(model, version, cancellationToken).ConfigureAwait(false) : latest;
        if (found is null) { return null; }
        var pinned = await registry.PinnedAsync(model, cancellationToken).ConfigureAwait(false);
        var best = BestOf(await registry.ListAsync(model, cancellationToken).ConfigureAwait(false))?.Version;
        return new(found, found.Version == latest?.Version, found.Version == pinned, found.Version == best);
    }
}
