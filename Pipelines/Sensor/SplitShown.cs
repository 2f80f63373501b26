using System.Text.Json;
using StreamLearn;

namespace Sensor;

/// <summary>What devices that leave layers to the aggregator know of their rounds. The aggregator makes their updates, and does not tell
/// what becomes of them.</summary>
internal static class SplitShown
{
    /// <summary>Takes the newest windows of devices that lack the last layers out of a score: nobody there answers them.</summary>
    internal static void Look(OwnScore score, int layers, IEnumerable<(string Device, IReadOnlyDictionary<string, double> Gauges)> training)
    {
        foreach (var (device, gauges) in training)
        {
            if (gauges.TryGetValue("layers", out var here) && here < layers) { score.Forget(device); }
        }
    }

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
