using System.Globalization;

namespace StreamLearn.Learning;

/// <summary>Adds blocks that learn.</summary>
public static partial class LearningFlowExtensions
{
    /// <summary>Adds to each answer the set of possible classes, or a value's bounds, with the promised coverage for new groups.</summary>
    /// <remarks> Shape: answers with <c>probability0</c>, <c>probability1</c>, … float32, as from <c>Infer</c> with
    /// <see cref="InferOptions.Probabilities"/>; the same plus <c>possible</c> int64 out, bit k set if class k is possible. The most
    /// probable class and non-finite probabilities always are. A <c>label</c> int32 adapts later sets (<see cref="AdaptiveCoverage"/>).
    /// Answers with <c>value</c> float32 get <c>low</c> and <c>high</c> float32 instead, in its unit, and adapt to <c>target</c> float64;
    /// infinite bounds become NaN. State: the level of the bound, the capital of its alarm. Cost: O(classes) per row. Emits: a batch per
    /// batch. Drops: <c>schema</c>. Counts: <c>labels-within</c>, <c>labels-outside</c>, <c>bound-alarms</c>, <c>unbounded</c> rows; shows
    /// <c>bound-level</c>. Source: <see cref="ConformalScores"/>. </remarks>
    /// <param name="flow">Answers of the model that was scored.</param>
    /// <param name="coverage">Share of sets with the true class, above 0 and below 1.</param>
    /// <param name="scores">Scores of held-out groups.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is out of range.</exception>
    public static Flow<Batch> Bound(this Flow<Batch> flow, double coverage, ConformalScores scores)
    {
        ArgumentNullException.ThrowIfNull(flow);
        _ = new AdaptiveCoverage(scores, coverage);
        return flow.Via("bound", new BoundBlock(coverage, scores),
            static (BoundBlock block, OperatorContext context, IOutput<Batch> output) => new BoundAnswers(block, context, output));
    }
}

internal sealed record BoundBlock(double Coverage, ConformalScores Scores) : IBlockOptions
{
    internal const string SetColumn = "possible";
    internal const string LowColumn = "low";
    internal const string HighColumn = "high";
    private const int MaxClasses = 64;      // bits of a set

    public string State => "level of the bound, capital of its alarm";

    public long StateBytes(Schema? input) => 7 * sizeof(double);

    public Schema Output(Schema input)
    {
        if (ValueAt(input) is { } at)
        {
            var unit = input.Fields[at].Unit;
            return new([.. input.Fields, Field.Channel(LowColumn, unit), Field.Channel(HighColumn, unit)]);
        }

        Require(input);
        return new([.. input.Fields, new(SetColumn, ColumnType.Int64, Unit.One)]);
    }

    internal static int? ValueAt(Schema input) =>
        input.IndexOf(InferBlock.ValueColumn) is >= 0 and var at && input.Fields[at].Type == ColumnType.Float32 ? at : null;

    /// <summary>Column indices; negative: absent.</summary>
    internal static (int First, int Classes, int LabelAt) Require(Schema input)
    {
        var (first, classes) = (input.IndexOf(AnswerColumns.Probability(0)), 0);
        while (first >= 0 && first + classes < input.Fields.Length
            && input.Fields[first + classes] is { Type: ColumnType.Float32, Name: var name } && name == AnswerColumns.Probability(classes))
        {
            classes++;
        }

        return classes is >= 2 and <= MaxClasses
            ? (first, classes, input.IndexOf(Schema.LabelColumn) is >= 0 ? input.Require(Schema.LabelColumn, ColumnType.Int32) : -1)
            : throw new SchemaException(string.Create(CultureInfo.InvariantCulture,
                $"expected the probabilities of 2 to {MaxClasses} classes (InferOptions.Probabilities), got {input}"));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Coverage:P1} by {Scores.Groups} groups");
}

internal sealed class BoundAnswers(BoundBlock block, OperatorContext context, IOutput<Batch> output) : Operator<Batch>, IStateful
{
    private const string BeforeAlarms = "bound/1";

    private readonly AdaptiveCoverage _coverage = new(block.Scores, block.Coverage);
    private Schema? _input;
    private Schema? _answers;
    private AnswerColumns _columns;
    private int? _valueAt;
    private float[] _probabilities = [];
    private int[] _classes = [];

    public string StateFormat => "bound/2";

    public IReadOnlyList<string> EarlierFormats => [BeforeAlarms];

    public void State(ref StateStream s) => _coverage.State(ref s, hasAlarm: s.Format != BeforeAlarms);

    public override void Process(Batch input)
    {
        if (!Knows(input.Schema))
        {
            context.Drop(input, "schema");
            return;
        }

        var answers = context.Pool.Rent(_answers!, input.Rows);
        for (var c = 0; c < input.Columns.Count; c++) { answers.Columns[c].CopyFrom(0, input.Columns[c], 0, input.Rows); }
        var (within, outside, alarms, unbounded) = (0, 0, 0, 0);
        for (var row = 0; row < input.Rows; row++)
        {
            if (float.IsPositiveInfinity(_coverage.Bound)) { unbounded++; }
            if ((_valueAt is { } at ? Interval(input, at, row, answers) : Set(input, row, answers)) is not { } score) { continue; }
            var (isWithin, isAlarm) = _coverage.Observe(score);
            if (isAlarm) { alarms++; }
            (within, outside) = isWithin ? (within + 1, outside) : (within, outside + 1);
        }

        input.Dispose();
        if (within > 0) { context.Record("labels-within", within); }
        if (outside > 0) { context.Record("labels-outside", outside); }
        if (alarms > 0) { context.Record("bound-alarms", alarms); }
        if (unbounded > 0) { context.Record("unbounded", unbounded); }
        context.Gauge("bound-level", _coverage.Level);
        output.Emit(answers);
    }

    /// <summary>Returns the score of the label; null if there is no label.</summary>
    private float? Set(Batch input, int row, Batch answers)
    {
        var probabilities = _columns.Probabilities(input, row, _probabilities);
        var set = 0L;
        foreach (var k in _classes.AsSpan(0, ConformalScores.Set(probabilities, _coverage.Bound, _classes))) { set |= 1L << k; }
        answers.Columns[^1].Writable<long>()[row] = set;
        return _columns.Label(input, row) is not { } label || (uint)label >= (uint)_classes.Length ? null
            : ConformalScores.OfClass(probabilities, label);
    }

    /// <summary>The same for values; at a level below 0, only the value itself is within.</summary>
    private float? Interval(Batch input, int at, int row, Batch answers)
    {
        var value = input.Columns[at].IsValid(row) ? input.Columns[at].Values<float>()[row] : float.NaN;
        var half = Math.Max(0, _coverage.Bound);
        answers.Columns[^2].Writable<float>()[row] = float.IsFinite(half) ? value - half : float.NaN;
        answers.Columns[^1].Writable<float>()[row] = float.IsFinite(half) ? value + half : float.NaN;
        return !input.TryColumn(Schema.TargetColumn, out var told) || told.Field.Type != ColumnType.Float64 || !told.IsValid(row)
            || !(ConformalScores.OfValue(value, told.Values<double>()[row]) is var score && float.IsFinite(score))
            ? null : score;
    }

    private bool Knows(Schema schema)
    {
        if (ReferenceEquals(_input, schema)) { return true; }
        try
        {
            _answers = block.Output(schema);
            (_input, _valueAt) = (schema, BoundBlock.ValueAt(schema));
            if (_valueAt is not null) { return true; }
            var (first, classes, label) = BoundBlock.Require(schema);
            _columns = new(-1, -1, label, -1, first);
            (_probabilities, _classes) = (new float[classes], new int[classes]);
            return true;
        }
        catch (SchemaException) { return false; }
    }
}
