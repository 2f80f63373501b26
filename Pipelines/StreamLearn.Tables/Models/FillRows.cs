using System.Runtime.InteropServices;
using StreamLearn.Operators;

namespace StreamLearn.Tables;

internal static class FillRowsExtensions
{
    /// <summary>Fills rows, and numbers the parts between gaps in a column <c>segment</c>. <paramref name="part"/>: a column that changes
    /// where a part begins; there may be none of the name.</summary>
    internal static Flow<Batch> FillRows(this Flow<Batch> rows, Preparation preparation, Action<RowGap>? gap,
        Action<int, double>? resampled = null, string? part = null) => rows.Via("fill",
        new FillRowsOptions(preparation, part ?? OwnForm.FileOfRow) { Gap = gap, Resampled = resampled },
        static (FillRowsOptions options, OperatorContext context, IOutput<Batch> output) => new FillRows(options, context, output));
}

internal sealed record FillRowsOptions(Preparation Preparation, string Part) : IBlockOptions
{
    internal Action<RowGap>? Gap { get; init; }

    /// <summary>Receives the label of a device and its own rate, if its rows come at another than the model's.</summary>
    internal Action<int, double>? Resampled { get; init; }

    public string State => "the last rows";

    public Schema Output(Schema input)
    {
        List<Field> fields = [Field.Time(), .. Preparation.Channels];
        if (input.IndexOf(Schema.LabelColumn) >= 0) { fields.Add(Field.Label()); }
        if (input.IndexOf(Schema.TargetColumn) is >= 0 and var at) { fields.Add(input.Fields[at]); }
        return new([.. fields, new(CheckQualityOptions.SegmentColumn, ColumnType.Int32, Unit.One)]);
    }

    public bool Equals(FillRowsOptions? other) => other is not null && (Preparation, Part) == (other.Preparation, other.Part);

    public override int GetHashCode() => Preparation.GetHashCode();

    public override string ToString() => FormattableString.Invariant($"up to {Preparation.FilledRows} rows");
}

internal sealed class FillRows : Operator<Batch>, IStateful
{
    private readonly FillRowsOptions _options;
    private readonly OperatorContext _context;
    private readonly IOutput<Batch> _output;
    internal const string BeforeRates = "fill-rows/2";

    private readonly PacedRows _filling;
    private readonly int _channels;
    private readonly float[] _values;
    private readonly Column[] _columns;
    private readonly List<(long Time, int Label, int Segment)> _rows = [];
    private readonly List<float> _taken = [];       // values of consecutive rows
    private long _leftOut;
    private long _again;
    private long _stray;
    private long _filled;
    private long _between;
    private int _segment;
    private long _lastTime;
    private int _lastLabel = -1;
    private long _leftOutThen;
    private int? _file;
    private bool _isResampled;
    private Schema? _input;
    private Schema? _filledIn;       // output columns for rows of _input

    internal FillRows(FillRowsOptions options, OperatorContext context, IOutput<Batch> output)
    {
        (_options, _context, _output) = (options, context, output);
        _channels = options.Preparation.Channels.Length;
        _values = new float[_channels];
        _columns = new Column[_channels];
        _filling = new(_channels, options.Preparation.RowsPerSecond, options.Preparation.FilledRows, options.Preparation.Gap,
            Take)
        {
            EachRow = options.Preparation.WindowRows == 1,
        };
    }

    public string StateFormat => "fill-rows/3";

    public IReadOnlyList<string> EarlierFormats => [BeforeRates];

    public override void Process(Batch input)
    {
        using (input)
        {
            var times = input[Schema.TimeColumn].Values<long>();
            Column? label = input.TryColumn(Schema.LabelColumn, out var found) ? found : null;
            Column? target = input.TryColumn(Schema.TargetColumn, out found) ? found : null;
            var files = input.TryColumn(_options.Part, out var file) ? file.Values<int>() : default;
            for (var c = 0; c < _channels; c++) { _columns[c] = input[_options.Preparation.Channels[c].Name]; }
            for (var row = 0; row < input.Rows; row++)
            {
                if (!files.IsEmpty && files[row] != _file)
                {
                    if (_file is not null) { _filling.Break(); }
                    _file = files[row];
                }

                for (var c = 0; c < _channels; c++)
                {
                    _values[c] = _columns[c].IsValid(row) ? _columns[c].Values<float>()[row] : float.NaN;
                }

                _filling.Add(times[row], _values, label is { } known && known.IsValid(row) ? known.Values<int>()[row]
                    : target is { } value && value.IsValid(row) ? BitConverter.SingleToInt32Bits((float)value.Values<double>()[row]) : -1);
            }

            Count();
            var schema = OutputOf(input.Schema);
            if (_rows.Count > 0) { _output.Emit(Taken(schema)); }
        }
    }

    private Schema OutputOf(Schema input)
    {
        if (!ReferenceEquals(input, _input)) { (_input, _filledIn) = (input, _options.Output(input)); }
        return _filledIn!;
    }

    /// <summary>Drops an incomplete last row.</summary>
    public override void Complete()
    {
        _filling.Break();
        if (_segment > 0 && Filling.LeftOut > _leftOutThen) { Tell(_segment + 1, to: null, _lastLabel); }
        Count();
        if (_rows.Count == 0) { return; }
        if (_filledIn is { } schema) { _output.Emit(Taken(schema)); }
        else { _context.DropRows(_rows.Count, "missing"); }     // held at a restart, with no row after it
    }

    public void State(ref StateStream s)
    {
        _filling.State(ref s);
        s.Value(ref _segment);
    }

    private void Take(long time, ReadOnlySpan<float> values, int label, bool isFirst)
    {
        if (_filling.Resampled is { } rate && !_isResampled) { _options.Resampled?.Invoke(label, rate); }
        _isResampled = _filling.Resampled is not null;

        if (isFirst && ++_segment > 1) { Tell(_segment, time, label); }
        (_lastTime, _lastLabel, _leftOutThen) = (time, label, Filling.LeftOut);
        _rows.Add((time, label, _segment));
        _taken.AddRange(values);
    }

    private RowFilling Filling => _filling.Filling;

    private void Tell(int segment, long? to, int label) => _options.Gap?.Invoke(
        new(segment, _lastTime, to, Filling.LeftOut - _leftOutThen) { Label = label });

    private Batch Taken(Schema schema)
    {
        var batch = _context.Pool.Rent(schema, _rows.Count);
        var times = batch.Columns[0].Writable<long>();
        var segments = batch.Columns[^1].Writable<int>();
        Column? label = batch.TryColumn(Schema.LabelColumn, out var found) ? found : null;
        Column? target = batch.TryColumn(Schema.TargetColumn, out found) ? found : null;
        var taken = CollectionsMarshal.AsSpan(_taken);
        for (var row = 0; row < _rows.Count; row++)
        {
            (times[row], var place, segments[row]) = _rows[row];
            label?.Writable<int>()[row] = Math.Max(0, place);
            label?.SetValid(row, place >= 0);
            target?.Writable<double>()[row] = BitConverter.Int32BitsToSingle(place);        // −1 is not a number
            target?.SetValid(row, !float.IsNaN(BitConverter.Int32BitsToSingle(place)));
        }

        for (var c = 0; c < _channels; c++)
        {
            var values = batch.Columns[1 + c].Writable<float>();
            for (var row = 0; row < values.Length; row++) { values[row] = taken[(row * _channels) + c]; }
        }

        _rows.Clear();
        _taken.Clear();
        return batch;
    }

    private void Count()
    {
        if (Filling.LeftOut > _leftOut) { _context.DropRows(Filling.LeftOut - _leftOut, "missing"); }
        if (Filling.Again > _again) { _context.DropRows(Filling.Again - _again, "repeated-time"); }
        if (Filling.Filled > _filled) { _context.Record("rows-filled", Filling.Filled - _filled); }
        if (_filling.Between > _between) { _context.Record("rows-between", _filling.Between - _between); }
        if (Filling.Stray > _stray) { _context.DropRows(Filling.Stray - _stray, "stray-time"); }
        (_leftOut, _again, _filled, _stray, _between) =
            (Filling.LeftOut, Filling.Again, Filling.Filled, Filling.Stray, _filling.Between);
    }
}
