using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using StreamLearn.Arrow;
using StreamLearn.Formats;

namespace StreamLearn.Programs;

/// <summary>Counts the texts of a column of Arrow, numbers and flags as texts too. An empty text is none.</summary>
internal sealed class ArrowTexts
{
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);
    private bool _isTooMany;

    /// <summary>Each text with its rows; null: they are too many.</summary>
    internal ImmutableSortedDictionary<string, long>? Counts =>
        _isTooMany ? null : _counts.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>Counts those of a batch.</summary>
    internal void Count(ArrowArray array)
    {
        if (_isTooMany) { return; }
        if (array.Dictionary is { } entries)
        {
            var places = new long[entries.Length];
            for (var row = 0; row < array.Length; row++)
            {
                if (array.IsValid(row)) { places[array.Integer(row)]++; }
            }

            for (var i = 0; i < places.Length; i++)
            {
                if (places[i] > 0 && Of(entries, i) is { } text) { Add(text, places[i]); }
            }

            return;
        }

        for (var row = 0; row < array.Length && !_isTooMany; row++)
        {
            if (Of(array, row) is { } text) { Add(text, 1); }
        }
    }

    /// <summary>The text of a value; null: it is missing.</summary>
    internal static string? Of(ArrowArray array, int row)
    {
        if (!array.IsValid(row)) { return null; }
        if (array.Dictionary is { } entries) { return Of(entries, (int)array.Integer(row)); }
        return array.Field.Type.Kind switch
        {
            ArrowKind.Utf8 or ArrowKind.LargeUtf8 => Text(array.Bytes(row)),
            ArrowKind.Bool => array.Flag(row) ? "true" : "false",
            ArrowKind.Float16 or ArrowKind.Float32 or ArrowKind.Float64 => array.Number(row).ToString("R", CultureInfo.InvariantCulture),
            ArrowKind.UInt64 => array.Values<ulong>()[row].ToString(CultureInfo.InvariantCulture),
            _ => array.Integer(row).ToString(CultureInfo.InvariantCulture),
        };
    }

    private static string? Text(ReadOnlySpan<byte> bytes) => bytes.IsEmpty ? null : Encoding.UTF8.GetString(bytes);

    private void Add(string text, long rows)
    {
        _counts[text] = _counts.GetValueOrDefault(text) + rows;
        _isTooMany |= _counts.Count > CsvSurvey.MaxTexts;
    }
}
