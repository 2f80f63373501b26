namespace StreamLearn.Programs;

/// <summary>The topics of a fleet: <c>sl/run/node/direction/kind</c>.</summary>
internal sealed record FleetTopics(string Run)
{
    /// <summary>The name of the aggregator and its pipeline.</summary>
    public const string Aggregator = "aggregator";

    private const string Everybody = "all";

    /// <summary>Updates of all devices. Each carries its topic's owner, so that broker permissions protect device names.</summary>
    public Topic Deltas => $"{Run}/{{device}}/up/delta";

    /// <summary>Updates in pieces of all devices, with the topic's owner.</summary>
    public Topic Pieces => $"{Run}/{{device}}/up/piece";

    /// <summary>Presence of all devices, with the topic's owner.</summary>
    public Topic Presences => $"{Run}/{{device}}/up/presence";

    /// <summary>Devices' scores on their own rows, with the topic's owner.</summary>
    public Topic Scores => $"{Run}/{{device}}/up/score";

    /// <summary>Activations of all devices in split training, with the topic's owner.</summary>
    public Topic Activations => $"{Run}/{{device}}/up/activation";

    /// <summary>Requests of all devices for shared answering, with the topic's owner.</summary>
    public Topic RestRequests => $"{Run}/{{device}}/up/rest";

    /// <summary>Answers to these, each to the message's device.</summary>
    public TopicTemplate Rests => new($"{Run}/{Aggregator}/down/{{device}}/rest");

    /// <summary>Moments of devices' usual rows, shared with the others.</summary>
    public Topic Moments => $"{Run}/+/up/moments";

    /// <summary>Link measurements of devices in split training.</summary>
    public Topic Links => $"{Run}/+/up/link";

    /// <summary>Link probes of all devices.</summary>
    public Topic Probes => $"{Run}/+/up/probe";

    /// <summary>Gradients in split training, each to the message's device.</summary>
    public TopicTemplate Gradients => new($"{Run}/{Aggregator}/down/{{device}}/gradient");

    /// <summary>Probe echoes, each to the message's device.</summary>
    public TopicTemplate Echoes => new($"{Run}/{Aggregator}/down/{{device}}/echo");

    internal string DeltasBlock => $"subscribe {Run}/+/up/delta";

    internal string PresencesBlock => $"subscribe {Run}/+/up/presence";

    internal string ScoresBlock => $"subscribe {Run}/+/up/score";

    /// <summary>The retained newest version, for late devices.</summary>
    public Topic Newest => Down(Everybody, "model");

    /// <summary>Versions, each to the message's device.</summary>
    public TopicTemplate Models => new($"{Run}/{Aggregator}/down/{{device}}/model");

    /// <summary>Receipts, each to the message's device.</summary>
    public TopicTemplate Receipts => new($"{Run}/{Aggregator}/down/{{device}}/receipt");

    /// <summary>Returns the topic of a device's rows.</summary>
    public Topic RowsOf(string device) => $"{Run}/{Topic.Escape(device)}/rows";

    /// <summary>Versions that devices return, with the topic's owner.</summary>
    public Topic Offers => $"{Run}/{{device}}/up/model";

    /// <summary>Returns the topic of a device's returned versions.</summary>
    public Topic OffersOf(string device) => $"{Run}/{Topic.Escape(device)}/up/model";

    /// <summary>Returns the topic of a device's updates.</summary>
    public Topic DeltasOf(string device) => $"{Run}/{Topic.Escape(device)}/up/delta";

    /// <summary>Returns the topic of a device's update pieces.</summary>
    public Topic PiecesOf(string device) => $"{Run}/{Topic.Escape(device)}/up/piece";

    /// <summary>Returns the topic of a device's presence.</summary>
    public Topic PresencesOf(string device) => $"{Run}/{Topic.Escape(device)}/up/presence";

    /// <summary>Returns the topic of a device's scores.</summary>
    public Topic ScoresOf(string device) => $"{Run}/{Topic.Escape(device)}/up/score";

    /// <summary>Returns the topic of versions for a device.</summary>
    public Topic ModelsOf(string device) => Down(Topic.Escape(device), "model");

    /// <summary>Returns the topic of a device's receipts.</summary>
    public Topic ReceiptsOf(string device) => Down(Topic.Escape(device), "receipt");

    /// <summary>Returns the topic of a device's moments.</summary>
    public Topic MomentsOf(string device) => $"{Run}/{Topic.Escape(device)}/up/moments";

    /// <summary>Returns the topic of a device's activations.</summary>
    public Topic ActivationsOf(string device) => $"{Run}/{Topic.Escape(device)}/up/activation";

    /// <summary>Returns the topic of gradients for a device.</summary>
    public Topic GradientsOf(string device) => Down(Topic.Escape(device), "gradient");

    /// <summary>Returns the topic of a device's requests for shared answering.</summary>
    public Topic RestRequestsOf(string device) => $"{Run}/{Topic.Escape(device)}/up/rest";

    /// <summary>Returns the topic of answers to these.</summary>
    public Topic RestsOf(string device) => Down(Topic.Escape(device), "rest");

    /// <summary>Returns the topic of a device's link measurements.</summary>
    public Topic LinksOf(string device) => $"{Run}/{Topic.Escape(device)}/up/link";

    /// <summary>Returns the topic of a device's probes.</summary>
    public Topic ProbesOf(string device) => $"{Run}/{Topic.Escape(device)}/up/probe";

    /// <summary>Returns the topic of their echoes.</summary>
    public Topic EchoesOf(string device) => Down(Topic.Escape(device), "echo");

    /// <summary>The user's choice of strategy.</summary>
    public Topic Choices => $"{Run}/console/up/strategy";

    /// <summary>Devices that the user wants forgotten.</summary>
    public Topic Forgotten => $"{Run}/console/up/forget";

    /// <summary>Labels that users assign to devices' rows afterwards.</summary>
    public Topic Labels => $"{Run}/console/up/label";

    /// <summary>Versions in use, for storage.</summary>
    public Topic InUse => Down(Everybody, "in-use");

    /// <summary>The fleet's retained model signature, for file checks.</summary>
    public Topic Signature => Down(Everybody, "signature");

    /// <summary>Model signatures of devices.</summary>
    public Topic Signatures => $"{Run}/+/up/signature";

    /// <summary>Returns the topic of a device's signature.</summary>
    public Topic SignatureOf(string device) => $"{Run}/{Topic.Escape(device)}/up/signature";

    /// <summary>Returns the topic of a participant's ledger.</summary>
    public Topic LedgerOf(string participant) => $"{Run}/{Topic.Escape(participant)}/up/ledger";

    private Topic Down(string device, string kind) => $"{Run}/{Aggregator}/down/{device}/{kind}";
}
