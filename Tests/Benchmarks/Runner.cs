namespace Benchmarks;

/// <summary>The samples of one contender.</summary>
internal sealed record Series(Contender Contender, IReadOnlyList<Sample> Samples)
{
    internal double? Median => Samples.Count == 0 ? null : Measurement.Quantile(Samples.Select(s => s.Value), 0.5);
    internal double MedianCpu => Measurement.Quantile(Samples.Select(s => s.CpuValue), 0.5);
    internal double MedianAllocated => Measurement.Quantile(Samples.Select(s => s.AllocatedBytes), 0.5);

    /// <summary>Distance of the quartiles over the median.</summary>
    internal double Spread =>
        (Measurement.Quantile(Samples.Select(s => s.Value), 0.75) - Measurement.Quantile(Samples.Select(s => s.Value), 0.25))
            / Median!.Value;
}

/// <summary>Runs the contenders of a case in turns, so that what disturbs the machine disturbs all of them alike.</summary>
internal static class Runner
{
    /// <summary>Measures a case.</summary>
    /// <param name="entry">The case.</param>
    /// <param name="repeats">Repeats of each contender; null for the case's own number.</param>
    /// <returns>Ours, then the peers in their order.</returns>
    internal static IReadOnlyList<Series> Run(Case entry, int? repeats)
    {
        Contender[] contenders = [entry.Ours, .. entry.Peers.Select(p => p.Looked())];
        var samples = contenders.Select(_ => new List<Sample>()).ToArray();
        for (var repeat = entry.WarmsUp ? -1 : 0; repeat < (repeats ?? entry.Repeats); repeat++)
        {
            for (var i = 0; i < contenders.Length; i++)
            {
                if (contenders[i].Measure?.Invoke() is { } sample && repeat >= 0) { samples[i].Add(sample); }
            }
        }
        return [.. contenders.Zip(samples, (contender, taken) => new Series(contender, taken))];
    }
}
