namespace StreamLearn.Learning;

/// <summary>Adds blocks that learn.</summary>
public static partial class LearningFlowExtensions
{
    /// <summary>Detects a change in the errors of labeled answers or in a column's mean.</summary>
    /// <remarks> Shape: without a column, <c>class</c> and <c>label</c> int32 as from <c>Infer</c> and <c>Learn</c>: 1 if they differ, else
    /// 0. Otherwise a float32 or float64 column, in its unit. ADWIN needs values from 0 to 1. State: the rule's. Cost: O(1) per row on
    /// average. Emits: one alarm after a batch with a change or a new warning: the last change, else the warning. Drops: rows
    /// <c>unlabelled</c>, <c>missing</c>, <c>non-finite</c>; <c>schema</c>. Counts <c>drifts</c>; shows <c>drift-mean</c>. Source: the
    /// rule's. </remarks>
    /// <param name="flow">Answers, or any rows.</param>
    /// <param name="rule">The rule; default ADWIN.</param>
    /// <param name="column">The column to watch; null, the default: errors.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public static Flow<DriftAlarm> DetectDrift(this Flow<Batch> flow, DriftRule? rule = null, string? column = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        rule ??= DriftRule.Adwin();
        rule.Check();
        return flow.Via("detect-drift", new DetectDriftBlock(rule, column),
            static (DetectDriftBlock block, OperatorContext context, IOutput<DriftAlarm> output) =>
                new DetectDrift(block, context, output));
    }
}

internal sealed record DetectDriftBlock(DriftRule Rule, string? Column) : IBlockOptions
{
    public IReadOnlyList<MessageCodec> MessageCodecs => [DriftAlarm.Codec];

    public string State => "the state of the rule";

    public long StateBytes(Schema? input) => Rule.StateBytes + 64;

    public Schema Output(Schema input)
    {
        if (Column is null)
        {
            input.Require(InferBlock.ClassColumn, ColumnType.Int32);
            input.Require(Schema.LabelColumn, ColumnType.Int32);
        }
        else if (input.IndexOf(Column) is var at && (at < 0 || input.Fields[at].Type is not (ColumnType.Float32 or ColumnType.Float64)))
        {
            throw new SchemaException($"expected a float32 or float64 column '{Column}', got {input}");
        }

        return input;
    }

    public override string ToString() => Column is null ? $"{Rule}" : $"{Rule} of {Column}";
}

internal sealed class DetectDrift(DetectDriftBlock block, OperatorContext context, IOutput<DriftAlarm> output) : Operator<Batch>, IStateful
{
    private readonly IDriftStatistic _statistic = block.Rule.Create();
    private Schema? _known;
    private long _rows;
    private DriftLevel _level;

    public string StateFormat { get; } = $"detect-drift {block.Rule.GetType().Name}/1";

    public void State(ref StateStream s)
    {
        s.Value(ref _rows);
        _level = (DriftLevel)s.Value((int)_level, 0, (int)DriftLevel.Drift);
        _statistic.State(ref s);
    }

    public override void Process(Batch input)
    {
        if (!Takes(input.Schema))
        {
            context.Drop(input, "schema");
            return;
        }

        DriftAlarm? alarm = null;
        for (var row = 0; row < input.Rows; row++)
        {
            if (ValueOf(input, row) is { } value && Watch(value) is { } level && (alarm is null || level >= alarm.Level))
            {
                alarm = AlarmOf(input, row, level);
            }
        }

        context.Gauge("drift-mean", _statistic.Mean);
        input.Dispose();
        if (alarm is not null) { output.Emit(alarm); }
    }

    private DriftLevel? Watch(double value)
    {
        _rows++;
        var before = _level;
        _level = _statistic.Add(value);
        if (_level == DriftLevel.Drift) { context.Record("drifts"); }
        return _level == DriftLevel.Drift || (_level == DriftLevel.Warning && before != DriftLevel.Warning) ? _level : null;
    }

    private bool Takes(Schema schema)
    {
        if (ReferenceEquals(schema, _known)) { return true; }
        try { block.Output(schema); }
        catch (SchemaException) { return false; }

        _known = schema;
        return true;
    }

    private double? ValueOf(Batch input, int row)
    {
        if (block.Column is null)
        {
            var (answer, label) = (input[InferBlock.ClassColumn], input[Schema.LabelColumn]);
            if (answer.IsValid(row) && label.IsValid(row)) { return answer.Values<int>()[row] == label.Values<int>()[row] ? 0 : 1; }
            context.DropRows(1, "unlabelled");
            return null;
        }

        var column = input[block.Column];
        if (!column.IsValid(row))
        {
            context.DropRows(1, "missing");
            return null;
        }

        var value = column.Field.Type == ColumnType.Float32 ? column.Values<float>()[row] : column.Values<double>()[row];
        if (double.IsFinite(value)) { return value; }
        context.DropRows(1, "non-finite");
        return null;
    }

    private DriftAlarm AlarmOf(Batch input, int row, DriftLevel level) => new()
    {
        Device = context.Pipeline,
        Block = context.Block,
        Level = level,
        Row = _rows,
        TimeNanoseconds = input.TryColumn(Schema.TimeColumn, out var time) && time.Field.Type == ColumnType.Int64 && time.IsValid(row)
            ? time.Values<long>()[row] : null,
        Mean = _statistic.Mean,
    };
}
