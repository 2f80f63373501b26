using System.Text.RegularExpressions;

namespace Architecture.Tests;

/// <summary>The folders of a project have an order, and each uses those before it. What still goes backwards is listed, and is to become
/// less.</summary>
public sealed partial class FolderTests
{
    private static readonly Dictionary<string, (string[] Folders, string[] Backwards)> Orders = new()
    {
        ["StreamLearn"] = (
            [
                "Data", "Storage", "Transport", "Metrics", "Operators", "Graph", "Execution", "Checkpoints", "Dataflow",
                "Profiles", "Playing", "Faults", "Generators", "Replaying", "Worlds", "Scenarios",        // in the folder Simulation
            ],
            [
                "Batch: Ports", "GraphText: DeclaredState", "GraphText: PipelineRun", "GraphText: WorstCase",
                "LinkTrace: ScenarioException", "Ownership: Ports", "Pipeline: PipelineRun", "Pipeline: RunMetrics", "Pipeline: RunOptions",
            ]),
        ["StreamLearn.Models"] = (
            [
                "Tensors", "Kernels", "Optimizers", "Losses", "Models", "Layers", "Networks", "Int8", "Parts", "Exits", "Classical",
                "Costs", "Decoding", "ModelFiles",
            ],
            [
                "AdaGrad: ModelPlan", "Adam: ModelPlan", "AdamKernel: ModelPlan", "AdamW: ModelPlan", "Exit: Layer", "IModel: Workspace",
                "LayerCall: RowBlocks", "LayerPlan: LayerChain", "LayerPlan: RowBlocks", "ModelPlan: NetworkLayout",
                "Optimizer: ModelPlan", "OuterProduct: FusedUpdate", "RmsProp: ModelPlan", "Sample: ModelPlan", "Sequential: RowBlocks",
                "Sgd: ModelPlan",
            ]),
        ["StreamLearn.Learning"] = (
            [
                "Codes", "Messages", "Pieces", "Rows", "Inference", "Evaluation", "Drift", "Anomalies", "Training", "Online", "Fitting",
                "Membership",
            ],
            [
                "InferExitsBlock: AnswerColumns", "ReplayBuffer: BufferKind", "Scoreboard: Evaluation", "Scoreboard: ProbabilityScores",
                "Scoreboard: ValueErrors",
            ]),
        ["StreamLearn.Programs"] = (
            ["Configuration", "Yaml", "Reading", "Running", "Labels", "News", "Fleet"],
            [
                "ConfigReading: YamlMapping", "ConfigTree: ConfigMap", "ConfigTree: YamlMapping", "ConfigTree: YamlReading",
                "ConfigTree: YamlText", "LinkConfig: EdgeServer", "LinkConfig: FleetTopics",
            ]),
        ["StreamLearn.Tables"] = (["Files", "Models", "Times", "Look", "Answers", "Fit", "Watch", "Table"], ["LookAtTimes: FirstLook"]),
        ["StreamLearn.Operators"] = (
            ["Quality", "Windowing", "EventTime", "Targets", "Routing", "Features", "Scaling", "Selection"],
            []),
        ["StreamLearn.Fleets"] = (
            [
                "Rounds", "Selection", "Budget", "Significance", "Sites", "Apply", "Fleet", "Updates", "Strategies",
                "Tau", "Aggregation",
            ],
            [
                "Direct: DeviceView", "RoundMessages: ForgottenDevice", "RoundMessages: OpenRound", "UpdateCheck: AggregateOptions",
                "UpdateIntake: AggregateOptions", "UpdateMessages: SiteSignal", "UpdateSet: HeldUpdate",
            ]),
        ["StreamLearn.Compression"] = (
            [
                "Entropy", "Lossless", "Training", "Pruning", "Codebooks", "Binary", "Packed", "Files", "Distillation", "Search",
                "Int8", "StreamLearn.Compression",
            ],
            []),
        ["StreamLearn.Nodes"] = (
            [
                "Estimates", "Plans", "Views", "Costs", "Groups", "Planners", "Inference", "Shards", "Meshes", "Agents", "FedAdapt",
                "Moves", "Offloading",        // in the folder Planning
                "Parts", "Splitting", "Across", "Cascades", "Generation", "Links", "Splits",
            ],
            []),
        ["StreamLearn.Formats"] = (
            ["Payloads", "Numbers", "Rows", "Host", "Idx", "Npy", "Csv", "Sinks", "JsonLines", "Json", "Raw", "Lines"],
            []),
        ["StreamLearn.Arrow"] = (
            ["StreamLearn.Arrow", "FlatBuffers", "Schemas", "Compression", "Arrays", "Writing", "Reading", "Batches", "Records", "Files"],
            [
                "Messages: ArrowFileReader", "Messages: MessageHead",
            ]),
        ["StreamLearn.Mqtt"] = (
            ["Packets", "StreamLearn.Mqtt", "Session", "Connection"],
            [
                "MqttTransport: Connector", "MqttTransport: Link", "MqttTransport: LinkSubscription", "MqttTransport: PublishTerms",
                "OptionsCheck: Connector",
            ]),
        ["StreamLearn.Nats"] = (
            ["Protocol", "Connection", "JetStream", "StreamLearn.Nats", "Registry", "Leaders"],
            [
                "JetPublisher: NatsTransport", "KeptPlaces: NatsKeep", "NatsDialing: NatsOptions", "NatsLink: NatsOptions",
                "TransportSubscription: JetAckMark", "TransportSubscription: JetReader", "TransportSubscription: NatsSubscriptionStatus",
            ]),
        ["Aggregator"] = (
            ["Record", "State", "Models", "Dashboard", "Commands", "Aggregator"],
            [
                "DevicesCommand: AggregatorConfig", "DevicesCommand: ConsoleMessage", "KeptModelsCommand: AggregatorConfig",
                "StateCommands: AggregatorConfig", "StateCommands: StatusDisplayCommand", "StatusCommand: AggregatorConfig",
                "StatusReading: StatusJson", "UpdateLog: StatusJson", "UpdatesCommand: AggregatorConfig",
            ]),
        ["StreamLearn.Simulated"] = (
            ["Charts", "Options", "Events", "Fleet", "Results", "Sections", "Report", "Views"],
            ["ModelEvents: SeedResult", "ModelEvents: UpdateLedger"]),
        ["Tool"] = (
            [
                "Terminal", "Messages", "Export", "Options", "Registry", "Fleet", "OwnData", "Fit", "Arrow", "Models", "Compress",
                "Servers", "Live", "Tool",
            ],
            []),
        ["Papers"] = (
            ["Tables", "Training", "Requests", "Tau", "Papers"],
            []),
        ["StreamLearn.Samples"] = (
            ["Evaluation", "Generators", "Models", "Recordings"],
            []),
    };

    public static TheoryData<string> Projects => [.. Orders.Keys];

    [Fact]
    public void The_virtual_world_names_nothing_internal_of_the_dataflow_host()
    {
        static IEnumerable<(string Path, string Code)> Sources(string folder) =>
            Repository.Projects.Single(static p => p.Name == "StreamLearn").Sources
                .Where(s => s.Path.Contains($"/{folder}/", StringComparison.Ordinal));
        var words = Sources("Simulation").SelectMany(static s => Word().Matches(s.Code)).Select(static w => w.Value).ToHashSet();
        var internals =
            from source in Sources("Dataflow")
            from Match type in TypeNames().Matches(source.Code)
            where type.Value.StartsWith("internal", StringComparison.Ordinal)
            select type.Groups[1].Value;

        Assert.Contains("VirtualWorld", words);
        Assert.Contains("OperatorStage", internals);
        Assert.DoesNotContain(internals, words.Contains);
    }

    [Fact]
    public void Every_product_with_folders_has_an_order() => Assert.Empty(
        Repository.Projects.Where(static p => p.Folder != "Tests")
            .Where(static p => p.Sources.Select(static s => FolderOf(s.Path)).Distinct().Skip(1).Any())
            .Select(static p => p.Name).Except(Orders.Keys));

    [Theory]
    [MemberData(nameof(Projects))]
    public void Each_folder_uses_those_before_it(string name)
    {
        var project = Repository.Projects.Single(p => p.Name == name);
        var (folders, known) = Orders[name];
        var homes = project.Sources
            .SelectMany(s => TypeNames().Matches(s.Code).Select(m => (Type: m.Groups[1].Value, Folder: FolderOf(s.Path))))
            .Distinct().GroupBy(h => h.Type).Where(g => g.Count() == 1).ToDictionary(g => g.Key, g => g.Single().Folder);
        var backwards =
            from source in project.Sources
            let place = Array.IndexOf(folders, FolderOf(source.Path))
            from type in TypesIn(source.Code)
            where homes.ContainsKey(type) && Array.IndexOf(folders, homes[type]) > place
            select $"{Path.GetFileNameWithoutExtension(source.Path)}: {type}";

        Assert.Superset(project.Sources.Select(s => FolderOf(s.Path)).ToHashSet(), folders.ToHashSet());
        var now = backwards.Distinct().ToList();
        var changes = string.Join('\n', now.Except(known).Select(b => $"+ {b}").Concat(known.Except(now).Select(b => $"- {b}")));
        Assert.True(changes.Length == 0, changes);
    }

    private static string FolderOf(string path) => Path.GetFileName(Path.GetDirectoryName(path)!);

    /// <summary>Names that stand where a type stands: not those of members, calls, initializers and values of an enumeration.</summary>
    private static IEnumerable<string> TypesIn(string code)
    {
        var own = MemberNames().Matches(code).Concat(InnerNames().Matches(code)).Select(m => m.Groups[1].Value).ToHashSet();
        return Names().Matches(code).Where(m => IsType(m, code)).Select(m => m.Groups["name"].Value).Where(n => !own.Contains(n));
    }

    private static bool IsType(Match match, string code)
    {
        if (match.Groups["before"].Value is "new" or "is" or "case" or "or") { return true; }
        var before = code.AsSpan(0, match.Index).TrimEnd();
        var after = code.AsSpan(match.Index + match.Length).TrimStart();
        if (before is [.., '{' or ','] && after is [',' or '}' or '=', ..]) { return false; }
        return !(after.StartsWith("(") || (after.StartsWith("=") && !after.StartsWith("==")) || after.StartsWith("{ get"));
    }

    [GeneratedRegex(@"\b[A-Z]\w*\b")]
    private static partial Regex Word();

    [GeneratedRegex(@"^[a-z][a-z ]*\b(?:class|struct|interface|enum|record) ([A-Z]\w*)", RegexOptions.Multiline)]
    private static partial Regex TypeNames();

    [GeneratedRegex(@"^ .*\b(?:class|struct|interface|enum|record) ([A-Z]\w*)", RegexOptions.Multiline)]
    private static partial Regex InnerNames();

    [GeneratedRegex(@"[\w>\]?] ([A-Z]\w*)(?: =|;|,|\)| \{ (?:get|init)| \n?\s*\{\s*get)")]
    private static partial Regex MemberNames();

    /// <summary>A name in capitals after a keyword or a sign, but no dot.</summary>
    [GeneratedRegex(@"(?:(?<before>\b[a-z]+\b)\s+|(?<=[^\w\s.>\]?]\s*))(?<name>\b[A-Z]\w*\b)")]
    private static partial Regex Names();
}
