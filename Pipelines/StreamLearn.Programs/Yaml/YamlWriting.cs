namespace StreamLearn.Programs;

/// <summary>Writes YAML that is read back as the same tree, one value per line, quoted only if needed.</summary>
internal static class YamlWriting
{
    private const string Indicators = "?:,[]{}#&*!|>'\"%@`=";

    internal static string Text(YamlMapping tree, bool withOrigins)
    {
        var text = new StringBuilder();
        Write(text, tree, 0, withOrigins);
        return text.ToString();
    }

    private static void Write(StringBuilder text, YamlMapping mapping, int indent, bool withOrigins)
    {
        foreach (var entry in mapping.Entries)
        {
            Indent(text, indent).Append(Scalar(entry.Key, isPlain: true, isKey: true)).Append(':');
            WriteAfter(text, entry.Value, indent, withOrigins);
        }
    }

    private static void WriteAfter(StringBuilder text, YamlValue value, int indent, bool withOrigins)
    {
        if (value is YamlMapping { Entries.Count: > 0 } mapping)
        {
            text.Append('\n');
            Write(text, mapping, indent + 1, withOrigins);
            return;
        }

        if (value is YamlList { Items.Count: > 0 } list)
        {
            text.Append('\n');
            foreach (var item in list.Items) { WriteItem(text, item, indent + 1, withOrigins); }
            return;
        }

        text.Append(' ').Append(value switch
        {
            YamlScalar scalar => Scalar(scalar.Text, scalar.IsPlain, isKey: false),
            YamlMapping => "{}",
            YamlList => "[]",
            _ => "null",
        });
        if (withOrigins) { text.Append("  # ").Append(PrintableText.Of($"{value.Origin}")); }
        text.Append('\n');
    }

    private static void WriteItem(StringBuilder text, YamlValue item, int indent, bool withOrigins)
    {
        Indent(text, indent).Append('-');
        if (item is not YamlMapping { Entries.Count: > 0 } mapping)
        {
            WriteAfter(text, item, indent, withOrigins);
            return;
        }

        var first = text.Length;
        Write(text, mapping, indent + 1, withOrigins);
        text.Remove(first, 2 * (indent + 1)).Insert(first, ' ');      // the first key follows the dash
    }

    private static StringBuilder Indent(StringBuilder text, int indent) => text.Append(' ', 2 * indent);

    /// <summary>Keeps quotes around a string that would otherwise be a number.</summary>
    private static string Scalar(string text, bool isPlain, bool isKey) =>
        NeedsQuotes(text) || (!isPlain && !isKey && MeansMore(text)) ? Quoted(text) : text;

    private static bool MeansMore(string text) => text is "true" or "false"
        || double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private static bool NeedsQuotes(string text) =>
        YamlNull.Is(text) || text == "<<" || text[0] is ' ' || text[^1] is ' ' or ':'
            || Indicators.Contains(text[0], StringComparison.Ordinal)
            || (text[0] == '-' && (text.Length == 1 || text[1] is ' ' or '-')) || text.StartsWith("...", StringComparison.Ordinal)
            || text.Contains(": ", StringComparison.Ordinal) || text.Contains(" #", StringComparison.Ordinal)
            || !text.EnumerateRunes().All(PrintableText.IsPrintable);

    internal static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '"' or '\\' => quoted.Append('\\').Append(rune),
                '\n' => quoted.Append("\\n"),
                '\t' => quoted.Append("\\t"),
                _ when PrintableText.IsPrintable(rune) => quoted.Append(rune),
                _ => quoted.Append(CultureInfo.InvariantCulture, $"\\{(rune.IsBmp ? $"u{rune.Value:X4}" : $"U{rune.Value:X8}")}"),
            };
        }

        return quoted.Append('"').ToString();
    }
}
