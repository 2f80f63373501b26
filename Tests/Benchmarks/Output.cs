using System.Text.Json.Nodes;

namespace Benchmarks;

/// <summary>Prints results: a table for people, or one JSON object per line and pair of case and peer.</summary>
internal sealed class Output(TextWriter writer, bool json)
{
    /// <summary>Prints the machine and the column heads.</summary>
    internal void Head()
    {
        if (json) { return; }
        writer.WriteLine(Machine.Describe());
        writer.WriteLine(
            "ratio above 1: ours is better; cpu: the same by processor time of the process; alloc: bytes per operation of the process");
        writer.WriteLine(
            $"{"case",-20} {"unit",-9} {"ours",10} {"spread",7} {"cpu",9} {"alloc",9}  {"peer",-16} {"theirs",10} {"cpu",9} "
                + $"{"alloc",9} {"ratio",7}");
    }

    /// <summary>Prints a case.</summary>
    internal void Write(Suite suite, Case entry, IReadOnlyList<Series> series)
    {
        var ours = series[0];
        var peers = series.Count == 1 ? [null] : series.Skip(1).ToArray<Series?>();
        foreach (var peer in peers) { writer.WriteLine(json ? Line(suite, entry, ours, peer).ToJsonString() : Row(entry, ours, peer)); }

        if (!json && ours.Samples[^1].Threads is { Count: > 1 } threads)
        {
            var all = threads.Sum(t => t.TotalSeconds);
            var shares = threads.Take(6).Select(t => (t.TotalSeconds / all).ToString("P0", CultureInfo.InvariantCulture));
            writer.WriteLine($"{"",-20} processor time by thread: {string.Join(", ", shares)}");
        }
        if (json) { return; }
        foreach (var one in series)
        {
            if (one.Samples.Count == 0 || one.Samples[^1].Details is not { } details) { continue; }
            var who = one == ours ? "" : $"{one.Contender.Name}: ";
            writer.WriteLine($"{"",-20} {who}{string.Join(", ", details.Select(d => $"{d.Key} {Number(d.Value)}"))}");
        }
    }

    private static JsonObject Line(Suite suite, Case entry, Series ours, Series? peer)
    {
        var line = new JsonObject
        {
            ["suite"] = suite.Name,
            ["case"] = entry.Name,
            ["unit"] = entry.Unit,
            ["ours"] = ours.Median,
            ["peer"] = peer?.Contender.Name,
            ["theirs"] = peer?.Median,
            ["ratio"] = Ratio(entry, ours, peer),
            ["spread"] = ours.Spread,
            ["alloc_bytes"] = ours.MedianAllocated,
        };
        if (peer?.Contender.Missing is { } reason) { line["reason"] = reason; }
        foreach (var (name, value) in DetailsOf(ours)) { line[name] = value; }
        foreach (var (name, value) in DetailsOf(peer)) { line[$"their_{name}"] = value; }
        return line;
    }

    private static IReadOnlyDictionary<string, double> DetailsOf(Series? series) =>
        series is { Samples.Count: > 0 } && series.Samples[^1].Details is { } details ? details : new Dictionary<string, double>();

    private static string Row(Case entry, Series ours, Series? peer)
    {
        var left = $"{entry.Name,-20} {entry.Unit,-9} {Number(ours.Median),10} "
            + $"{ours.Spread.ToString("P0", CultureInfo.InvariantCulture),7} {Number(ours.MedianCpu),9} {Number(ours.MedianAllocated),9}";
        return peer switch
        {
            null => left,
            { Median: null } => $"{left}  {peer.Contender.Name,-16} not installed: {peer.Contender.Missing}",
            _ => $"{left}  {peer.Contender.Name,-16} {Number(peer.Median),10} {Number(peer.MedianCpu),9} {Number(peer.MedianAllocated),9} "
                + $"{Number(Ratio(entry, ours, peer)),7}",
        };
    }

    private static double? Ratio(Case entry, Series ours, Series? peer) =>
        peer?.Median is not { } theirs ? null : entry.HigherIsBetter ? ours.Median / theirs : theirs / ours.Median;

    private static string Number(double? value) => value switch
    {
        null or double.NaN => "",
        0 => "0",
        _ when Math.Abs(value.Value) >= 1e6 => value.Value.ToString("#,0", CultureInfo.InvariantCulture),
        _ => value.Value.ToString(
            Math.Abs(value.Value) >= 100 ? "0" : Math.Abs(value.Value) >= 0.01 ? "0.00" : "0.#E-0", CultureInfo.InvariantCulture),
    };
}
