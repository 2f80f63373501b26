using System.Collections.Immutable;

namespace StreamLearn.Operators;

internal sealed class WindowFeatures(Func<Schema, FeatureLayout> layout, ImmutableArray<FrequencyBand> bands, double? samplesPerSecond,
    OperatorContext context, IOutput<Batch> output) : Operator<Batch>
{
    /// <summary>The measured time of all features, in multiply-adds of a network.</summary>
    private const long MultiplyAddsPerRow = 80;

    private readonly SignalFeatures _features = new(bands);
    private FeatureLayout? _layout;
    private WindowSignals? _signals;
    private bool _needsRate;

    public override void Process(Batch batch)
    {
        if (_layout is null)
        {
            _layout = layout(batch.Schema);
            _signals = new(_layout);
            _needsRate = samplesPerSecond is null && _layout.Signals.Any(s => FeatureColumns.NeedRate(s.Features, bands));
        }

        if (!batch.Schema.Equals(_layout.Input)) { context.Drop(batch, "schema"); }
        else if (batch.Rows == 0) { context.Drop(batch, "empty"); }
        else if (!_needsRate || batch.Rows == 1) { Describe(batch, samplesPerSecond ?? 1); }
        else if (SampleRate.Of(batch, samplesPerSecond) is { } rate) { Describe(batch, rate); }
        else { context.Drop(batch, "no-rate"); }
    }

    private void Describe(Batch window, double rate)
    {
        var (made, signals) = (_layout!, _signals!);
        var row = context.Pool.Rent(made.Output, 1);
        for (var c = 0; c < made.Passing.Length; c++)
        {
            if (made.Passing[c] is >= 0 and var target) { WindowColumns.Copy(window.Columns[c], row.Columns[target]); }
        }

        context.Charge(MultiplyAddsPerRow * window.Rows * made.Signals.Length);
        signals.Load(window, rate);
        _features.Reserve(window.Rows);
        var next = made.FirstFeature;
        for (var s = 0; s < made.Signals.Length; s++)
        {
            var present = _features.Describe(signals.Values(s), made.Signals[s].Features, rate, signals.Centered(s));
            signals.Note(s, present, _features);
            var (values, nullable) = (_features.Values, made.Signals[s].Nullable);
            foreach (var place in made.Places[s]) { Write(row.Columns[next++], values[place], nullable); }
        }

        foreach (var (first, second) in made.Pairs)
        {
            var column = row.Columns[next++];
            Write(column, signals.Correlation(first, second), column.Field.Nullable);
        }

        foreach (var area in made.Areas)
        {
            var column = row.Columns[next++];
            Write(column, signals.Area(area), column.Field.Nullable);
        }

        for (var s = 0; s < made.Signals.Length; s++)
        {
            if (made.Signals[s].HasGravity) { Write(row.Columns[next++], signals.GravityOf(s), made.Signals[s].Nullable); }
        }

        window.Dispose();
        output.Emit(row);
    }

    private static void Write(Column column, double value, bool nullable)
    {
        column.Writable<float>()[0] = (float)value;
        if (nullable) { column.SetValid(0, !double.IsNaN(value)); }
    }
}
