namespace StreamLearn.Learning.Tests;

/// <summary>A probe of a training block with receipts, and what its aggregator sends it.</summary>
internal static class TrainUnderCredit
{
    internal const int Presences = 2;       // the port
    internal static readonly SoftmaxRegression Model = OneChannel.Model;

    /// <summary>Two rows make an update.</summary>
    internal static readonly TrainOptions EveryRow = new()
    {
        StartAfterRows = 1,
        BufferRows = 1,
        BatchRows = 1,
        StepsPerUpdate = 2,
        Epoch = 0,
    };

    private static readonly Schema Rows = OneChannel.Rows;

    internal static OperatorProbe Probe(TrainOptions options) => OperatorProbe.From<Batch>(
        (p, flow) => OperatorProbe.Use(flow.Train(Model, p.Input<Weights>("models"), p.Input<Receipt>("receipts"), options)
            .ControlledBy(p.Input<ConnectionChange>("connections"))), Rows);

    /// <summary>Sends rows one at a time, and makes the steps that they earn, as long as the block takes them.</summary>
    /// <returns>Rows that were taken.</returns>
    internal static int Learn(this OperatorProbe probe, int rows)
    {
        var taken = 0;
        for (; taken < rows && probe.Ready; taken++)
        {
            probe.Row();
            probe.Advance(TimeSpan.Zero);
        }
        return taken;
    }

    /// <summary>A probe that holds version 0 and has learned from rows.</summary>
    internal static OperatorProbe Begun(int rows, TrainOptions options)
    {
        var probe = Probe(options);
        probe.Control(Version(0));
        probe.Learn(rows);
        return probe;
    }

    /// <summary>Sends one row.</summary>
    internal static void Row(this OperatorProbe probe) => probe.Send(Batches.Of(probe.Pool, Rows, new float[] { 1 }, new int?[] { 1 }));
    internal static void Seconds(this OperatorProbe probe, double seconds) => probe.Advance(TimeSpan.FromSeconds(seconds));
    internal static Weights Version(long version, long epoch = 1) => Model.Initial with { Version = version, Epoch = epoch };

    /// <summary>An answer that names the version 0 of aggregator 1, or another.</summary>
    internal static Receipt Answer(ModelVersion? newest, params UpdateFate[] fates) => new()
    {
        Device = "probe",
        Epoch = 0,
        Aggregator = "edge",
        Newest = newest ?? new(1, 0),
        Fates = [.. fates],
    };

    internal static UpdateFate Held(long sequence) => new(sequence, UpdateOutcome.Held);
    internal static UpdateFate Applied(long sequence) => new(sequence, UpdateOutcome.Applied);
    internal static UpdateFate Refused(long sequence) => new(sequence, UpdateOutcome.Refused, "norm");

    internal static ConnectionChange Change(long connects, bool connected = true, bool kept = false, string? subscription = null) => new()
    {
        Transport = "edge",
        Session = subscription ?? "publications",
        Subscription = subscription,
        IsConnected = connected,
        Connects = connects,
        SessionKept = kept,
    };

    /// <summary>What the device has said of itself since it was last asked for.</summary>
    internal static List<(PresenceKind Kind, ModelVersion? Held)> Said(this OperatorProbe probe) =>
        [.. probe.TakeAll<Presence>(Presences).Select(p => (p.Kind, p.Held))];

    internal static long[] Sequences(this OperatorProbe probe) => [.. probe.TakeAll<WeightDelta>().Select(u => u.Sequence)];
}
