namespace Benchmarks;

/// <summary>How fast a state is written to disk and taken up, in megabytes per second.</summary>
internal static class StateFiles
{
    private const int Times = 20;
    private static long _bytes;

    /// <summary>From the pause to the file that is on disk under its name.</summary>
    internal static Sample Save(Network model)
    {
        using var folder = new TemporaryFolder();
        var run = AggregatorRun.Start(model, new(folder.Path) { Every = Timeout.InfiniteTimeSpan });
        try
        {
            _bytes = run.CheckpointAsync().GetAwaiter().GetResult().SizeBytes;
            return MegabytesPerSecond(() => run.CheckpointAsync().GetAwaiter().GetResult());
        }
        finally { run.DisposeAsync().AsTask().Wait(); }
    }

    /// <summary>The same bytes, copied in memory and written to a file, which is renamed.</summary>
    internal static Sample CopyAndWrite(Network model, bool syncs)
    {
        using var folder = new TemporaryFolder();
        var (from, to) = (new byte[BytesOf(model)], new byte[BytesOf(model)]);
        return MegabytesPerSecond(() =>
        {
            from.CopyTo(to, 0);
            var unfinished = Path.Join(folder.Path, "unfinished");
            using (var file = File.OpenHandle(unfinished, FileMode.Create, FileAccess.Write))
            {
                RandomAccess.Write(file, to, 0);
                if (syncs) { RandomAccess.FlushToDisk(file); }
            }
            File.Move(unfinished, Path.Join(folder.Path, "whole"), overwrite: true);
        });
    }

    /// <summary>From the file to a run that goes on from it, with the start of the run.</summary>
    internal static Sample Load(Network model)
    {
        using var folder = new TemporaryFolder();
        var options = new CheckpointOptions(folder.Path) { Every = Timeout.InfiniteTimeSpan };
        var first = AggregatorRun.Start(model, options);
        _bytes = first.CheckpointAsync().GetAwaiter().GetResult().SizeBytes;
        first.DisposeAsync().AsTask().Wait();
        var pipeline = AggregatorRun.Define(model);
        PipelineRun? run = null;
        return MegabytesPerSecond(
            () => run = pipeline.Start(new() { StartFrom = Checkpoint.Newest(folder.Path) }),
            () => run!.DisposeAsync().AsTask().Wait());
    }

    /// <summary>The same bytes, read from a file and copied.</summary>
    internal static Sample ReadAndCopy(Network model)
    {
        using var folder = new TemporaryFolder();
        var path = Path.Join(folder.Path, "whole");
        File.WriteAllBytes(path, new byte[BytesOf(model)]);
        return MegabytesPerSecond(() =>
        {
            var bytes = File.ReadAllBytes(path);
            bytes.CopyTo(new byte[bytes.Length], 0);
        });
    }

    private static long BytesOf(Network model)
    {
        if (_bytes == 0) { Load(model); }
        return _bytes;
    }

    private static Sample MegabytesPerSecond(Action work, Action? after = null)
    {
        List<Sample> samples = [];
        for (var i = 0; i < Times; i++)
        {
            samples.Add(Measurement.Seconds(work));
            after?.Invoke();
        }

        double Of(Func<Sample, double> value) => Measurement.Quantile(samples.Select(value), 0.5);
        return new(_bytes / 1e6 / Of(static s => s.Value), _bytes / 1e6 / Of(static s => s.CpuValue), Of(static s => s.AllocatedBytes));
    }
}
