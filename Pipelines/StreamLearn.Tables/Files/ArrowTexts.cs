using Apache.Arrow;

namespace StreamLearn.Tables;

internal sealed class ArrowTexts
{
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);
    private bool _isTooMany;

    /// <summary>Rows per string; null if there are too many different strings.</summary>
    internal ImmutableSortedDictionary<string, long>? Counts =>
        _isTooMany ? null : _counts.ToImmutableSortedDictionary(StringComparer.Ordinal);

    internal void Count(IArrowArray array)
    {
        if (_isTooMany) { return; }
        if (array is DictionaryArray encoded)
        {
            var places = new long[encoded.Dictionary.Length];
            for (var row = 0; row < array.Length; row++)
            {
                if (array.IsValid(row)) { places[ArrowCells.Integer(encoded.Indices, row)]++; }
            }

            for (var i = 0; i < places.Length; i++)
            {
                if (places[i] > 0 && ArrowCells.Text(encoded.Dictionary, i) is { } text) { Add(text, places[i]); }
            }

            return;
        }

        for (var row = 0; row < array.Length && !_isTooMany; row++)
        {
            if (ArrowCells.Text(array, row) is { } text) { Add(text, 1); }
        }
    }

    private void Add(string text, long rows)
    {
        _counts[text] = _counts.GetValueOrDefault(text) + rows;
        _isTooMany |= _counts.Count > CsvSurvey.MaxTexts;
    }
}
