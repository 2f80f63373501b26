using StreamLearn.Arrow;
using StreamLearn.Formats;

namespace StreamLearn.Programs;

/// <summary>The values of a column of Arrow as those of a column of batches: numbers, times, or the places of texts.</summary>
internal sealed class ArrowColumnValues
{
    private readonly FileColumn _column;
    private readonly int _place;
    private readonly double _scale;
    private readonly Dictionary<string, int> _classes = new(StringComparer.Ordinal);
    private ArrowArray? _array;
    private ArrowArray? _entries;
    private int[] _codes = [];

    /// <exception cref="FileRowsException">The file has no such column, or one of another type or unit.</exception>
    internal ArrowColumnValues(string path, ArrowSchema schema, FileColumn column)
    {
        (_column, _place) = (column, OwnArrow.PlaceOf(path, schema, column.Source));
        var field = schema.Fields[_place];
        var (kind, unit) = (field.Type.Kind, OwnArrow.NameOf(field).Unit);
        var isNumber = field.Dictionary is null && kind is >= ArrowKind.Int8 and <= ArrowKind.Float64
            or ArrowKind.Duration or ArrowKind.Time32 or ArrowKind.Time64;
        var fits = column.Value switch
        {
            FileValue.Time => isNumber || kind == ArrowKind.Timestamp,
            FileValue.Class => isNumber || kind == ArrowKind.Bool || OwnArrow.IsTexts(field),
            _ => isNumber && (unit is null || unit == column.Field.Unit),
        };
        if (!fits)
        {
            throw new FileRowsException(new(path, 0, column.Source, FileFault.BadHeader, ""),
                $"{path}: expected column '{column.Source}' as {column.Value} in {column.Field.Unit}, as in the first file; got {field}");
        }

        _scale = kind == ArrowKind.Timestamp ? ScaleOf(field.Type.Unit) : ScaleOf(column.TimeUnit);
        for (var i = 0; i < column.Classes.Length; i++) { _classes[column.Classes[i]] = i; }
    }

    internal string Name => _column.Source;

    /// <summary>Takes the values of the next batch.</summary>
    internal void Take(ArrowBatch batch)
    {
        _array = batch.Columns[_place];
        if (_column.Value != FileValue.Class || _array.Dictionary is not { } entries || entries == _entries) { return; }
        _entries = entries;
        _codes = [.. Enumerable.Range(0, entries.Length).Select(i => Code(ArrowTexts.Of(entries, i)))];
    }

    /// <summary>Why a row cannot be read; <see cref="FileFault.None"/> if it can.</summary>
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

    /// <summary>Brings rows that have been checked into a batch.</summary>
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

    private int CodeAt(int row) => _array!.Dictionary is null ? Code(ArrowTexts.Of(_array, row)) : _codes[_array.Integer(row)];

    private int Code(string? text) => text is null ? Missing : _classes.GetValueOrDefault(text, Unknown);

    private bool IsFinite(int row) => _column.Field.Type == ColumnType.Float64 ? double.IsFinite(Number(row))
        : float.IsFinite((float)Number(row));

    private double Number(int row) => _array!.Field.Type.Kind switch
    {
        ArrowKind.Float16 or ArrowKind.Float32 or ArrowKind.Float64 => _array.Number(row),
        ArrowKind.UInt64 => _array.Values<ulong>()[row],
        _ => _array.Integer(row),
    };

    /// <summary>A time in nanoseconds, whole units and the rest apart, so that no digit is lost that need not be.</summary>
    private bool TryTime(int row, out long time)
    {
        var isReal = _array!.Field.Type.Kind is ArrowKind.Float16 or ArrowKind.Float32 or ArrowKind.Float64;
        var (whole, rest) = isReal ? (Math.Floor(Number(row)), Number(row) - Math.Floor(Number(row))) : (Number(row), 0);
        time = 0;
        if (!(Math.Abs(whole) * _scale < long.MaxValue)) { return false; }
        time = ((isReal ? (long)whole : _array.Integer(row)) * (long)_scale) + (long)Math.Round(rest * _scale);
        return true;
    }

    private static double ScaleOf(ArrowTimeUnit unit) => unit switch
    {
        ArrowTimeUnit.Second => 1e9,
        ArrowTimeUnit.Millisecond => 1e6,
        ArrowTimeUnit.Microsecond => 1e3,
        _ => 1,
    };

    private static double ScaleOf(TimeUnit unit) => unit switch
    {
        TimeUnit.Seconds => 1e9,
        TimeUnit.Milliseconds => 1e6,
        TimeUnit.Microseconds => 1e3,
        _ => 1,
    };
}
