namespace Benchmarks;

/// <summary>Bytes that a checkpoint allocates in steady state.</summary>
internal static class StateAllocations
{
    private const double Seconds = 2;
    private const int Times = 100;

    /// <summary>An aggregator at rest that is saved again and again.</summary>
    internal static Sample OfCheckpoints()
    {
        using var folder = new TemporaryFolder();
        var run = AggregatorRun.Start(HarNetwork.Create(), new(folder.Path) { Every = TimeSpan.FromMilliseconds(5) });
        try
        {
            while (!(run.LastCheckpoint?.Number > Times)) { Thread.Sleep(1); }
            var (before, allocated) = (run.LastCheckpoint!.Value.Number, GC.GetTotalAllocatedBytes(precise: true));
            Thread.Sleep(TimeSpan.FromSeconds(Seconds));
            allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
            var checkpoints = run.LastCheckpoint!.Value.Number - before;
            return Of(allocated, checkpoints) with { Details = new Dictionary<string, double> { ["checkpoints"] = checkpoints } };
        }
        finally { run.DisposeAsync().AsTask().Wait(); }
    }

    /// <summary>What .NET itself allocates to open, write, sync, close, rename and delete a file.</summary>
    internal static Sample OfFileCalls()
    {
        using var folder = new TemporaryFolder();
        var bytes = new byte[1000];
        void Write(int number)
        {
            var unfinished = Path.Join(folder.Path, "unfinished");
            using (var file = File.OpenHandle(unfinished, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read))
            {
                RandomAccess.Write(file, bytes, 0);
                RandomAccess.FlushToDisk(file);
            }
            File.Move(unfinished, Path.Join(folder.Path, $"checkpoint-{number:d12}"), overwrite: true);
            File.Delete(Path.Join(folder.Path, $"checkpoint-{number - 3:d12}"));
        }

        for (var i = 0; i < Times; i++) { Write(i); }
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = Times; i < 2 * Times; i++) { Write(i); }
        return Of(GC.GetTotalAllocatedBytes(precise: true) - allocated, Times);
    }

    private static Sample Of(long bytes, long checkpoints)
    {
        var each = (double)bytes / checkpoints;
        return new(each, each, each);
    }
}
