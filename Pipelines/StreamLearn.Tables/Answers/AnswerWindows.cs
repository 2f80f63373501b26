using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace StreamLearn.Tables;

internal static class AnswerWindowsExtensions
{
    /// <summary>Answers each window with the pinned version.</summary>
    internal static Flow<WindowAnswer> Answer(this Flow<Batch> windows, string device, AnswerOptions options) =>
        Answer(windows, device, options.Model!, models: null, options);

    /// <summary>Uses the newest or a pinned version. Cost: the multiply-adds up to each window's exit. Drops: <c>no-version</c> until one
    /// arrives, <c>non-finite</c>. Counts: <c>exit-0</c>, <c>exit-1</c>, …, <c>int8</c>; with a bound <c>labels-within</c>,
    /// <c>labels-outside</c>, <c>bound-alarms</c> (<see cref="AdaptiveCoverage"/>), <c>unbounded</c> answers.
    /// <paramref name="labelled"/>: windows labeled later, to which a bound adapts; null: windows carry their labels.</summary>
    internal static Flow<WindowAnswer> Answer(
        this Flow<Batch> windows, string device, IModel model, Flow<Weights>? models, AnswerOptions options, Flow<Batch>? labelled = null)
    {
        var block = new AnswerBlock(device, options.Model ?? model, options);
        var answers = windows.Via("answer", block,
            static (AnswerBlock block, OperatorContext context, IOutput<WindowAnswer> output) => new AnswerWindows(block, context, output));
        if (options.Bound is not null && labelled is not null) { answers = answers.ControlledBy(labelled); }
        return options.Pinned is null && models is not null ? answers.ControlledBy(models) : answers;
    }
}

internal sealed record AnswerBlock(string Device, IModel Model, AnswerOptions Options) : IBlockOptions
{
    internal int ExitCount => (Model as IStagedModel)?.ExitCount ?? 1;

    public string State => "newest model version" + (Options.Bound is null ? "" : ", level of the bound, capital of its alarm")
        + (Options.Int8 is null ? "" : ", the first windows");

    public IReadOnlyList<MessageCodec> MessageCodecs { get; } = [MessageCodec.Of(WindowAnswer.Json)];

    public long StateBytes(Schema? input) => Model.Plan.ParameterBytes
        + (sizeof(float) * (long)(Options.Int8?.CalibrationRows ?? 0) * Model.Plan.Input.Size);

    public bool Equals(AnswerBlock? other) => other is not null && Device == other.Device && Model.Equals(other.Model)
        && Options.Pinned?.Version == other.Options.Pinned?.Version && Equals(Options.Leaving, other.Options.Leaving)
        && Options.Work == other.Options.Work && Equals(Options.Int8, other.Options.Int8) && Equals(Options.Bound, other.Options.Bound)
        && Options.Classes.SequenceEqual(other.Options.Classes);

    public override int GetHashCode() => HashCode.Combine(Device, Model, Options.Pinned?.Version, Options.Work);

    public override string ToString() => Options.Pinned is { } pinned
        ? FormattableString.Invariant($"version {pinned.Version}, pinned") : "the newest version";
}

internal sealed class AnswerWindows(AnswerBlock block, OperatorContext context, IOutput<WindowAnswer> output)
    : Operator<Batch>, IControlledBy<Weights>, IControlledBy<Batch>, IStateful
{
    private const string BeforeBounds = "answer-windows/1", BeforeInt8 = "answer-windows/2", BeforeSilence = "answer-windows/3",
        BeforeAlarms = "answer-windows/4";

    private readonly ModelPlan _plan = block.Model.Plan;
    private readonly Answerer _answerer = new(block.Model, block.Options.Leaving, block.Options.Work);
    private readonly string[] _exits = [.. Enumerable.Range(0, block.ExitCount).Select(static e =>
        FormattableString.Invariant($"exit-{e}"))];

    private readonly AdaptiveCoverage? _bound = block.Options.Bound is { } bound ? new(bound.Scores, bound.Coverage) : null;
    private readonly Int8Answers? _int8 = block is { Model: Network network, Options.Int8: { } quantize } ? new(network, quantize) : null;
    private readonly int[] _set = new int[block.Model.Plan.Classes];
    private Weights? _newest = block.Options.Pinned;
    private DateTimeOffset _heldSince;

    public string StateFormat => "answer-windows/5";

    public IReadOnlyList<string> EarlierFormats => [BeforeBounds, BeforeInt8, BeforeSilence, BeforeAlarms];

    public override void Process(Batch input)
    {
        if (_newest is not { } version)
        {
            context.Drop(input, "no-version");
            return;
        }

        var small = _int8?.Of(version, context);
        var (answerer, weights) = small ?? (_answerer, version);
        var answer = answerer.Answer(weights, input);
        context.Charge(answerer.MultiplyAdds);
        if (answer is not var (place, confidence, exit))
        {
            context.Drop(input, "non-finite");
            return;
        }

        if (small is null) { _int8?.Add(input); }
        else { exit = _exits.Length - 1; }
        if (small is not null || block.Model is Int8Network) { context.Record("int8"); }
        context.Record(_exits[exit]);
        if (_bound is { Bound: float.PositiveInfinity }) { context.Record("unbounded"); }
        var isValue = _plan.Target == TargetKind.Value;
        var possible = isValue ? [] : Possible();
        var half = Math.Max(0, _bound?.Bound ?? float.NaN);
        Learn(input);
        var time = DateTimeOffset.UnixEpoch.AddTicks(input[Schema.TimeColumn].Values<long>()[^1] / TimeSpan.NanosecondsPerTick);
        input.Dispose();
        output.Emit(isValue
            ? new(block.Device, time, "", 0, exit, version.Version)
            {
                Value = confidence,
                Bounds = float.IsFinite(half) ? (confidence - half, confidence + half) : null,
            }
            : new(block.Device, time, block.Options.Classes[place], confidence, exit, version.Version) { Possible = possible });
    }

    public void Control(Batch message)
    {
        if (_newest is { } version && _answerer.Answer(version, message) is not null)
        {
            context.Charge(_answerer.MultiplyAdds);
            Learn(message);
        }

        message.Dispose();
    }

    private ImmutableArray<string> Possible()
    {
        if (_bound is null) { return []; }
        var names = new string[ConformalScores.Set(_answerer.Scores, _bound.Bound, _set)];
        for (var i = 0; i < names.Length; i++) { names[i] = block.Options.Classes[_set[i]]; }
        return ImmutableCollectionsMarshal.AsImmutableArray(names);
    }

    /// <summary>Adapts the bound to the last window's label, if all its rows share it, or to its last row's target.</summary>
    private void Learn(Batch window)
    {
        if (_bound is not null && _plan.Target == TargetKind.Value)
        {
            if (window.TryColumn(Schema.TargetColumn, out var told) && told.IsValid(window.Rows - 1)
                && ConformalScores.OfValue(_answerer.Scores[0], told.Values<double>()[^1]) is var score && float.IsFinite(score))
            {
                Observe(score);
            }

            return;
        }

        if (_bound is null || !window.TryColumn(Schema.LabelColumn, out var labels)) { return; }
        var values = labels.Values<int>();
        for (var row = 0; row < window.Rows; row++)
        {
            if (!labels.IsValid(row) || values[row] != values[0] || (uint)values[row] >= (uint)_set.Length) { return; }
        }

        Observe(ConformalScores.OfClass(_answerer.Scores, values[0]));
    }

    private void Observe(float score)
    {
        var (isWithin, isAlarm) = _bound!.Observe(score);
        context.Record(isWithin ? "labels-within" : "labels-outside");
        if (isAlarm) { context.Record("bound-alarms"); }
    }

    /// <summary>Accepts newer versions; drops those of another model or with non-finite values.</summary>
    public void Control(Weights message)
    {
        if (message.SchemaHash != _plan.SchemaHash || message.Values.Length != _plan.Values) { context.Drop(message, "schema"); }
        else if (!TensorPrimitives.IsFiniteAll<float>(message.Values.AsSpan())) { context.Drop(message, "non-finite"); }
        else if (!Plausible.IsVersion(message.Id, context.Now)) { context.Drop(message, "implausible-epoch"); }
        else if (_newest is null || Plausible.Replaces(message.Id, _newest.Id, _heldSince, context.Now))
        {
            (_newest, _heldSince) = (message, context.Now);
        }
    }

    public void State(ref StateStream s)
    {
        _answerer.Left = s.Value(_answerer.Left);
        if (s.Format != BeforeBounds && s.Value(_bound is not null))
        {
            (_bound ?? new AdaptiveCoverage(new([], 0), 0.5))       // state of a bound that is no longer configured
                .State(ref s, hasAlarm: s.Format is not (BeforeInt8 or BeforeSilence or BeforeAlarms));
        }

        if (s.Format is not (BeforeBounds or BeforeInt8) && s.Value(_int8 is not null))
        {
            if (_int8 is null) { Int8Answers.Skip(ref s); }
            else { _int8.State(ref s); }
        }

        if (s.Format is not (BeforeBounds or BeforeInt8 or BeforeSilence)) { s.ClockTime(ref _heldSince); }
        if (!s.Value(_newest is not null && block.Options.Pinned is null)) { return; }
        var held = _newest;
        s.Value(ref held!, LearningCodecs.Weights);
        _newest = held;
    }
}
