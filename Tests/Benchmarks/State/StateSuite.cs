namespace Benchmarks;

/// <summary>What checkpoints cost: how long a run stands still, what that takes off its work, and how fast a state is written and taken
/// up.</summary>
internal sealed class StateSuite : Suite
{
    private const double PeriodSeconds = 1;

    /// <summary>A model of a million values.</summary>
    private static readonly Network Large = ReferenceModels.Mlp(2000, [500], 6);
    internal override string Name => "state";

    internal override IReadOnlyList<Case> Cases { get; } =
    [
        new("pause.device", "ms", new("streamlearn", StatePauses.OfDevice), new Contender("memcpy", StatePauses.CopyOfDevice)),
        new("pause.aggregator", "ms", new("streamlearn", () => StatePauses.OfAggregator(Large)),
            new Contender("memcpy", () => StatePauses.CopyOfAggregator(Large))),
        new("throughput.device", "row/s", new("streamlearn", () => DeviceRun.Measure(PeriodSeconds)),
            new Contender("no-checkpoints", () => DeviceRun.Measure(null))) { HigherIsBetter = true },
        new("save.aggregator", "MB/s", new("streamlearn", () => StateFiles.Save(Large)),
            new("memcpy.write", () => StateFiles.CopyAndWrite(Large, syncs: true)),
            new("memcpy.no-sync", () => StateFiles.CopyAndWrite(Large, syncs: false))) { HigherIsBetter = true },
        new("load.aggregator", "MB/s", new("streamlearn", () => StateFiles.Load(Large)),
            new Contender("read.memcpy", () => StateFiles.ReadAndCopy(Large))) { HigherIsBetter = true },
        new("allocated", "B", new("streamlearn", StateAllocations.OfCheckpoints),
            new Contender("limit.file-calls", StateAllocations.OfFileCalls)),
    ];
}
