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

    /// <summary>What devices tell their owner, with the topic's owner.</summary>
    public Topic News => $"{Run}/{{device}}/up/news";

    /// <summary>Activations of all devices in split training, with the topic's owner.</summary>
    public Topic Activations => $"{Run}/{{device}}/up/activation";

    /// <summary>Requests of all devices for shared answering, with the topic's owner.</summary>
    public Topic RestRequests => $"{Run}/{{device}}/up/rest";

    /// <summary>Answers to these requests, each to the message's device.</summary>
    public TopicTemplate Rests => new($"{Run}/{Aggregator}/down/{{device}}/rest");

    /// <summary>The presence of all nodes, with the topic's owner.</summary>
    public Topic Nodes => $"{Run}/{{device}}/up/node";

    public Topic Moments => $"{Run}/+/up/moments";

    public Topic Links => $"{Run}/+/up/link";

    public Topic Probes => $"{Run}/+/up/probe";

    /// <summary>Gradients in split training, each to the message's device.</summary>
    public TopicTemplate Gradients => new($"{Run}/{Aggregator}/down/{{device}}/gradient");

    /// <summary>Probe echoes, each to the message's device.</summary>
    public TopicTemplate Echoes => new($"{Run}/{Aggregator}/down/{{device}}/echo");

    internal string DeltasBlock => $"subscribe {Run}/+/up/delta";

    internal string PresencesBlock => $"subscribe {Run}/+/up/presence";

    internal string ScoresBlock => $"subscribe {Run}/+/up/score";

    public Topic Newest => Down(Everybody, "model");

    public TopicTemplate Models => new($"{Run}/{Aggregator}/down/{{device}}/model");

    public TopicTemplate Receipts => new($"{Run}/{Aggregator}/down/{{device}}/receipt");

    public Topic RowsOf(string device) => $"{Run}/{Topic.Escape(device)}/rows";

    /// <summary>Versions that devices return, with the topic's owner.</summary>
    public Topic Offers => $"{Run}/{{device}}/up/model";
    public Topic OffersOf(string device) => $"{Run}/{Topic.Escape(device)}/up/model";
    public Topic DeltasOf(string device) => $"{Run}/{Topic.Escape(device)}/up/delta";
    public Topic PiecesOf(string device) => $"{Run}/{Topic.Escape(device)}/up/piece";
    public Topic PresencesOf(string device) => $"{Run}/{Topic.Escape(device)}/up/presence";
    public Topic ScoresOf(string device) => $"{Run}/{Topic.Escape(device)}/up/score";
    public Topic NewsOf(string device) => $"{Run}/{Topic.Escape(device)}/up/news";
    public Topic ModelsOf(string device) => Down(Topic.Escape(device), "model");
    public Topic ReceiptsOf(string device) => Down(Topic.Escape(device), "receipt");
    public Topic MomentsOf(string device) => $"{Run}/{Topic.Escape(device)}/up/moments";
    public Topic ActivationsOf(string device) => $"{Run}/{Topic.Escape(device)}/up/activation";
    public Topic GradientsOf(string device) => Down(Topic.Escape(device), "gradient");
    public Topic RestRequestsOf(string device) => $"{Run}/{Topic.Escape(device)}/up/rest";
    public Topic RestsOf(string device) => Down(Topic.Escape(device), "rest");
    public Topic NodeOf(string node) => $"{Run}/{Topic.Escape(node)}/up/node";

    /// <summary>Parts that a device gives to nodes, each to the message's node.</summary>
    public TopicTemplate PartTasksOf(string device) => new($"{Run}/{Topic.Escape(device)}/up/{{node}}/part");
    public Topic PartTasksTo(string node) => $"{Run}/+/up/{Topic.Escape(node)}/part";

    /// <summary>Parts that a node has computed, each to the message's device.</summary>
    public TopicTemplate PartsOf(string node) => new($"{Run}/{Topic.Escape(node)}/up/{{device}}/computed");
    public Topic PartsTo(string device) => $"{Run}/+/up/{Topic.Escape(device)}/computed";
    public Topic LinksOf(string device) => $"{Run}/{Topic.Escape(device)}/up/link";
    public Topic ProbesOf(string device) => $"{Run}/{Topic.Escape(device)}/up/probe";
    public Topic EchoesOf(string device) => Down(Topic.Escape(device), "echo");

    public Topic Choices => $"{Run}/console/up/strategy";

    public Topic Forgotten => $"{Run}/console/up/forget";

    public Topic Labels => $"{Run}/console/up/label";

    public Topic InUse => Down(Everybody, "in-use");

    /// <summary>The fleet's retained model signature, for file checks.</summary>
    public Topic Signature => Down(Everybody, "signature");

    public Topic Signatures => $"{Run}/+/up/signature";

    public Topic SignatureOf(string device) => $"{Run}/{Topic.Escape(device)}/up/signature";
    public Topic LedgerOf(string participant) => $"{Run}/{Topic.Escape(participant)}/up/ledger";

    private Topic Down(string device, string kind) => $"{Run}/{Aggregator}/down/{device}/{kind}";
}
