namespace Benchmarks;

/// <summary>What an aggregator's rounds cost, its sums, and the programs of a fleet from their start on.</summary>
internal sealed class AggregateSuite : Suite
{
    private const int Repeats = 5;
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Aggregate", "peers");
    private static readonly Peer Mean = new("numpy", () => Peers.Python("numpy", Path.Combine(Folder, "mean_peer.py")));
    private static readonly Peer Round = new("python", () => Peers.Python("numpy", Path.Combine(Folder, "round_peer.py")));
    private static readonly Contender Triad = new("limit.triad", MeanRun.Triad);
    internal override string Name => "aggregate";

    internal override IReadOnlyList<Case> Cases { get; } =
    [
        .. new[] { 20, 200, 2000 }.Select(Credit),
        new("mean.100x1M", "GB/s", new("streamlearn", MeanRun.Add), Triad,
            Python("numpy", "numpy"), Python("torch", "torch"), Python("flower", "flower"))
        {
            HigherIsBetter = true,
        },
        new("validated.100x1M", "GB/s", new("streamlearn", MeanRun.Validate), Triad, Python("numpy", "validated"))
        {
            HigherIsBetter = true,
        },
        new("round.5", "ms", new("streamlearn", () => FleetRounds.Measure(kept: false)),
            new("python.sockets", () => FleetRounds.Ask(Round, "sockets")) { Look = Round.Missing },
            new("python.nats", () => FleetRounds.AskOverNats(Round)) { Look = Round.Missing }) { Repeats = Repeats },
        new("round.5.kept", "ms", new("streamlearn", () => FleetRounds.Measure(kept: true))) { Repeats = Repeats },
        new("join.1000", "s", new("streamlearn", () => FleetJoin.Measure(1000))) { Repeats = Repeats, WarmsUp = false },
        Start("start.trimmed", "streamlearn-sensor"),
        Start("start.aot", Path.Combine("aot", "streamlearn-sensor")),
    ];

    /// <summary>A round whose updates are answered, beside one whose are not, and beside the receipts alone.</summary>
    private static Case Credit(int devices) => new($"credit.{devices}", "ns/round",
        new("streamlearn", () => CreditRounds.Measure(devices, receipts: true)),
        new("unanswered", () => CreditRounds.Measure(devices, receipts: false)),
        new("receipts.alone", () => CreditRounds.MeasureReceipts(devices)));

    /// <summary>A published sensor, from its start until it speaks to the server.</summary>
    private static Case Start(string name, string program) => new(name, "ms",
        new("streamlearn", () => SensorStart.Measure(program)), SensorStart.Import("torch"), SensorStart.Import("numpy"));

    private static Contender Python(string contender, string verb) => new(contender, () =>
    {
        var answer = Mean.Ask(verb);
        return new(MeanRun.GigabytesOfRound / (double)answer["wall"]!, MeanRun.GigabytesOfRound / (double)answer["cpu"]!, double.NaN);
    })
    {
        Look = () => Mean.Missing() ?? (verb == "torch" ? SensorStart.Import(verb).Look!() : null),
    };
}
