using StreamLearn.Configuration;
using StreamLearn.Fleets;

namespace Aggregator;

/// <summary>The configuration of an aggregator program.</summary>
/// <param name="Link">The fleet and its server.</param>
/// <param name="IsBarrier">True: a version waits for every device; false: for as many updates as <paramref name="Updates"/> says.</param>
/// <param name="Updates">Updates of a version.</param>
/// <param name="Staleness">How fast an update loses weight with its age: the exponent of (1 + staleness).</param>
/// <param name="Window">Updates under way at most, of all devices.</param>
/// <param name="Lease">How long a device counts as there after its last word; null: until it leaves.</param>
/// <param name="Model">What is learned.</param>
internal sealed record AggregatorConfig(
    LinkConfig Link, bool IsBarrier, int Updates, double Staleness, int Window, TimeSpan? Lease, ModelConfig Model)
{
    /// <summary>Reads it.</summary>
    internal static AggregatorConfig Read(ConfigMap map)
    {
        var link = LinkConfig.Read(map);
        var model = ModelConfig.Read(map);
        return map.Section("aggregate", m =>
        {
            var (isBarrier, updates, staleness) = m["strategy"].OneOf<(bool, int, double)>(
                ("fedbuff", static s => (false, Count(s), s["staleness"].Number(0, 10).Or(1))),
                ("fedavg", static s => (true, Count(s), 0)))
                .Or((false, 10, 1));
            return new AggregatorConfig(link, isBarrier, updates, staleness, (int)m["window"].Whole(1, ushort.MaxValue).Or(256),
                m["lease"].Duration(TimeSpan.FromMilliseconds(300), TimeSpan.FromHours(24)).OrNull(), model);
        });
    }

    private static int Count(ConfigMap map) => (int)map["updates"].Whole(1, 10_000).Required();
}
