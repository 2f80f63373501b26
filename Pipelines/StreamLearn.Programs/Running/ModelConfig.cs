using StreamLearn.Operators;
using StreamLearn.Tables;

namespace StreamLearn.Programs;

/// <summary>The fleet's model, the same in all its programs; with 0 classes it learns a value.</summary>
internal sealed partial record ModelConfig(int Channels, int Samples, int Classes, long Seed)
{
    private const int MinWindowRows = 8;
    private const int UsualSamples = 128;

    private static readonly (string Name, ModelKind Value)[] Kinds =
    [
        ("network", ModelKind.Conv), ("conv", ModelKind.Conv), ("linear", ModelKind.Linear), ("features", ModelKind.Features),
        ("rocket", ModelKind.Rocket), ("lags", ModelKind.Lags), ("auto", ModelKind.Auto),
    ];

    public static ModelConfig Default { get; } = new(Channels: 6, Samples: 128, Classes: 6, Seed: 42);

    public ModelKind Kind { get; init; }

    /// <summary>The convolutions of <see cref="ModelKind.Rocket"/>, from a file; default null: none.</summary>
    public RocketKernels? Rocket { get; init; }

    public CalendarInputs? Calendar { get; init; }

    /// <summary>True if sensors answer in 8-bit integers, false if in float32. Default null: as in the answering file.</summary>
    public bool? IsInt8 { get; init; }

    public ImmutableArray<string> Labels { get; init; } = [];

    public TargetConfig? Target { get; init; }

    public ImmutableArray<Field> Columns { get; init; } = [];

    public double? RowsPerSecond { get; init; }

    public int Hop { get; init; } = Math.Max(1, Samples / 2);

    /// <summary>Maximum relative deviation of a window's duration; default 0.1 (<see cref="Preparation"/>).</summary>
    public double SpanTolerance { get; init; } = 0.1;

    /// <summary>True if each row has a time of its own, so that rows can be resampled. Default false.</summary>
    public bool HasTimes { get; init; }

    /// <summary>True if rows do not come at <see cref="RowsPerSecond"/>, or it is unknown at which rate: they are resampled.</summary>
    public bool Resamples { get; private init; }

    public Network? Start { get; init; }

    /// <summary>Scores for bounds on the answers of <see cref="Start"/>, from devices not used for training; default null: its file has
    /// none.</summary>
    public ConformalScores? Scores { get; init; }

    /// <summary>Measured choices of early exits of <see cref="Start"/>; default null: its file has none.</summary>
    public ExitCurve? Exits { get; init; }

    public Preparation? Preparation => Columns.IsEmpty ? null
        : new(Columns, Samples, Hop)
        {
            Kind = Kind,
            Rocket = Rocket,
            Calendar = Calendar,
            RowsPerSecond = RowsPerSecond,
            SpanTolerance = SpanTolerance,
        };

    /// <summary>The model's inputs and outputs by name; null: unknown names.</summary>
    public ModelSignature? Signature => Preparation is { } preparation && (Target is not null || !Labels.IsEmpty)
        ? ModelSignature.Of(preparation, Labels, Target is { } target ? Field.Channel(target.Name, target.Unit) : null,
            Target is { } value ? (value.Low, value.High) : null) : null;

    public ModelCard Card
    {
        get
        {
            var card = new ModelCard { Labels = Labels };
            if (Target is { } target) { card = TargetCard.On(card, target.Name, target.Unit); }
            return Preparation is { } preparation ? preparation.On(card) : card;
        }
    }

    /// <summary>Reads the optional section <c>model</c>. <paramref name="needed"/>: what the rest of the file needs, which it must match;
    /// <paramref name="recorded"/>: default names, in order, for a model of equal channels and classes.</summary>
    public static ModelConfig Read(ConfigMap map, ModelConfig? needed = null, ModelConfig? recorded = null)
    {
        var answering = needed is null ? null : OrderOf(map["answer"]);
        return map["model", "what is learned"].As(fallback: "sensor: from columns and window; else its defaults").Section(m =>
        {
            var file = StartOf(m["file", "initial model: of `streamlearn fit`, `models export`, or ONNX"]);
            needed ??= file;
            var usual = needed ?? Default;
            var kind = m["kind", "what learns"].Word([.. Kinds]);
            var samples = WindowRows(m["samples", "rows of a window"].As(fallback: "sensor: window; else {0}"), usual.Samples);
            if (needed is { } other && samples != other.Samples && !m["samples"].IsAbsent)
            {
                m["samples"].Refuse(FormattableString.Invariant($"expected {other.Samples}, the samples of a window, got {samples}"));
            }

            var target = TargetOf(m["target", "value to learn instead of classes"].As(fallback: "sensor: `columns`"), needed);
            var classes = target is not null ? 0
                : Number(m["classes", "classes"].As(fallback: "sensor: label; else {0}"), 2, 1024, usual.Classes, needed?.Classes,
                    "the texts of the label");
            if (target is not null && !m["classes"].IsAbsent) { m["classes"].Refuse("expected no classes with a target"); }
            var channels = Number(m["channels", "channels of a window"].As(fallback: "sensor: `columns`; else {0}"), 1, 1024,
                usual.Channels, needed?.Channels, "columns without a time, a label or a device");
            var isNamed = needed is not null && (needed != file || !file.Labels.IsEmpty || !file.Columns.IsEmpty);
            if (!isNamed && recorded is not null && (channels, classes) == (recorded.Channels, recorded.Classes)
                && m["labels"].IsAbsent && m["columns"].IsAbsent)
            {
                usual = recorded;
            }

            var seed = m["seed", "initial values, until the aggregator's first version"].Whole().Or(usual.Seed);
            var rowsPerSecond = RateOf(m, RateOf(usual, file));
            var model = new ModelConfig(channels, samples, classes, seed)
            {
                Target = target,
                Start = file?.Start,
                Scores = file?.Scores,
                Exits = file?.Exits,
                Rocket = file?.Rocket,
                Calendar = file?.Calendar,
                Path = file?.Path,
                SpanTolerance = usual.SpanTolerance,
                Labels = m["labels", "class names; required for an aggregator"].As(fallback: "sensor: label").Texts(0, 1024)
                    .Or(usual.Labels),
                Columns = [.. m["columns", "channels with units, `ax [m/s2]`; required for an aggregator"].As(fallback: "sensor: `columns`")
                    .Texts(0, 1024).Or([.. usual.Columns.Select(TextOf)]).Select(FieldOf)],
                RowsPerSecond = rowsPerSecond,
                Resamples = usual.HasTimes && samples > 1 && rowsPerSecond is { } windows
                    && !(usual.RowsPerSecond is { } own && PacedRows.IsSame(own, windows)),
                IsInt8 = m["precision", "of a sensor's [answers](#answers-in-int8); an aggregator refuses `int8`"]
                    .As(fallback: "`answer.model`'s, else float32").Word(("float32", false), ("int8", true)).OrNull(),
                Hop = HopOf(m, needed is null ? Math.Max(1, samples / 2) : needed.Hop, "", "sensor: window; else half of it"),
            };
            var otherwise = samples == 1 ? ModelKind.Auto : ModelKind.Conv;
            model = model with { Kind = kind.IsGiven || file is null ? Resolved(kind.Or(otherwise), model) : file.Kind };
            return Fitting(m, InOrder(model, file, answering ?? recorded), needed, file);
        });
    }

    /// <summary>Reads a model file of <c>streamlearn fit</c> or <c>models export</c>, another classification network, or another tool's
    /// ONNX file.</summary>
    /// <exception cref="FormatException">The file cannot be read, or its model is not a classification network.</exception>
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
                Exits = card.ExitPlan?.Curve,
                Path = path,
                Kind = preparation?.Kind ?? ModelKind.Conv,
                Rocket = preparation?.Rocket,
                Calendar = preparation?.Calendar,
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

    public static ModelKind? KindOf(string word) => Array.FindIndex(Kinds, k => k.Name == word) is >= 0 and var at ? Kinds[at].Value : null;

    /// <summary>Creates the model; its hash covers its names.</summary>
    public Network Create() => Unsigned().Signed(Signature?.Text ?? "");

    private Network Unsigned() => Start
        ?? (Kind == ModelKind.Conv
            ? Network.OfWindows(Channels, Samples, Target is null ? Classes : 1, Seed, objective: Target?.Objective)
            : Target is { Objective: var objective } ? WindowModel.Create(Preparation!, objective, Seed)
            : WindowModel.Create(Preparation!, Classes, Seed));

    public string? Path { get; init; }

    public override string ToString() => "model: { " + (Kind == ModelKind.Conv ? "" : $"kind: {Preparation.Word(Kind)}, ")
        + (Path is { } path ? $"file: {YamlWriting.Quoted(path)}, " : "")
        + string.Create(CultureInfo.InvariantCulture, $"channels: {Channels}, samples: {Samples}, ")
        + (Target is { } target ? $"target: {target}, " : string.Create(CultureInfo.InvariantCulture, $"classes: {Classes}, "))
        + (RowsPerSecond is { } rate ? string.Create(CultureInfo.InvariantCulture, $"rate: {rate:0.######}/s, ") : "")
        + string.Create(CultureInfo.InvariantCulture, $"seed: {Seed} }}");

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
    public static (int Samples, int Hop) Window(ConfigMap map)
    {
        var samples = WindowRows(map["samples", "rows of a window; 1: each row alone, at any time"], UsualSamples);
        return (samples, HopOf(map, samples == 1 ? 1 : UsualSamples / 2, "; 1 with `samples: 1`"));
    }
}
