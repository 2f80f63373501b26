namespace Benchmarks;

/// <summary>What the kernel costs beside the work that it carries.</summary>
internal sealed class KernelSuite : Suite
{
    private const int SteadyRepeats = 41;       // the runtime is done with compiling after some twenty
    internal override string Name => "kernel";

    internal override IReadOnlyList<Case> Cases { get; } =
    [
        new("hop.dataflow", "ns/hop", new("streamlearn", Hops.Dataflow),
            new("transformblock", Hops.TransformBlocks), new("limit.channels", Hops.Channels)),
        new("hop.token", "ns/hop", new("streamlearn", Hops.WithToken), new Contender("limit.channels", Hops.Channels)),
        new("hop.inlet", "ns/message", new("streamlearn", Hops.Inlet), new Contender("limit.channels", Hops.OneChannel)),
        new("hop.simulation", "ns/hop", new("streamlearn", Hops.Simulation)),
        new("batch.rent", "ns/batch", new("streamlearn", Batches.RentAndDispose),
            new("arraypool", Batches.RentArray), new("memcpy", Batches.CopyBytes)),
        new("window", "Mrow/s", new("streamlearn", Rows.Window),
            new Contender("memcpy", Rows.CopyBytes)) { HigherIsBetter = true, Repeats = SteadyRepeats },
        new("standardize", "Mrow/s", new("streamlearn", Rows.Standardize),
            new Contender("memcpy", Rows.CopyBytes)) { HigherIsBetter = true, Repeats = SteadyRepeats },
        new("per-key.8192.rows4", "Mrow/s", new("streamlearn", Keys.FourRows),
            new Contender("limit.copy", Keys.LookUpAndCopy)) { HigherIsBetter = true },
        new("per-key.8192.rows1", "Mrow/s", new("streamlearn", Keys.OneRow),
            new Contender("limit.copy", Keys.LookUpAndCopy)) { HigherIsBetter = true },
        new("per-key.million", "Mrow/s", new("streamlearn", Keys.Million)) { HigherIsBetter = true },
        new("fleet.2000", "s", new("streamlearn", SimulatedFleet.Run)) { Repeats = 1, WarmsUp = false },
    ];
}
