using System.Text.Json;

namespace Sensor;

/// <summary>Shows the round status of devices with a split. The aggregator makes their updates and does not report outcomes.</summary>
internal static class SplitShown
{
    /// <summary>Excludes the newest windows of devices without the last layers, because nothing answers them on the device.</summary>
    internal static void Look(OwnScore score, int layers, IEnumerable<(string Device, IReadOnlyDictionary<string, double> Gauges)> training)
    {
        foreach (var (device, gauges) in training)
        {
            if (gauges.TryGetValue("layers", out var here) && here < layers) { score.Forget(device); }
        }
    }

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
