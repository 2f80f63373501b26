namespace Sensor;

internal static class LabelByNextExtensions
{
    /// <summary>Labels a window by the disjoint window that follows it <paramref name="ahead"/> windows later.</summary>
    internal static Flow<Batch> LabelByNext(this Flow<Batch> flow, NextRule rule, int ahead) => flow.Via(
        "label-by-next",
        new LabelByNextOptions(rule.Channel, string.Join(' ', rule.Levels), ahead, string.Join(' ', rule.Places)) { Rule = rule },
        static (LabelByNextOptions options, OperatorContext context, IOutput<Batch> output) => new LabelByNext(options, context, output));
}

/// <summary>The settings as strings, for equality.</summary>
internal sealed record LabelByNextOptions(string Channel, string Levels, int Ahead, string Places) : IBlockOptions
{
    internal required NextRule Rule { get; init; }

    public string State => $"{Ahead} windows";

    public Schema Output(Schema input)
    {
        input.Require(Channel, ColumnType.Float32);
        return new([.. input.Fields, Field.Label()]);
    }

    public int? MaxRows(int? input) => input;

    public bool Equals(LabelByNextOptions? other) =>
        other is not null
        && (Channel, Levels, Ahead, Places) == (other.Channel, other.Levels, other.Ahead, other.Places);

    public override int GetHashCode() => HashCode.Combine(Channel, Levels, Ahead);

    public override string ToString() => $"mean of {Channel}, levels {Levels}, {Ahead} ahead";
}

/// <summary>Holds windows until their class is known; a window after a gap labels none.</summary>
internal sealed class LabelByNext(LabelByNextOptions options, OperatorContext context, IOutput<Batch> output)
    : Operator<Batch>, IStateful, IDisposable
{
    private const int MaxSpans = 3;        // maximum time to the end of the next window, in window lengths

    private readonly Queue<Batch> _held = new();

    public string StateFormat => "label-by-next/1";

    public override void Process(Batch input)
    {
        _held.Enqueue(input);
        if (_held.Count <= options.Ahead) { return; }
        var window = _held.Dequeue();
        var (first, last) = (Times(window)[0], Times(window)[^1]);
        if (Times(input)[^1] - first > MaxSpans * Math.Max(1, last - first)) { context.Drop(window, "no-next"); }
        else { Emit(window, ClassOf(input)); }
    }

    public override void Complete()
    {
        foreach (var window in _held) { context.Drop(window, "no-next"); }
        _held.Clear();
    }

    public void State(ref StateStream s) => s.Items(_held, options.Ahead, static (ref StateStream s, ref Batch window) =>
        window = s.Value(window) ?? throw new StateException("expected a batch"));

    public void Dispose()
    {
        foreach (var window in _held) { window.Dispose(); }
        _held.Clear();
    }

    private static ReadOnlySpan<long> Times(Batch batch) => batch[Schema.TimeColumn].Values<long>();

    private int ClassOf(Batch window)
    {
        var sum = 0.0;
        foreach (var value in window[options.Channel].Values<float>()) { sum += value; }
        var reached = options.Rule.Levels.Count(level => sum / window.Rows >= level);
        return options.Rule.Places.IsEmpty ? reached : options.Rule.Places[reached];
    }

    private void Emit(Batch window, int label)
    {
        using (window)
        {
            var labelled = context.Pool.Rent(options.Output(window.Schema), window.Rows);
            for (var c = 0; c < window.Columns.Count; c++) { labelled.Columns[c].CopyFrom(0, window.Columns[c], 0, window.Rows); }
            var column = labelled[Schema.LabelColumn];
            column.Writable<int>().Fill(label);
            for (var row = 0; row < labelled.Rows; row++) { column.SetValid(row, true); }
            output.Emit(labelled);
        }
    }
}
