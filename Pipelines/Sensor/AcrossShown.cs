using System.Globalization;
using StreamLearn.Models;

namespace Sensor;

/// <summary>Says where the layers of a device run, and why.</summary>
internal static class AcrossShown
{
    /// <summary>Returns a line such as <c>layer 1 here, 2 to 5 at the aggregator: 12 ms; all here 41 ms</c>.</summary>
    internal static string Of(RunMetrics? metrics, SensorOptions sensor) =>
        metrics is null ? "" : Of(metrics["infer-across"], ((Network)sensor.Model).Layers.Length, sensor.Across!.Cut);

    internal static string Of(BlockMetrics block, int layers, int? given)
    {
        if (block.Counter("edge-gone") > block.Counter("edge-there")) { return "all layers here: the aggregator does not answer"; }
        if (given is { } fix) { return $"{Range(fix, layers)} at the aggregator"; }
        if (!block.Gauges.TryGetValue("here-seconds", out var here)) { return "all layers here: the link is being measured"; }
        var cut = (int)block.Gauges["cut"];
        var (own, joules) = (Cost(here, block.Gauges["here-joules"]), block.Gauges["cut-joules"]);
        return cut == layers ? $"all layers here: {own}; with the aggregator {Cost(block.Gauges["edge-seconds"], 0)}"
            : $"{Range(cut, layers)} at the aggregator: {Cost(block.Gauges["cut-seconds"], joules)}; all here {own}";
    }

    private static string Range(int cut, int layers)
    {
        var here = cut == 0 ? "no layer here" : cut == 1 ? "layer 1 here" : FormattableString.Invariant($"layers 1 to {cut} here");
        return here + (cut + 1 == layers ? FormattableString.Invariant($", {layers}")
            : FormattableString.Invariant($", {cut + 1} to {layers}"));
    }

    private static string Cost(double seconds, double joules) =>
        Text(1e3 * seconds, "ms") + (joules > 0 ? $" and {Text(1e3 * joules, "mJ")}" : "");

    private static string Text(double value, string unit) =>
        string.Create(CultureInfo.InvariantCulture, $"{value.ToString(value < 100 ? "G2" : "F0", CultureInfo.InvariantCulture)} {unit}");
}
