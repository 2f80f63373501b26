using StreamLearn.Operators;
using StreamLearn.Tables;

namespace StreamLearn.Programs;

/// <summary>The fleet's model, the same in all its programs.</summary>
/// <param name="Channels">Channels of a window.</param>
/// <param name="Samples">Samples of a window.</param>
/// <param name="Classes">Classes; 0: it learns a value.</param>
/// <param name="Seed">Seed of the initial values.</param>
internal sealed partial record ModelConfig(int Channels, int Samples, int Classes, long Seed)
{
    private const double RateTolerance = 0.1;
    private const int MinWindowRows = 8;
    private const int UsualSamples = 128;

    private static readonly (string Name, ModelKind Value)[] Kinds =
    [
        ("network", ModelKind.Conv), ("conv", ModelKind.Conv), ("linear", ModelKind.Linear), ("features", ModelKind.Features),
        ("rocket", ModelKind.Rocket), ("lags", ModelKind.Lags), ("auto", ModelKind.Auto),
    ];

    /// <summary>The model of the raw UCI HAR recordings.</summary>
    public static ModelConfig Default { get; } = new(Channels: 6, Samples: 128, Classes: 6, Seed: 42);

    /// <summary>The kind of model; default <see cref="ModelKind.Conv"/>.</summary>
    public ModelKind Kind { get; init; }

    /// <summary>The convolutions of <see cref="ModelKind.Rocket"/>, from a file; default null: none.</summary>
    public RocketKernels? Rocket { get; init; }

    /// <summary>True: sensors answer in 8-bit integers; false: in float32. Default null: as the answering file.</summary>
    public bool? IsInt8 { get; init; }

    /// <summary>Class names, in order; default empty: unknown.</summary>
    public ImmutableArray<string> Labels { get; init; } = [];

    /// <summary>The value to learn; default null: classes.</summary>
    public TargetConfig? Target { get; init; }

    /// <summary>Names and units of the channels, in order; default empty: unknown.</summary>
    public ImmutableArray<Field> Columns { get; init; } = [];

    /// <summary>Rows a second; default null: unknown.</summary>
    public double? RowsPerSecond { get; init; }

    /// <summary>Rows from one window to the next; default half a window.</summary>
    public int Hop { get; init; } = Math.Max(1, Samples / 2);

    /// <summary>Maximum relative deviation of a window's time; default 0.1 (<see cref="Preparation"/>).</summary>
    public double SpanTolerance { get; init; } = 0.1;

    /// <summary>The initial network; default null: a new one.</summary>
    public Network? Start { get; init; }

    /// <summary>Scores that bound answers of <see cref="Start"/> on devices not used for training; default null: none in its
    /// file.</summary>
    public ConformalScores? Scores { get; init; }

    /// <summary>The preparation of rows; null: unknown columns.</summary>
    public Preparation? Preparation => Columns.IsEmpty ? null
        : new(Columns, Samples, Hop) { Kind = Kind, Rocket = Rocket, RowsPerSecond = RowsPerSecond, SpanTolerance = SpanTolerance };

    /// <summary>The model's inputs and outputs by name; null: unknown names.</summary>
    public ModelSignature? Signature => Preparation is { } preparation && (Target is not null || !Labels.IsEmpty)
        ? ModelSignature.Of(preparation, Labels, Target is { } target ? Field.Channel(target.Name, target.Unit) : null,
            Target is { } value ? (value.Low, value.High) : null) : null;

    /// <summary>The card of a model file.</summary>
    public ModelCard Card
    {
        get
        {
            var card = new ModelCard { Labels = Labels };
            if (Target is { } target) { card = TargetCard.On(card, target.Name, target.Unit); }
            return Preparation is { } preparation ? preparation.On(card) : card;
        }
    }

    /// <summary>Reads the optional section <c>model</c>.</summary>
    /// <param name="map">The top of the file.</param>
    /// <param name="needed">The model that the rest of the file needs, which the section must match; null: unknown.</param>
    /// <param name="recorded">Default names, in order, for a model of equal channels and classes; null: none.</param>
    public static ModelConfig Read(ConfigMap map, ModelConfig? needed = null, ModelConfig? recorded = null)
    {
        ArgumentNullException.ThrowIfNull(map);
        var answering = needed is null ? null : OrderOf(map["answer"]);
        return map.Section("model", m =>
        {
            var file = StartOf(m["file"]);
            needed ??= file;
            var usual = needed ?? Default;
            var kind = m["kind"].Word([.. Kinds]);
            var samples = WindowRows(m["samples"], usual.Samples);
            if (needed is { } other && samples != other.Samples && !m["samples"].IsAbsent)
            {
                m["samples"].Refuse(FormattableString.Invariant($"expected {other.Samples}, the samples of a window, got {samples}"));
            }

            var target = TargetOf(m["target"], needed);
            var classes = target is not null ? 0
                : Number(m["classes"], 2, 1024, usual.Classes, needed?.Classes, "the texts of the label");
            if (target is not null && !m["classes"].IsAbsent) { m["classes"].Refuse("expected no classes with a target"); }
            var channels = Number(m["channels"], 1, 1024, usual.Channels, needed?.Channels, "columns without a time, a label or a device");
            var isNamed = needed is not null && (needed != file || !file.Labels.IsEmpty || !file.Columns.IsEmpty);
            if (!isNamed && recorded is not null && (channels, classes) == (recorded.Channels, recorded.Classes)
                && m["labels"].IsAbsent && m["columns"].IsAbsent)
            {
                usual = recorded;
            }

            var model = new ModelConfig(channels, samples, classes, m["seed"].Whole().Or(usual.Seed))
            {
                Target = target,
                Start = file?.Start,
                Scores = file?.Scores,
                Rocket = file?.Rocket,
                Path = file?.Path,
                SpanTolerance = usual.SpanTolerance,
                Labels = m["labels"].Texts(0, 1024).Or(usual.Labels),
                Columns = [.. m["columns"].Texts(0, 1024).Or([.. usual.Columns.Select(TextOf)]).Select(FieldOf)],
                RowsPerSecond = RateOf(usual, file) is { } rate ? m["rate"].Rate(1e-6, 1e6).Or(rate) : m["rate"].Rate(1e-6, 1e6).OrNull(),
                IsInt8 = m["precision"].Word(("float32", false), ("int8", true)).OrNull(),
                Hop = (int)m["hop"].Whole(1, 65_536).Or(needed is null ? Math.Max(1, samples / 2) : needed.Hop),
            };
            var otherwise = samples == 1 ? ModelKind.Auto : ModelKind.Conv;
            model = model with { Kind = kind.IsGiven || file is null ? Resolved(kind.Or(otherwise), model) : file.Kind };
            return Fitting(m, InOrder(model, file, answering ?? recorded), needed, file);
        });
    }

    /// <summary>Reads a model file of <c>streamlearn fit</c> or <c>models export</c>, another classification network, or another tool's
    /// ONNX file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FormatException">It cannot be read, or is not a network of classes.</exception>
    public static ModelConfig Of(string path)
    {
        try
        {
            var (model, weights, card) = Load(path);
            if (model is Int8Network)
            {
                throw new FormatException($"{path} is an int8 model, which cannot learn: expected the float32 model that it was made "
                    + "from; answer.model accepts int8");
            }

            if (model is not Network
                { Plan: { Classes: >= 2, Target: TargetKind.Label } or { Outputs: 1, Target: TargetKind.Value } } network)
            {
                throw new FormatException($"expected a network of two classes or more, or of a value; {path} has {model.Structure}");
            }

            var plan = network.Plan;

            var preparation = Preparation.Of(card);
            if (preparation is not null && preparation.Input != plan.Input) { preparation = null; }
            return new(preparation?.Channels.Length ?? plan.Input.Channels, preparation?.WindowRows ?? plan.Input.Samples, plan.Classes,
                Default.Seed)
            {
                Start = network.StartingFrom(weights),
                Scores = ConformalCard.Of(card),
                Path = path,
                Kind = preparation?.Kind ?? ModelKind.Conv,
                Rocket = preparation?.Rocket,
                Labels = card.Labels,
                Target = TargetOf(card, network),
                Columns = preparation?.Channels ?? [],
                RowsPerSecond = preparation?.RowsPerSecond,
                Hop = preparation?.HopRows ?? Math.Max(1, plan.Input.Samples / 2),
            };
        }
        catch (Exception e) when (e is ModelFormatException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new FormatException($"{path}: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    /// <summary>Returns the kind of a word; null: unknown.</summary>
    /// <param name="word">The word, such as <c>features</c>.</param>
    public static ModelKind? KindOf(string word) => Array.FindIndex(Kinds, k => k.Name == word) is >= 0 and var at ? Kinds[at].Value : null;

    /// <summary>Creates the model; its hash covers its names.</summary>
    public Network Create() => Unsigned().Signed(Signature?.Text ?? "");

    private Network Unsigned() => Start
        ?? (Kind == ModelKind.Conv
            ? Network.OfWindows(Channels, Samples, Target is null ? Classes : 1, Seed, objective: Target?.Objective)
            : Target is { Objective: var objective } ? WindowModel.Create(Preparation!, objective, Seed)
            : WindowModel.Create(Preparation!, Classes, Seed));

    /// <summary>The path of <see cref="Start"/>; null: none.</summary>
    public string? Path { get; init; }

    /// <summary>Returns the section as a line of YAML.</summary>
    public override string ToString() => "model: { " + (Kind == ModelKind.Conv ? "" : $"kind: {Preparation.Word(Kind)}, ")
        + (Path is { } path ? $"file: {YamlWriting.Quoted(path)}, " : "")
        + string.Create(CultureInfo.InvariantCulture, $"channels: {Channels}, samples: {Samples}, ")
        + (Target is { } target ? $"target: {target}, " : string.Create(CultureInfo.InvariantCulture, $"classes: {Classes}, "))
        + string.Create(CultureInfo.InvariantCulture, $"seed: {Seed} }}");

    /// <summary>Returns the section for an aggregator's file, with all of a model's card.</summary>
    public string ToText()
    {
        var text = new StringBuilder("model:\n");
        text.Append(CultureInfo.InvariantCulture, $"  kind: {(Kind == ModelKind.Conv ? "network" : Preparation.Word(Kind))}\n");
        if (Path is { } path) { text.Append(CultureInfo.InvariantCulture, $"  file: {YamlWriting.Quoted(path)}\n"); }
        text.Append(CultureInfo.InvariantCulture, $"  channels: {Channels}\n  samples: {Samples}\n");
        text.Append(Target is { } target ? $"  target: {target}\n"
            : string.Create(CultureInfo.InvariantCulture, $"  classes: {Classes}\n"));
        text.Append(CultureInfo.InvariantCulture, $"  seed: {Seed}\n");
        if (!Labels.IsEmpty) { text.Append($"  labels: [{ListOf(Labels)}]\n"); }
        if (Columns.IsEmpty) { return text.ToString(); }
        text.Append($"  columns: [{ListOf(Columns.Select(TextOf))}]\n");
        if (RowsPerSecond is { } rate) { text.Append(CultureInfo.InvariantCulture, $"  rate: {rate:0.######}/s\n"); }
        return text.Append(CultureInfo.InvariantCulture, $"  hop: {Hop}\n").ToString();
    }

    private static string ListOf(IEnumerable<string> texts) => string.Join(", ", texts.Select(YamlWriting.Quoted));

    /// <summary>The column as in a file header: <c>acc x [gn]</c>.</summary>
    internal static string TextOf(Field column) => column.Unit == Unit.One ? column.Name : $"{column.Name} [{column.Unit.Symbol}]";

    internal static Field FieldOf(string text)
    {
        var at = text.EndsWith(']') ? text.LastIndexOf(" [", StringComparison.Ordinal) : -1;
        return at <= 0 || at + 3 >= text.Length ? Field.Channel(text, Unit.One) : Field.Channel(text[..at], new(text[(at + 2)..^1]));
    }

    /// <summary>Reads a window section: samples, 1 (single rows) or at least 8, default 128; and hop, default 64, or 1 for single
    /// rows.</summary>
    /// <param name="map">The section.</param>
    public static (int Samples, int Hop) Window(ConfigMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        var samples = WindowRows(map["samples"], UsualSamples);
        return (samples, (int)map["hop"].Whole(1, 65_536).Or(samples == 1 ? 1 : UsualSamples / 2));
    }
}
