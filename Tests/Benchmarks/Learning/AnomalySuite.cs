namespace Benchmarks;

/// <summary>What a row costs under each rule that finds anomalies, in a block, in batches of 1,000 rows of 8 channels.</summary>
internal sealed class AnomalySuite : Suite
{
    private const int Channels = 8;
    private const int Rows = 1000;
    private const int Turns = 200;
    internal override string Name => "anomalies";

    internal override IReadOnlyList<Case> Cases { get; } =
    [
        Of("ewma", new EwmaZScore()), Of("window", new WindowZScore()), Of("t2", new HotellingT2()), Of("trees", new HalfSpaceTrees()),
        Of("centers", new CenterDistance()), Of("profile.1", new MatrixProfile()), Of("network", Autoencoder()),
    ];

    private static Case Of(string name, AnomalyRule rule) => new(name, "ns/row", new("streamlearn", () => Measure(rule)));

    private static Sample Measure(AnomalyRule rule)
    {
        var columns = StreamLearn.Testing.Batches.Channels(rule is MatrixProfile ? 1 : Channels);
        using var probe = OperatorProbe.From<Batch>((_, rows) => rows.DetectAnomalies(rule).Output("main"), columns, guard: false);
        using var rows = StreamLearn.Testing.Batches.Random(probe.Pool, columns, Rows, seed: 1);
        Judge(12);       // beyond what is learned from
        return Measurement.NanosecondsPer(Turns * Rows, () => Judge(Turns));

        void Judge(int turns)
        {
            for (var i = 0; i < turns; i++)
            {
                probe.Send(rows.Retain());
                probe.Take<Batch>().Dispose();
            }
        }
    }

    private static ReconstructionError Autoencoder()
    {
        var network = new Network(new(Channels), Channels, [new Dense(4), new Relu()], [new(1, new Dense(Channels))], seed: 1,
            objective: new SquaredError());
        return new(network, network.Initial);
    }
}
