using System.Collections.Immutable;

namespace Tool;

internal sealed class RowsException(string message) : Exception(message);

/// <summary>Reads model rows from comma-separated lines with a header.</summary>
/// <remarks>Finds the model's columns by name and ignores others; a model without names uses all, in order. If a channel has several
/// samples, a row consists of that many lines.</remarks>
internal sealed class CsvRows
{
    private readonly TextReader _reader;
    private readonly int _samples;
    private readonly int _width;
    private readonly int[] _places;         // column indexes of the channels
    private readonly string[] _names;
    private readonly int _label;            // column index of the class; -1 for none
    private int _line;

    /// <summary>Reads the header.</summary>
    /// <exception cref="RowsException">There is no header, or it does not fit the model.</exception>
    internal CsvRows(TextReader reader, Shape input, ImmutableArray<Field> channels, string? label = null)
    {
        (_reader, _samples) = (reader, input.Samples);
        var head = Line() ?? throw new RowsException("expected a line of column names, got none");
        _names = [.. head.Split(',').Select(static n => Unquoted(n.Trim()))];
        _width = _names.Length;
        _label = Array.IndexOf(_names, label);
        if (label is not null && _label < 0)
        {
            throw new RowsException($"line {_line}: expected a column '{label}', got {string.Join(", ", _names)}");
        }

        _places = channels.IsEmpty ? [.. Enumerable.Range(0, _width).Where(c => c != _label)] : [.. channels.Select(Place)];
        if (_places.Length != input.Channels)
        {
            throw new RowsException($"line {_line}: expected {input.Channels} columns, got {_width}");
        }
    }

    /// <summary>Incomplete lines at the end.</summary>
    internal int LeftOver { get; private set; }

    /// <summary>The class of the last line; empty without such a column.</summary>
    internal string Label { get; private set; } = "";

    /// <summary>Reads channel after channel; false at the end.</summary>
    /// <exception cref="RowsException">A column does not contain a number.</exception>
    internal bool Next(Span<float> row)
    {
        for (var sample = 0; sample < _samples; sample++)
        {
            if (Line() is not { } line)
            {
                LeftOver = sample;
                return false;
            }

            var fields = line.Split(',');
            if (fields.Length != _width) { throw new RowsException($"line {_line}: expected {_width} numbers, got {fields.Length}"); }
            if (_label >= 0) { Label = Unquoted(fields[_label].Trim()); }
            for (var c = 0; c < _places.Length; c++) { row[(c * _samples) + sample] = Number(fields[_places[c]], _names[_places[c]]); }
        }

        return true;
    }

    private int Place(Field channel) => Array.FindIndex(_names, n => n == channel.Name || n == $"{channel.Name} [{channel.Unit}]")
        is >= 0 and var place
        ? place : throw new RowsException($"line {_line}: expected a column '{channel.Name}', got {string.Join(", ", _names)}");

    private static string Unquoted(string name) => name is ['"', .. var inner, '"']
        ? inner.Replace("\"\"", "\"", StringComparison.Ordinal) : name;

    private float Number(string text, string name) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && float.IsFinite(value)
            ? value : throw new RowsException($"line {_line}: expected a finite number as '{name}', got '{text.Trim()}'");

    private string? Line()
    {
        while (Read() is { } line)
        {
            _line++;
            if (!string.IsNullOrWhiteSpace(line)) { return line; }
        }

        return null;
    }

    /// <summary>Separates read errors, which are caused by the rows, from write errors.</summary>
    private string? Read()
    {
        try
        {
            return _reader.ReadLine();
        }
        catch (IOException e)
        {
            throw new RowsException(e.Message);
        }
    }
}
