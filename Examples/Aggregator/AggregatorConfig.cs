using System.Collections.Immutable;
using StreamLearn.Aggregation;
using StreamLearn.Configuration;
using StreamLearn.Fleets;

namespace Aggregator;

/// <summary>The configuration of an aggregator program.</summary>
/// <param name="Link">The fleet and its server.</param>
/// <param name="Strategy">The strategy that it begins with.</param>
/// <param name="Others">Those that it can be told to go on with.</param>
/// <param name="Devices">Devices that are expected.</param>
/// <param name="UpdatesUnderWay">Updates that a device may have under way.</param>
/// <param name="Lease">How long a device counts as there after its last word.</param>
/// <param name="Model">What is learned.</param>
internal sealed record AggregatorConfig(
    LinkConfig Link, NamedStrategy Strategy, ImmutableArray<NamedStrategy> Others, int Devices, int UpdatesUnderWay, TimeSpan Lease,
    ModelConfig Model)
{
    /// <summary>Updates under way to it at most, K + k × devices: with fewer a device could wait for another's.</summary>
    internal int Window => Math.Min(ushort.MaxValue,
        Others.Append(Strategy).Max(static s => StrategyConfig.UpdatesOf(s.Strategy)) + (UpdatesUnderWay * Devices));

    /// <summary>Reads it.</summary>
    internal static AggregatorConfig Read(ConfigMap map)
    {
        var link = LinkConfig.Read(map);
        var model = ModelConfig.Read(map);
        return map.Section("aggregate", m =>
        {
            var strategy = StrategyConfig.Read(m["strategy"]);
            var others = m["switchable"].List(StrategyConfig.Read, 0, 16).Or([]);
            if (others.Append(strategy).DistinctBy(static s => s.Name).Count() <= others.Length)
            {
                m["switchable"].Refuse("expected strategies other than the one that it begins with, each once");
            }

            return new AggregatorConfig(link, strategy, others, (int)m["devices"].Whole(1, 16_384).Or(100),
                (int)m["updates_under_way"].Whole(1, 64).Or(2),
                m["lease"].Duration(TimeSpan.FromMilliseconds(300), TimeSpan.FromHours(24)).Or(TimeSpan.FromSeconds(6)), model);
        });
    }
}
