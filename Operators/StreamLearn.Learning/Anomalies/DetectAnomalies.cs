using System.Numerics;

namespace StreamLearn.Learning;

/// <summary>Adds blocks that learn.</summary>
public static partial class LearningFlowExtensions
{
    /// <summary>Adds to each row an anomaly score and whether it is an alert, without labels.</summary>
    /// <remarks> Shape: float32 columns, values may be missing; the same rows plus <c>score</c> float32 and <c>alert</c> int32, 0 or 1,
    /// out, and with <see cref="AnomalyOptions.NamesChannel"/> <c>channel</c> int32, the index of a watched column or −1. Units: the
    /// rule's. The first <see cref="AnomalyOptions.LearnRows"/> rows are assumed to be usual and raise no alert. Each row is scored by
    /// earlier ones, regardless of batch boundaries. State: the rule's, and the scores that set the threshold. Cost: the rule's; no
    /// allocation per row. Emits: a batch per batch. Drops: rows <c>non-finite</c>, <c>missing</c> (all values, or any under a rule that
    /// needs all); batches <c>schema</c>. Counts <c>alerts</c>; shows <c>score</c>, of the last row, and <c>alert-threshold</c>, once
    /// known. Source: the rule's, and its threshold's (<see cref="TailThreshold"/>). </remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="options">Columns, rows to learn from and false alarm rate; null: defaults.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public static Flow<Batch> DetectAnomalies(this Flow<Batch> flow, AnomalyRule rule, AnomalyOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(rule);
        options ??= new();
        rule.Check();
        options.Check();
        options.CheckRows(rule, options.Columns.IsDefaultOrEmpty ? 1 : options.Columns.Length);
        return flow.Via("detect-anomalies", new DetectAnomaliesBlock(rule, options),
            static (DetectAnomaliesBlock block, OperatorContext context, IOutput<Batch> output) =>
                new DetectAnomalies(block, context, output));
    }
}

internal sealed record DetectAnomaliesBlock(AnomalyRule Rule, AnomalyOptions Options) : IBlockOptions
{
    internal const string ScoreColumn = "score";
    internal const string AlertColumn = "alert";
    internal const string ChannelColumn = "channel";

    public string State => "the state of the rule, and the threshold";

    public long StateBytes(Schema? input) => 64 + (4L * Options.LearnRows) + (input is null ? 0 : Rule.StateBytes(Watched(input).Length));

    public int? MaxRows(int? input) => input;

    public Schema Output(Schema input)
    {
        var privacy = Watched(input).Max(c => input.Fields[c].Privacy);
        Field[] added =
        [
            Field.Channel(ScoreColumn, Unit.One), new(AlertColumn, ColumnType.Int32, Unit.One),
            .. Options.NamesChannel ? [new Field(ChannelColumn, ColumnType.Int32, Unit.One)] : Array.Empty<Field>(),
        ];
        foreach (var field in added)
        {
            if (input.IndexOf(field.Name) >= 0) { throw new SchemaException($"expected no column '{field.Name}', got {input}"); }
        }

        return new([.. input.Fields, .. added.Select(f => f with { Privacy = privacy })]);
    }

    internal int[] Watched(Schema input)
    {
        int[] watched = Options.Columns.IsDefaultOrEmpty
            ? [.. Enumerable.Range(0, input.Fields.Length).Where(c => input.Fields[c].Type == ColumnType.Float32)]
            : [.. Options.Columns.Select(name => input.Require(name, ColumnType.Float32))];
        return Problem(watched.Length) is { } problem ? throw new SchemaException($"{problem}, got {input}") : watched;
    }

    internal string? Problem(int channels) =>
        channels == 0 || (Rule.Channels is { } only && channels != only)
            ? $"expected {Rule.Channels?.ToString() ?? "some"} float32 columns to watch"
        : Options.LearnRows < Options.LeastRows(Rule, channels) ? FormattableString.Invariant(
            $"expected at least {Options.LeastRows(Rule, channels)} rows to learn from for {channels} columns, got {Options.LearnRows}")
        : !Options.FitsUsual(channels) ? FormattableString.Invariant($"expected {Options.LearnRows} usual rows of {channels} columns")
        : null;

    public override string ToString() => $"{Rule}, {Options}";
}

internal sealed class DetectAnomalies(DetectAnomaliesBlock block, OperatorContext context, IOutput<Batch> output)
    : Operator<Batch>, IStateful
{
    private readonly string _settings = block.ToString();
    private AnomalyDetector? _detector;
    private Schema? _input;
    private Schema? _output;
    private int[] _watched = [];
    private int _channels;
    private float[] _values = [];       // values of the watched columns, row by row
    private int[] _missing = [];        // missing values by row
    private int[] _kept = [];
    private float[] _scores = [];
    private int[] _alerts = [];
    private int[] _named = [];          // the channel of each alert

    public string StateFormat { get; } = $"detect-anomalies {block.Rule.GetType().Name}/3";

    public void State(ref StateStream s)
    {
        var settings = s.Value(_settings);
        if (settings != _settings) { throw new StateException($"expected the state of {_settings}, got that of {settings}"); }
        var channels = s.Value(_channels, 0, Schema.MaxColumns);
        if (channels == 0) { return; }
        if (block.Problem(channels) is { } problem) { throw new StateException($"{problem}, got {channels}"); }
        if (s.IsReading) { Begin(channels, block.Options with { UsualRows = [] }); }
        _detector!.State(ref s);
    }

    public override void Process(Batch input)
    {
        if (!Takes(input.Schema))
        {
            context.Drop(input, "schema");
            return;
        }

        Reserve(input.Rows);
        Gather(input);
        var (kept, alerts) = (0, 0);
        for (var row = 0; row < input.Rows; row++)
        {
            if (!Keeps(row)) { continue; }
            (_kept[kept], (_scores[kept], var isAlert, _named[kept])) = (row, _detector!.Judge(this[row]));
            alerts += _alerts[kept++] = isAlert ? 1 : 0;
        }

        if (alerts > 0) { context.Record("alerts", alerts); }
        if (_detector!.Threshold is { } threshold) { context.Gauge("alert-threshold", threshold); }
        if (kept > 0) { context.Gauge("score", _scores[kept - 1]); }
        var judged = context.Pool.Rent(_output!, kept);
        Carry(input, judged, kept);
        _scores.AsSpan(0, kept).CopyTo(judged[DetectAnomaliesBlock.ScoreColumn].Writable<float>());
        _alerts.AsSpan(0, kept).CopyTo(judged[DetectAnomaliesBlock.AlertColumn].Writable<int>());
        if (block.Options.NamesChannel) { _named.AsSpan(0, kept).CopyTo(judged[DetectAnomaliesBlock.ChannelColumn].Writable<int>()); }
        input.Dispose();
        output.Emit(judged);
    }

    private void Gather(Batch input)
    {
        Array.Clear(_missing, 0, input.Rows);
        for (var c = 0; c < _watched.Length; c++)
        {
            var column = input.Columns[_watched[c]];
            var values = column.Values<float>();
            for (var r = 0; r < values.Length; r++) { _values[(r * _watched.Length) + c] = values[r]; }
            for (var r = 0; column.Field.Nullable && r < values.Length; r++)
            {
                if (column.IsValid(r)) { continue; }
                _values[(r * _watched.Length) + c] = float.NaN;
                _missing[r]++;
            }
        }
    }

    private bool Keeps(int row)
    {
        var (missing, broken) = (_missing[row], 0);
        if (missing == 0 && Finite.All(this[row])) { return true; }
        foreach (var value in this[row]) { broken += float.IsFinite(value) ? 0 : 1; }
        if (broken == missing && missing < _channels && block.Rule.TakesMissing) { return true; }
        context.DropRows(1, broken > missing ? "non-finite" : "missing");
        return false;
    }

    private ReadOnlySpan<float> this[int row] => _values.AsSpan(row * _channels, _channels);

    private void Carry(Batch from, Batch to, int kept)
    {
        for (var start = 0; start < kept;)
        {
            var end = start + 1;
            while (end < kept && _kept[end] == _kept[end - 1] + 1) { end++; }
            for (var c = 0; c < from.Columns.Count; c++) { to.Columns[c].CopyFrom(start, from.Columns[c], _kept[start], end - start); }
            start = end;
        }
    }

    private bool Takes(Schema schema)
    {
        if (ReferenceEquals(_input, schema)) { return true; }
        try
        {
            var watched = block.Watched(schema);
            if (_detector is not null && watched.Length != _channels) { return false; }
            (_input, _output, _watched) = (schema, block.Output(schema), watched);
            if (_detector is null) { Begin(watched.Length, block.Options); }
            return true;
        }
        catch (SchemaException) { return false; }
    }

    private void Begin(int channels, AnomalyOptions options) => (_detector, _channels) = (new(block.Rule, channels, options), channels);

    private void Reserve(int rows)
    {
        if (_kept.Length >= rows) { return; }
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)rows);
        (_kept, _scores, _alerts, _named) = (new int[size], new float[size], new int[size], new int[size]);
        (_values, _missing) = (new float[size * _channels], new int[size]);
    }
}
