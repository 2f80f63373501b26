using System.Globalization;
using System.Text.Json;

namespace StreamLearn.Formats;

/// <summary>Values at a path, without nulls. <paramref name="group"/>: path of the items that are rows; empty: a single value.</summary>
internal sealed class SurveyedPath(string path, string group, string name)
{
    internal string Path => path;

    internal string Group => group;

    internal string Name => name;

    internal int Values { get; private set; }

    internal int Payloads { get; private set; }

    internal int Others { get; private set; }

    internal bool IsEmpty => Values == 0;

    internal bool IsMostlyNumber => Others > 0 && 10 * Others <= Payloads;

    internal bool IsTruth { get; private set; } = true;

    internal bool IsNumber { get; private set; } = true;

    internal bool IsTime { get; private set; } = true;

    internal bool IsText { get; private set; } = true;

    internal bool IsNumberText { get; private set; } = true;

    internal bool IsWhole { get; private set; } = true;

    internal double Least { get; private set; } = double.PositiveInfinity;

    internal double Most { get; private set; } = double.NegativeInfinity;

    private int _last;          // number of the last payload, from 1
    private int _lastOther;

    internal void Add(JsonElement value, int payload)
    {
        if (value.ValueKind == JsonValueKind.Null) { return; }
        Values++;
        if (_last != payload) { (_last, Payloads) = (payload, Payloads + 1); }
        if (value.ValueKind != JsonValueKind.Number && _lastOther != payload) { (_lastOther, Others) = (payload, Others + 1); }
        IsTruth &= value.ValueKind is JsonValueKind.True or JsonValueKind.False;
        IsTime &= value.ValueKind == JsonValueKind.String && IsoTime.TryRead(Encoding.UTF8.GetBytes(value.GetString()!), out _);
        IsText &= value.ValueKind == JsonValueKind.String;
        IsNumber &= value.ValueKind == JsonValueKind.Number;
        IsNumberText &= value.ValueKind == JsonValueKind.String && double.TryParse(
            value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var held) && double.IsFinite(held);
        if (value.ValueKind != JsonValueKind.Number) { return; }
        var number = double.Parse(value.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture);
        (Least, Most) = (Math.Min(Least, number), Math.Max(Most, number));
        IsWhole &= value.TryGetInt64(out _);
    }
}

/// <summary><paramref name="columns"/>: paths of arrays whose places are columns.</summary>
internal sealed class JsonSurvey(IReadOnlySet<string> columns)
{
    private const int MaxPaths = 256;
    private const int MaxPlaces = 64;       // longer inner arrays are rows

    private readonly Dictionary<string, SurveyedPath> _paths = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _rows = new(StringComparer.Ordinal) { [""] = 0 };

    internal List<SurveyedPath> Paths { get; } = [];

    internal SortedSet<string> LeftOut { get; } = new(StringComparer.Ordinal);

    internal int Rows(string group) => _rows[group];

    private readonly Dictionary<string, ArrayPlaces> _arrays = new(StringComparer.Ordinal);

    /// <summary>Paths of arrays whose places differ so much that each is a column.</summary>
    internal HashSet<string> Differing => [.. _arrays.Where(static a => a.Value.Differ).Select(static a => a.Key)];

    internal void Add(JsonElement payload)
    {
        _rows[""]++;
        Visit(payload, "$", "", "");
    }

    private void Visit(JsonElement value, string path, string group, string name)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    Visit(member.Value, path + JsonPath.Step(member.Name), group, name.Length == 0 ? member.Name : $"{name}_{member.Name}");
                }

                break;
            case JsonValueKind.Array:
                Array(value, path, group, name);
                break;
            default:
                Note(value, path, group, name);
                break;
        }
    }

    private void Array(JsonElement value, string path, string group, string name)
    {
        var items = value.GetArrayLength();
        if (group.Length == 0 && items <= MaxPlaces)
        {
            if (!_arrays.TryGetValue(path, out var places)) { _arrays[path] = places = new(items); }
            places.Add(value);
        }

        if (ArePlaces(value, items) || columns.Contains(path))
        {
            var place = 0;
            foreach (var item in value.EnumerateArray())
            {
                Visit(item, $"{path}[{place}]", group, $"{name}_{place}");
                place++;
            }

            return;
        }

        var below = $"{path}[*]";
        _rows[below] = _rows.GetValueOrDefault(below) + items;
        foreach (var item in value.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Array) { Visit(item, below, below, name); }
            else { Row(item, below, name); }
        }
    }

    private void Row(JsonElement row, string path, string name)
    {
        if (row.GetArrayLength() > MaxPlaces || row.EnumerateArray().Any(i => i.ValueKind is JsonValueKind.Array))
        {
            LeftOut.Add(path);
            return;
        }

        var place = 0;
        foreach (var item in row.EnumerateArray())
        {
            Visit(item, $"{path}[{place}]", path, $"{name}_{place}");
            place++;
        }
    }

    /// <summary>Returns true for a few arrays with more numbers each: each is a channel.</summary>
    private static bool ArePlaces(JsonElement value, int items) =>
        items is > 0 and <= MaxPlaces
        && value.EnumerateArray().All(i => i.ValueKind == JsonValueKind.Array && i.GetArrayLength() > items
            && i.EnumerateArray().All(n => n.ValueKind is JsonValueKind.Number or JsonValueKind.Null));

    private void Note(JsonElement value, string path, string group, string name)
    {
        if (!_paths.TryGetValue(path, out var known))
        {
            if (Paths.Count == MaxPaths)
            {
                LeftOut.Add(path);
                return;
            }

            _paths[path] = known = new(path, group, name);
            Paths.Add(known);
        }

        known.Add(value, _rows[""]);
    }
}

/// <summary>The numbers at each place of an array, over payloads.</summary>
internal sealed class ArrayPlaces(int items)
{
    private const int MinPayloads = 8;
    private const double MinExplained = 0.9;    // share of the variance that the place explains

    private readonly double[] _sums = new double[items];
    private readonly double[] _squares = new double[items];
    private int _payloads;
    private bool _isSame = true;

    internal bool Differ
    {
        get
        {
            if (!_isSame || items < 2 || _payloads < MinPayloads) { return false; }
            var mean = _sums.Sum() / items / _payloads;
            var within = _sums.Zip(_squares, (sum, squares) => squares - (sum * sum / _payloads)).Sum();
            var between = _sums.Sum(s => _payloads * ((s / _payloads) - mean) * ((s / _payloads) - mean));
            return between > 0 && between >= MinExplained * (within + between);
        }
    }

    internal void Add(JsonElement array)
    {
        _payloads++;
        _isSame &= array.GetArrayLength() == items && array.EnumerateArray().All(static i => i.ValueKind == JsonValueKind.Number);
        for (var place = 0; _isSame && place < items; place++)
        {
            var number = double.Parse(array[place].GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture);
            (_sums[place], _squares[place]) = (_sums[place] + number, _squares[place] + (number * number));
        }
    }
}
