namespace Benchmarks;

/// <summary>How long a run stands still for a checkpoint.</summary>
internal static class StatePauses
{
    private const int Checkpoints = 40;
    private static long _deviceBytes;
    private static long _aggregatorBytes;

    /// <summary>A device at full speed; the blocks work between any two checkpoints.</summary>
    internal static Sample OfDevice() => Measure(checkpoints => DeviceRun.Start(checkpoints), run =>
    {
        var rows = DeviceRun.Rows(run);
        while (DeviceRun.Rows(run) < rows + 1000) { Thread.Sleep(1); }
    }, out _deviceBytes);

    internal static Sample CopyOfDevice() => Copy(_deviceBytes);

    /// <summary>An aggregator at rest.</summary>
    internal static Sample OfAggregator(Network model) =>
        Measure(checkpoints => AggregatorRun.Start(model, checkpoints), static _ => { }, out _aggregatorBytes);

    internal static Sample CopyOfAggregator(Network model) => Copy(_aggregatorBytes);

    private static Sample Measure(Func<CheckpointOptions, PipelineRun> start, Action<PipelineRun> between, out long bytes)
    {
        using var folder = new TemporaryFolder();
        var run = start(new(folder.Path) { Every = Timeout.InfiniteTimeSpan });
        try
        {
            List<SavedCheckpoint> saved = [];
            for (var i = 0; i < Checkpoints + 2; i++)
            {
                between(run);
                var checkpoint = run.CheckpointAsync().GetAwaiter().GetResult();
                if (i >= 2) { saved.Add(checkpoint); }       // the first ones make the memory that the others use
            }
            bytes = saved[^1].SizeBytes;
            double Of(Func<SavedCheckpoint, TimeSpan> time, double share) =>
                Measurement.Quantile(saved.Select(s => time(s).TotalMilliseconds), share);
            var median = Of(static s => s.Paused, 0.5);
            return new(median, median, 0)
            {
                Details = new Dictionary<string, double>
                {
                    ["mib"] = bytes / 1048576.0,
                    ["pause_most"] = Of(static s => s.Paused, 1),
                    ["call_under_way_median"] = Of(static s => s.Waited, 0.5),
                    ["call_under_way_most"] = Of(static s => s.Waited, 1),
                    ["to_disk_median"] = Of(static s => s.Written, 0.5),
                    ["to_disk_most"] = Of(static s => s.Written, 1),
                },
            };
        }
        finally { run.DisposeAsync().AsTask().Wait(); }
    }

    private static Sample Copy(long bytes)
    {
        var (from, to) = (new byte[bytes], new byte[bytes]);
        from.CopyTo(to, 0);
        var sample = Measurement.NanosecondsPer(Checkpoints, () =>
        {
            for (var i = 0; i < Checkpoints; i++) { from.CopyTo(to, 0); }
        });
        return sample with { Value = sample.Value / 1e6, CpuValue = sample.CpuValue / 1e6 };
    }
}
