using System.Globalization;
using System.Text;
using System.Text.Json;

namespace StreamLearn.Formats;

/// <summary>What stands at one path of payloads, over all items; null is no value. <paramref name="group"/>: the path of the items whose
/// number is the number of rows; empty for a single value.</summary>
internal sealed class SurveyedPath(string path, string group, string name)
{
    internal string Path => path;

    internal string Group => group;

    internal string Name => name;

    internal int Values { get; private set; }

    /// <summary>Payloads with a value.</summary>
    internal int Payloads { get; private set; }

    /// <summary>Payloads with a value other than a number.</summary>
    internal int Others { get; private set; }

    internal bool IsEmpty => Values == 0;

    /// <summary>True if a tenth of the payloads at most, and one at least, have a value other than a number.</summary>
    internal bool IsMostlyNumber => Others > 0 && 10 * Others <= Payloads;

    internal bool IsTruth { get; private set; } = true;

    internal bool IsNumber { get; private set; } = true;

    internal bool IsTime { get; private set; } = true;

    internal bool IsText { get; private set; } = true;

    /// <summary>True if all values are texts of numbers.</summary>
    internal bool IsNumberText { get; private set; } = true;

    internal bool IsWhole { get; private set; } = true;

    internal double Least { get; private set; } = double.PositiveInfinity;

    internal double Most { get; private set; } = double.NegativeInfinity;

    private int _last;          // payloads, by their numbers from 1
    private int _lastOther;

    /// <summary>Takes in a value. <paramref name="payload"/>: the number of its payload, from 1.</summary>
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

/// <summary>Walks payloads and notes what stands where.</summary>
internal sealed class JsonSurvey
{
    private const int MaxPaths = 256;
    private const int MaxPlaces = 64;       // longer arrays of arrays are rows

    private readonly Dictionary<string, SurveyedPath> _paths = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _rows = new(StringComparer.Ordinal) { [""] = 0 };

    /// <summary>The paths of single values, in the order of the payloads.</summary>
    internal List<SurveyedPath> Paths { get; } = [];

    /// <summary>Paths of what fits no column.</summary>
    internal SortedSet<string> LeftOut { get; } = new(StringComparer.Ordinal);

    /// <summary>The items of a group.</summary>
    internal int Rows(string group) => _rows[group];

    /// <summary>Notes what stands in a payload.</summary>
    internal void Add(JsonElement payload)
    {
        _rows[""]++;
        Visit(payload, "$", "", "");
    }

    /// <summary>Notes a value and what is below it. <paramref name="group"/>: the items that it is part of. <paramref name="name"/>: the
    /// keys and places on the way.</summary>
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
        if (ArePlaces(value, items))
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

    /// <summary>Notes an array that is a row of an array of rows.</summary>
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

    /// <summary>True for a few arrays of more numbers each: a channel is an array.</summary>
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
