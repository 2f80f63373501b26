using Apache.Arrow;
using Apache.Arrow.Types;
using StreamLearn.Arrow;
using ArrowUnit = Apache.Arrow.Types.TimeUnit;

namespace StreamLearn.Tables;

internal sealed class ArrowColumnValues
{
    private readonly FileColumn _column;
    private readonly int _place;
    private readonly double _scale;
    private readonly Dictionary<string, int> _classes = new(StringComparer.Ordinal);
    private IArrowArray? _array;
    private IArrowArray? _places;       // dictionary indices
    private readonly bool _isFloat;
    private ReadOnlyMemory<byte> _entries;      // the dictionary entries that the codes refer to
    private int[] _codes = [];

    internal ArrowColumnValues(string path, Apache.Arrow.Schema schema, FileColumn column)
    {
        (_column, _place) = (column, OwnArrow.PlaceOf(path, schema, column.Source));
        var field = schema.GetFieldByIndex(_place);
        var (type, unit) = (field.DataType, OwnArrow.NameOf(field).Unit);
        var isNumber = ArrowCells.IsNumber(type) || type.TypeId is ArrowTypeId.Duration or ArrowTypeId.Time32 or ArrowTypeId.Time64;
        var fits = column.Value switch
        {
            FileValue.Time => isNumber || type.TypeId == ArrowTypeId.Timestamp,
            FileValue.Class => isNumber || type.TypeId == ArrowTypeId.Boolean || ArrowCells.IsTexts(field),
            _ => isNumber && (unit is null || unit == column.Field.Unit),
        };
        if (!fits)
        {
            throw new FileRowsException(new(path, 0, column.Source, FileFault.BadHeader, ""),
                $"{path}: expected column '{column.Source}' as {column.Value} in {column.Field.Unit}, as in the first file; "
                + $"got {field.TypeText()}");
        }

        _scale = type is TimestampType timestamp ? ScaleOf(timestamp.Unit) : ScaleOf(column.TimeUnit);
        _isFloat = ArrowCells.IsFloat(type);
        for (var i = 0; i < column.Classes.Length; i++) { _classes[column.Classes[i]] = i; }
    }

    internal string Name => _column.Source;

    internal void Take(RecordBatch batch)
    {
        _array = batch.Column(_place);
        _places = (_array as DictionaryArray)?.Indices;
        if (_column.Value != FileValue.Class || _array is not DictionaryArray { Dictionary: var entries }) { return; }
        var bytes = entries.Data.Buffers[^1].Memory;
        if (_codes.Length == entries.Length && bytes.Equals(_entries)) { return; }
        _entries = bytes;
        _codes = [.. Enumerable.Range(0, entries.Length).Select(i => Code(ArrowCells.Text(entries, i)))];
    }

    internal FileFault Check(int row)
    {
        var isMissing = !_array!.IsValid(row);
        switch (_column.Value)
        {
            case FileValue.Class:
                var code = isMissing ? Missing : CodeAt(row);
                return code == Unknown ? FileFault.UnknownClass
                    : code == Missing && !_column.Field.Nullable ? FileFault.MissingValue : FileFault.None;
            case FileValue.Time:
                return isMissing ? FileFault.MissingValue : TryTime(row, out _) ? FileFault.None : FileFault.BadTime;
            default:
                if (_column.Field.Nullable) { return FileFault.None; }
                return isMissing ? FileFault.MissingValue : IsFinite(row) ? FileFault.None : FileFault.NotFinite;
        }
    }

    /// <summary>Copies rows that passed <c>Check</c> into a batch.</summary>
    internal void Fill(List<int> rows, Column to)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            var isThere = _array!.IsValid(row);
            switch (_column.Field.Type)
            {
                case ColumnType.Float32:
                    isThere = isThere && IsFinite(row);
                    to.Writable<float>()[i] = isThere ? (float)Number(row) : 0;
                    break;
                case ColumnType.Float64:
                    isThere = isThere && IsFinite(row);
                    to.Writable<double>()[i] = isThere ? Number(row) : 0;
                    break;
                case ColumnType.Int32:
                    var code = isThere ? CodeAt(row) : Missing;
                    isThere = code >= 0;
                    to.Writable<int>()[i] = Math.Max(0, code);
                    break;
                default:
                    TryTime(row, out var time);
                    to.Writable<long>()[i] = time;
                    break;
            }

            if (!isThere) { to.SetValid(i, false); }
        }
    }

    private const int Missing = -1;
    private const int Unknown = -2;

    private int CodeAt(int row) => _places is null ? Code(ArrowCells.Text(_array!, row)) : _codes[ArrowCells.Integer(_places, row)];

    private int Code(string? text) => text is null ? Missing : _classes.GetValueOrDefault(text, Unknown);

    private bool IsFinite(int row) => _column.Field.Type == ColumnType.Float64 ? double.IsFinite(Number(row))
        : float.IsFinite((float)Number(row));

    private double Number(int row) => ArrowCells.Number(_array!, row);

    /// <summary>Converts whole units and the remainder separately, to keep every digit.</summary>
    private bool TryTime(int row, out long time)
    {
        var (whole, rest) = _isFloat ? (Math.Floor(Number(row)), Number(row) - Math.Floor(Number(row))) : (Number(row), 0);
        time = 0;
        if (!(Math.Abs(whole) * _scale < long.MaxValue)) { return false; }
        time = ((_isFloat ? (long)whole : ArrowCells.Integer(_array!, row)) * (long)_scale) + (long)Math.Round(rest * _scale);
        return true;
    }

    private static double ScaleOf(ArrowUnit unit) => unit switch
    {
        ArrowUnit.Second => 1e9,
        ArrowUnit.Millisecond => 1e6,
        ArrowUnit.Microsecond => 1e3,
        _ => 1,
    };

    private static double ScaleOf(Formats.TimeUnit unit) => unit switch
    {
        Formats.TimeUnit.Seconds => 1e9,
        Formats.TimeUnit.Milliseconds => 1e6,
        Formats.TimeUnit.Microseconds => 1e3,
        _ => 1,
    };
}
