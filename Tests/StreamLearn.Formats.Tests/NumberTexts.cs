namespace StreamLearn.Formats.Tests;

/// <summary>Texts of arrays of numbers, of every length and form, some of them damaged.</summary>
internal sealed class NumberTexts(long seed)
{
    private const string Strange = "0123456789.-+eE,[]{} \t\n\r\"nN/x\0\u00ff";

    private static readonly string[] Others =
        ["null", "true", "false", "\"x\"", "\"NaN\"", "\"\\ud800\"", "{}", "[]", "[1]", "[[1]]",
        "1e400", "-1e39", "1.5", "nul", "{\"a\":[1]}"];

    private readonly RandomStream _random = new(seed, "number-texts");
    private readonly StringBuilder _text = new();

    internal byte[] Next()
    {
        _text.Clear().Append('[');
        var numbers = _random.NextInt32(_random.NextInt32(8) == 0 ? 30 : 6);
        for (var i = 0; i < numbers; i++)
        {
            if (i > 0) { _text.Append(','); }
            Space();
            Number();
            Space();
        }
        _text.Append(']').Append(' ', _random.NextInt32(2) * _random.NextInt32(300));
        if (_random.NextInt32(2) == 0) { Damage(); }
        return Encoding.Latin1.GetBytes(_text.ToString());
    }

    /// <summary>The next text of rows: a float, a whole number, anything, a float, and sometimes less, more or something else.</summary>
    internal byte[] NextRows()
    {
        _text.Clear().Append('[');
        var rows = _random.NextInt32(_random.NextInt32(16) == 0 ? 30 : 6);
        for (var r = 0; r < rows; r++)
        {
            if (r > 0) { _text.Append(','); }
            Space();
            Row();
            Space();
        }
        _text.Append(']').Append(' ', _random.NextInt32(2) * _random.NextInt32(300));
        if (_random.NextInt32(3) == 0) { Damage(); }
        return Encoding.Latin1.GetBytes(_text.ToString());
    }

    private void Row()
    {
        if (_random.NextInt32(60) == 0)
        {
            _text.Append(Others[_random.NextInt32(Others.Length)]);
            return;
        }
        _text.Append('[');
        var width = _random.NextInt32(40) == 0 ? _random.NextInt32(8) : 4;
        for (var place = 0; place < width; place++)
        {
            if (place > 0) { _text.Append(','); }
            Space();
            if (_random.NextInt32(80) == 0) { _text.Append(Others[_random.NextInt32(Others.Length)]); }
            else if (place == 1) { _text.Append((long)_random.NextUInt64() >> _random.NextInt32(64)); }
            else { Number(); }
            Space();
        }
        _text.Append(']');
    }

    private void Space() { if (_random.NextInt32(6) == 0) { _text.Append(" \t\n\r"[_random.NextInt32(4)], 1 + _random.NextInt32(3)); } }

    private void Number()
    {
        switch (_random.NextInt32(6))
        {
            case 0: Append($"{BitConverter.Int32BitsToSingle((int)_random.NextUInt64()):R}"); break;
            case 1: Append($"{BitConverter.UInt64BitsToDouble(_random.NextUInt64()):R}"); break;
            case 2: Append($"{_random.NextGaussian():R}"); break;
            case 3: Middle(); break;
            default: Digits(); break;
        }
    }

    private void Append(string text) => _text.Append(text is "NaN" or "Infinity" or "-Infinity" ? "0" : text);

    /// <summary>A number half way between two float32, or next to it.</summary>
    private void Middle()
    {
        var number = BitConverter.Int32BitsToSingle(0x3000_0000 + _random.NextInt32(0x2000_0000));
        var middle = ((double)number + MathF.BitIncrement(number)) / 2;
        Append((BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits(middle) + _random.NextInt32(7) - 3))
            .ToString(_random.NextInt32(2) == 0 ? "R" : "F40", CultureInfo.InvariantCulture));
    }

    private void Digits()
    {
        if (_random.NextInt32(3) == 0) { _text.Append('-'); }
        var whole = _random.NextInt32(_random.NextInt32(4) == 0 ? 25 : 4);
        if (whole == 0) { _text.Append('0'); }
        for (var i = 0; i < whole; i++) { _text.Append((char)('0' + (i == 0 ? 1 + _random.NextInt32(9) : _random.NextInt32(10)))); }
        var places = _random.NextInt32(3) == 0 ? 0 : 1 + _random.NextInt32(24);
        if (places > 0) { _text.Append('.'); }
        for (var i = 0; i < places; i++) { _text.Append((char)('0' + _random.NextInt32(10))); }
        if (_random.NextInt32(4) != 0) { return; }
        _text.Append("eE"[_random.NextInt32(2)]).Append(new[] { "", "+", "-" }[_random.NextInt32(3)]).Append(_random.NextInt32(45));
    }

    private void Damage()
    {
        var at = _random.NextInt32(_text.Length);
        var strange = Strange[_random.NextInt32(Strange.Length)];
        switch (_random.NextInt32(4))
        {
            case 0: _text.Remove(at, 1); break;
            case 1: _text.Insert(at, strange); break;
            case 2: _text[at] = strange; break;
            default: _text.Length = at; break;
        }
    }
}
