namespace StreamLearn.Programs;

/// <summary>The topics of a fleet: <c>sl/run/node/direction/kind</c>.</summary>
/// <param name="Run">What all of them begin with, such as <c>sl/quickstart</c>.</param>
public sealed record FleetTopics(string Run)
{
    /// <summary>The aggregator's name, and that of its pipeline.</summary>
    public const string Aggregator = "aggregator";

    /// <summary>Stands for all devices in the topic where the newest version is kept.</summary>
    private const string Everybody = "all";

    /// <summary>The updates of all devices. Each carries the owner of its topic, so that a broker's rights guard its name.</summary>
    public Topic Deltas => $"{Run}/{{device}}/up/delta";

    /// <summary>Updates in pieces of all devices, each with the owner of its topic.</summary>
    public Topic Pieces => $"{Run}/{{device}}/up/piece";

    /// <summary>What all devices say of themselves, each with the owner of its topic.</summary>
    public Topic Presences => $"{Run}/{{device}}/up/presence";

    /// <summary>How devices answered their own rows, each with the owner of its topic.</summary>
    public Topic Scores => $"{Run}/{{device}}/up/score";

    /// <summary>What all devices in split training send, each with the owner of its topic.</summary>
    public Topic Activations => $"{Run}/{{device}}/up/activation";

    /// <summary>What all devices ask that answer together with the aggregator, each with the owner of its topic.</summary>
    public Topic RestRequests => $"{Run}/{{device}}/up/rest";

    /// <summary>Answers to that, each to the device that is named in the message.</summary>
    public TopicTemplate Rests => new($"{Run}/{Aggregator}/down/{{device}}/rest");

    /// <summary>What the rows of devices are usually like, as each tells the others.</summary>
    public Topic Moments => $"{Run}/+/up/moments";

    /// <summary>What devices in split training know of their links.</summary>
    public Topic Links => $"{Run}/+/up/link";

    /// <summary>The probes of links of all devices.</summary>
    public Topic Probes => $"{Run}/+/up/probe";

    /// <summary>Answers in split training, each to the device that is named in the message.</summary>
    public TopicTemplate Gradients => new($"{Run}/{Aggregator}/down/{{device}}/gradient");

    /// <summary>Echoes of probes, each to the device that is named in the message.</summary>
    public TopicTemplate Echoes => new($"{Run}/{Aggregator}/down/{{device}}/echo");

    /// <summary>The block that takes updates.</summary>
    internal string DeltasBlock => $"subscribe {Run}/+/up/delta";

    /// <summary>The block that takes what devices say of themselves.</summary>
    internal string PresencesBlock => $"subscribe {Run}/+/up/presence";

    /// <summary>The block that takes how devices answered.</summary>
    internal string ScoresBlock => $"subscribe {Run}/+/up/score";

    /// <summary>Where the newest version is kept for those who come later.</summary>
    public Topic Newest => Down(Everybody, "model");

    /// <summary>Versions, each to the device that is named in the message.</summary>
    public TopicTemplate Models => new($"{Run}/{Aggregator}/down/{{device}}/model");

    /// <summary>Receipts, each to the device that is named in the message.</summary>
    public TopicTemplate Receipts => new($"{Run}/{Aggregator}/down/{{device}}/receipt");

    /// <summary>The rows of a device's sensor.</summary>
    /// <param name="device">The device; any text.</param>
    public Topic RowsOf(string device) => $"{Run}/{Topic.Escape(device)}/rows";

    /// <summary>Versions that all devices give back, each with the owner of its topic.</summary>
    public Topic Offers => $"{Run}/{{device}}/up/model";

    /// <summary>Versions that a device gives back.</summary>
    /// <param name="device">The device; any text.</param>
    public Topic OffersOf(string device) => $"{Run}/{Topic.Escape(device)}/up/model";

    /// <summary>The updates of a device.</summary>
    /// <param name="device">The device; any text.</param>
    public Topic DeltasOf(string device) => $"{Run}/{Topic.Escape(device)}/up/delta";

    /// <summary>The updates of a device that go in pieces.</summary>
    /// <param name="device">The device; any text.</param>
    public Topic PiecesOf(string device) => $"{Run}/{Topic.Escape(device)}/up/piece";

    /// <summary>What a device says of itself.</summary>
    /// <param name="device">The device; any text.</param>
    public Topic PresencesOf(string device) => $"{Run}/{Topic.Escape(device)}/up/presence";

    /// <summary>How a device answered its own rows.</summary>
    /// <param name="device">The device; any text.</param>
    public Topic ScoresOf(string device) => $"{Run}/{Topic.Escape(device)}/up/score";

    /// <summary>Versions for a device.</summary>
    /// <param name="device">The device; any text.</param>
    public Topic ModelsOf(string device) => Down(Topic.Escape(device), "model");

    /// <summary>What has become of a device's updates.</summary>
    /// <param name="device">The device; any text.</param>
    public Topic ReceiptsOf(string device) => Down(Topic.Escape(device), "receipt");

    /// <summary>What the rows of a device are usually like.</summary>
    /// <param name="device">The device; any text.</param>
    public Topic MomentsOf(string device) => $"{Run}/{Topic.Escape(device)}/up/moments";

    /// <summary>What a device in split training sends.</summary>
    /// <param name="device">The device; any text.</param>
    public Topic ActivationsOf(string device) => $"{Run}/{Topic.Escape(device)}/up/activation";

    /// <summary>What a device is answered in split training.</summary>
    /// <param name="device">The device; any text.</param>
    public Topic GradientsOf(string device) => Down(Topic.Escape(device), "gradient");

    /// <summary>What a device asks that answers together with the aggregator.</summary>
    /// <param name="device">The device; any text.</param>
    public Topic RestRequestsOf(string device) => $"{Run}/{Topic.Escape(device)}/up/rest";

    /// <summary>What it is answered.</summary>
    /// <param name="device">The device; any text.</param>
    public Topic RestsOf(string device) => Down(Topic.Escape(device), "rest");

    /// <summary>What a device knows of its link.</summary>
    /// <param name="device">The device; any text.</param>
    public Topic LinksOf(string device) => $"{Run}/{Topic.Escape(device)}/up/link";

    /// <summary>The probes of a device's link.</summary>
    /// <param name="device">The device; any text.</param>
    public Topic ProbesOf(string device) => $"{Run}/{Topic.Escape(device)}/up/probe";

    /// <summary>The echoes of these.</summary>
    /// <param name="device">The device; any text.</param>
    public Topic EchoesOf(string device) => Down(Topic.Escape(device), "echo");

    /// <summary>What people tell the aggregator: with which strategy to go on.</summary>
    public Topic Choices => $"{Run}/console/up/strategy";

    /// <summary>What people tell the aggregator: which device to forget.</summary>
    public Topic Forgotten => $"{Run}/console/up/forget";

    /// <summary>What people tell devices: of which class their rows were.</summary>
    public Topic Labels => $"{Run}/console/up/label";

    /// <summary>Versions in use, to be kept.</summary>
    public Topic InUse => Down(Everybody, "in-use");

    /// <summary>What the fleet's model takes and answers, kept for who checks a file.</summary>
    public Topic Signature => Down(Everybody, "signature");

    /// <summary>What the models of devices take and answer.</summary>
    public Topic Signatures => $"{Run}/+/up/signature";

    /// <summary>What the model of a device takes and answers.</summary>
    /// <param name="device">The device; any text.</param>
    public Topic SignatureOf(string device) => $"{Run}/{Topic.Escape(device)}/up/signature";

    /// <summary>What a participant writes down.</summary>
    /// <param name="participant">The participant; any text.</param>
    public Topic LedgerOf(string participant) => $"{Run}/{Topic.Escape(participant)}/up/ledger";

    private Topic Down(string device, string kind) => $"{Run}/{Aggregator}/down/{device}/{kind}";
}
