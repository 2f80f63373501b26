namespace FleetProcess;

/// <summary>What the processes of split training and their tests agree on. Tests are built with this file, too.</summary>
internal static class SplitTopics
{
    internal const string Aggregator = "aggregator";
    internal const string Versions = "sl/split/aggregator/down/all/model";
    internal const string Plans = "sl/split/aggregator/down/all/plan";
    internal const string Updates = "sl/split/+/up/delta";
    internal const string Links = "sl/split/+/up/link";
    internal const string Probes = "sl/split/+/up/probe";

    /// <summary>Microseconds that a device takes for a row and layer, as it says. An edge is as fast as the fast one.</summary>
    internal const int Slow = 100_000, Fast = 10;

    /// <summary>Bits a second of a link that is played, and what it drops to.</summary>
    internal const double Usual = 50e6, Drop = 1e6;

    internal static readonly TopicTemplate Batches = new("sl/split/{edge}/down/batch");
    internal static readonly TopicTemplate Gradients = new("sl/split/{device}/down/gradient");
    internal static readonly TopicTemplate Sessions = new("sl/split/{edge}/down/session");
    internal static readonly TopicTemplate Echoes = new("sl/split/{device}/down/echo");

    internal static Network Network { get; } = StreamLearn.Samples.HarNetwork.Create(seed: 3);

    internal static int Layers => Network.Layers.Length;

    /// <summary>How all train. What the server lays aside for a second after a kill comes before a batch is sent again.</summary>
    internal static SplitTrainOptions Training(int roundBatches) => new()
    {
        Optimizer = new Sgd(0.05f, Momentum: 0.9f, ClipNorm: float.PositiveInfinity),
        BatchRows = 8,
        RoundBatches = roundBatches,
        GradientTimeout = TimeSpan.FromSeconds(3),
    };

    internal static string BatchesOf(string edge) => $"sl/split/{edge}/down/batch";

    internal static string GradientsOf(string device) => $"sl/split/{device}/down/gradient";

    internal static string SessionsOf(string edge) => $"sl/split/{edge}/down/session";
}
