namespace Tool;

/// <summary>Builds a C header and counts its memory. <paramref name="prefix"/>: replaces <c>name_</c>, and in capitals
/// <c>NAME_</c>.</summary>
internal sealed class CText(string prefix)
{
    private const int ValuesPerLine = 8;

    private readonly StringBuilder _text = new();

    /// <summary>Size of the constants in bytes, without class and channel names.</summary>
    internal long ConstantBytes { get; private set; }

    internal long StateBytes { get; private set; }

    internal void Add(string text) => _text.Append(text.ReplaceLineEndings("\n")
        .Replace("name_", $"{prefix}_", StringComparison.Ordinal)
        .Replace("NAME_", $"{prefix.ToUpperInvariant()}_", StringComparison.Ordinal)).Append('\n');

    internal void Define(string name, IFormattable value) =>
        Add(string.Create(CultureInfo.InvariantCulture, $"#define NAME_{name} {value}"));

    internal void DefineText(string name, string text) => _text.Append($"#define {prefix.ToUpperInvariant()}_{name} {Quoted(text)}\n");

    internal void Singles(string name, ReadOnlySpan<float> values) => Constants("float", name, 4, values, static v => Single(v));

    internal void Doubles(string name, ReadOnlySpan<double> values) => Constants("double", name, 8, values, static v => Double(v));

    internal void Whole(string name, ReadOnlySpan<int> values)
    {
        if (values.IndexOfAnyExceptInRange(0, byte.MaxValue) >= 0) { Wide(name, values); }
        else { Constants("uint8_t", name, 1, values, static v => v.ToString(CultureInfo.InvariantCulture)); }
    }

    /// <summary>Writes integers with two bytes each.</summary>
    internal void Wide(string name, ReadOnlySpan<int> values) =>
        Constants("uint16_t", name, 2, values, static v => v.ToString(CultureInfo.InvariantCulture));

    /// <summary>Writes static variables: <c>float name[…]</c>.</summary>
    internal void State(string type, string name, params int[] sizes)
    {
        var bytes = type switch { "double" => 8L, "float" or "int" => 4, _ => throw new ArgumentException($"unknown type {type}") };
        foreach (var size in sizes) { bytes *= size; }
        StateBytes += bytes;
        Add($"static {type} name_{name}{string.Concat(sizes.Select(static s => $"[{s}]"))};");
    }

    /// <summary>Writes names, which use space only if a program reads them.</summary>
    internal void Names(string name, IReadOnlyList<string> texts) =>
        _text.Append($"static const char *const {prefix}_{name}[{texts.Count}] = {{\n")
            .AppendJoin(",\n", texts.Select(static t => $"    {Quoted(t)}")).Append("\n};\n");

    /// <summary>Formats a value so that it can be parsed back bit for bit.</summary>
    internal static string Single(float value) => Point(value.ToString("R", CultureInfo.InvariantCulture)) + "f";

    internal static string Double(double value) => Point(value.ToString("R", CultureInfo.InvariantCulture));

    public override string ToString() => _text.ToString();

    private void Constants<T>(string type, string name, int bytes, ReadOnlySpan<T> values, Func<T, string> text)
    {
        ConstantBytes += (long)bytes * values.Length;
        var lines = new StringBuilder($"static const {type} name_{name}[{values.Length}] = {{");
        for (var i = 0; i < values.Length; i++)
        {
            lines.Append(i % ValuesPerLine == 0 ? "\n    " : " ").Append(text(values[i])).Append(',');
        }

        Add(lines.Append("\n};").ToString());
    }

    /// <summary>Adds a fraction, since C would read a number without fraction or exponent as an integer.</summary>
    private static string Point(string number) => number.AsSpan().ContainsAny('.', 'E') ? number : number + ".0";

    /// <summary>Writes UTF-8; other characters as octal escapes, which end after three digits.</summary>
    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var unit in Encoding.UTF8.GetBytes(text))
        {
            if (unit is >= 0x20 and < 0x7F and not ((byte)'"' or (byte)'\\' or (byte)'?')) { quoted.Append((char)unit); }
            else { quoted.Append('\\').Append(Convert.ToString(unit, 8).PadLeft(3, '0')); }
        }

        return quoted.Append('"').ToString();
    }
}
