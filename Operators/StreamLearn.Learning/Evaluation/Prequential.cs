namespace StreamLearn.Learning;

/// <summary>Adds blocks that learn.</summary>
public static partial class LearningFlowExtensions
{
    /// <summary>Scores labeled answers row by row, in order.</summary>
    /// <remarks> Shape: <c>class</c> int32, <c>confidence</c> float32 and <c>label</c> int32, as from <c>Infer</c>; <c>probability0</c>,
    /// <c>probability1</c>, … float32, one per class, add log loss and Brier score. State: counts, the last answers. Cost: O(classes) per
    /// row. Emits: a score every <see cref="PrequentialOptions.EveryRows"/> rows and at the end. Drops: <c>unlabelled</c>,
    /// <c>bad-label</c>, <c>bad-class</c>, <c>non-finite</c>, <c>schema</c>. Source: Gama, Sebastião, Rodrigues (2013). </remarks>
    /// <param name="flow">The answers.</param>
    /// <param name="classes">Classes, at least 2.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static Flow<PrequentialScore> Prequential(this Flow<Batch> flow, int classes, PrequentialOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        return PrequentialBlock.Checked(classes, delayed: false, options).Wire(flow);
    }

    /// <summary>Scores answers when their delayed labels arrive.</summary>
    /// <remarks> Shape: a key column int64 (default <c>time</c>), <c>class</c> int32, <c>confidence</c> float32, as from <c>Infer</c>, and
    /// optionally <c>label</c>, scored at once. Labels: the key column and <c>label</c> int32; they may precede their answers.
    /// <c>probability0</c>, <c>probability1</c>, … float32, one per class, add log loss and Brier score. State: pending answers and labels,
    /// counts, the last answers. Cost: O(classes) per row. Emits: a score every <see cref="PrequentialOptions.EveryRows"/> rows and at the
    /// end, which waits for labels. Drops: <c>label-missing</c> (not on time), <c>repeated-key</c>, <c>bad-label</c>, <c>bad-class</c>,
    /// <c>non-finite</c>, <c>schema</c>. Counts: <c>labels-late</c> (answer evicted), <c>labels-unmatched</c> (no answer),
    /// <c>labels-bad</c>; shows <c>rows-held</c>. Source: Gama, Sebastião, Rodrigues (2013); Plasse, Adams (2016) for delayed labels.
    /// </remarks>
    /// <param name="flow">The answers.</param>
    /// <param name="labels">The labels.</param>
    /// <param name="classes">Classes, at least 2.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static Flow<PrequentialScore> Prequential(this Flow<Batch> flow, Flow<Batch> labels, int classes,
        PrequentialOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(labels);
        return PrequentialBlock.Checked(classes, delayed: true, options).Wire(flow).ControlledBy(labels);
    }
}

internal sealed record PrequentialBlock(int Classes, bool Delayed, PrequentialOptions Options) : IBlockOptions
{
    public IReadOnlyList<MessageCodec> MessageCodecs => EvaluationMessages.All;

    public string State => Delayed ? "counts, pending answers and labels" : "counts";

    public long StateBytes(Schema? input) =>
        (16L * Classes * Classes) + (12L * Options.WindowRows) + (24L * Reliability.DefaultBins)
            + (Delayed ? (120L + (4L * Classes)) * Options.MaxPendingRows : 0);

    public Schema Output(Schema input)
    {
        AnswerColumns.Require(input, this);
        return input;
    }

    public override string ToString() => $"{Classes} classes, {Options}{(Delayed ? $", labels by '{Options.Key}'" : "")}";

    internal static PrequentialBlock Checked(int classes, bool delayed, PrequentialOptions? options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        options ??= new();
        options.Check();
        return new(classes, delayed, options);
    }

    internal Flow<PrequentialScore> Wire(Flow<Batch> flow) => flow.Via("prequential", this,
        static (PrequentialBlock block, OperatorContext context, IOutput<PrequentialScore> output) =>
            new Prequential(block, context, output));
}

internal sealed class Prequential(PrequentialBlock block, OperatorContext context, IOutput<PrequentialScore> output)
    : Operator<Batch>, IStateful, IControlledBy<Batch>
{
    private readonly PrequentialMeasure _measure = new(block.Classes, block.Options.WindowRows, block.Options.FadingFactor);

    private readonly PendingLabels? _pending = block.Delayed ? new(block, context) : null;
    private readonly float[] _probabilities = new float[block.Classes];
    private Schema? _known;
    private AnswerColumns _columns;
    private long _emitted;

    public override bool AwaitingReplies => _pending is { Answers: > 0 };

    public string StateFormat => "prequential/1";

    public void State(ref StateStream s)
    {
        _measure.State(ref s);
        _pending?.State(ref s);
        s.Value(ref _emitted);
    }

    public override void Process(Batch input)
    {
        if (!ReferenceEquals(_known, input.Schema) && !AnswerColumns.TryFind(input.Schema, block, out _columns))
        {
            context.Drop(input, "schema");
            return;
        }

        _known = input.Schema;
        for (var row = 0; row < input.Rows; row++) { Read(input, row); }
        input.Dispose();
        EmitWhenDue();
    }

    /// <summary>Labels never wait for answers.</summary>
    public void Control(Batch message)
    {
        if (!AnswerColumns.HasLabels(message.Schema, block))
        {
            context.Drop(message, "schema");
            return;
        }

        var (keys, labels) = (message[block.Options.Key], message[Schema.LabelColumn]);
        for (var row = 0; row < message.Rows; row++)
        {
            var label = labels.Values<int>()[row];
            if (!keys.IsValid(row) || !labels.IsValid(row) || (uint)label >= (uint)block.Classes) { context.Record("labels-bad"); }
            else { _pending!.Label(keys.Values<long>()[row], label, _measure); }
        }

        message.Dispose();
        EmitWhenDue();
    }

    public override void WakeUp() => _pending?.GiveUp();

    public override void Complete()
    {
        _pending?.End();
        if (_measure.Rows > _emitted) { Emit(); }
    }

    private void Read(Batch input, int row)
    {
        var answer = _columns.Answer(input, row);
        var confidence = _columns.Confidence(input, row);
        var probabilities = _columns.Probabilities(input, row, _probabilities);
        if ((uint)answer >= (uint)block.Classes) { context.DropRows(1, "bad-class"); }
        else if (!IsProbability(confidence) || !ArePossible(probabilities)) { context.DropRows(1, "non-finite"); }
        else if (_columns.Label(input, row) is { } label)
        {
            if ((uint)label < (uint)block.Classes) { _measure.Add(label, answer, confidence, probabilities); }
            else { context.DropRows(1, "bad-label"); }
        }
        else if (_pending is null) { context.DropRows(1, "unlabelled"); }
        else { _pending.Answer(_columns.Key(input, row), new(answer, confidence), probabilities, _measure); }
    }

    private static bool IsProbability(float value) => value is >= 0 and <= 1;

    private static bool ArePossible(ReadOnlySpan<float> probabilities)
    {
        foreach (var value in probabilities)
        {
            if (!IsProbability(value)) { return false; }
        }

        return true;
    }

    private void EmitWhenDue()
    {
        if (_measure.Rows - _emitted >= block.Options.EveryRows) { Emit(); }
    }

    private void Emit()
    {
        _emitted = _measure.Rows;
        output.Emit(_measure.Score(context.Pipeline));
    }
}
