using System.Text.Json;
using StreamLearn;

namespace Sensor;

/// <summary>What devices that leave layers to the aggregator know of their rounds. The aggregator makes their updates, and does not tell
/// what becomes of them.</summary>
internal static class SplitShown
{
    /// <summary>Writes it. <paramref name="training"/>: the block of each device that trains.</summary>
    internal static void Write(Utf8JsonWriter json, IReadOnlyList<BlockMetrics> training)
    {
        var layers = training.Where(static t => t.Gauges.ContainsKey("layers")).Select(static t => (int)t.Gauges["layers"]).ToList();
        if (layers.Count > 0)
        {
            json.WriteNumber("layers_here_fewest", layers.Min());
            json.WriteNumber("layers_here_most", layers.Max());
        }

        json.WriteNumber("rounds_void", training.Sum(static t => t.Counter("rounds-void")));
        json.WriteNumber("batches_repeated", training.Sum(static t => t.Counter("batches-repeated")));
    }
}
