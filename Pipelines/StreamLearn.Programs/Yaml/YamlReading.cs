using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace StreamLearn.Programs;

/// <summary>Reads one strict YAML document as a tree without references.</summary>
/// <remarks>State: the position in the events. Cost: linear in the length. Source: YAML 1.2.2, without anchors, tags, directives and
/// complex keys.</remarks>
internal sealed class YamlReading
{
    private const int MaxDepth = 32;
    private const int MaxValues = 10_000;
    private const string Opening = "[{\"'";

    private readonly string _source;
    private readonly bool _hasPlaces;
    private readonly Scanner _scanner;
    private readonly Parser _parser;
    private int _depth;
    private int _values;

    private YamlReading(string source, string text, bool hasPlaces)
    {
        (_source, _hasPlaces) = (source, hasPlaces);
        _scanner = new(new StringReader(text), skipComments: hasPlaces);
        _parser = new(_scanner);
    }

    private ParsingEvent Current => _parser.Current!;

    /// <summary>The document must be a mapping; an empty one has no keys.</summary>
    /// <exception cref="ConfigurationException">The first error.</exception>
    internal static YamlMapping Document(string source, string text)
    {
        var value = new YamlReading(source, YamlText.Checked(source, text), hasPlaces: true).Read();
        return value switch
        {
            YamlMapping mapping => mapping,
            null => new YamlMapping(new(source, 1, 1), []),
            _ => throw new ConfigurationException(value.Origin, $"expected a mapping of keys to values, got {value.Name}"),
        };
    }

    /// <summary>Reads YAML if the string begins with a bracket, brace or quotation mark, otherwise a plain string.</summary>
    /// <exception cref="ConfigurationException">The first error.</exception>
    internal static YamlValue Override(string source, string text)
    {
        var origin = new ConfigOrigin(source);
        if (text.Length > YamlText.MaxBytes) { throw new ConfigurationException(origin, "expected at most 1 MiB, got more"); }
        if (text.Contains('\n', StringComparison.Ordinal))
        {
            throw new ConfigurationException(origin, "expected a value on one line, got several lines");
        }

        try
        {
            var value = YamlText.Checked(source, text).Trim(' ');
            if (value is not [var first, ..] || !Opening.Contains(first, StringComparison.Ordinal))
            {
                return YamlNull.Is(value) ? new YamlNull(origin) : new YamlScalar(origin, value, IsPlain: true);
            }

            var read = new YamlReading(source, value, hasPlaces: false).Read()!;
            return read is YamlMapping mapping ? mapping with { Replaces = true } : read;
        }
        catch (ConfigurationException e)
        {
            var hint = text.StartsWith('[') ? "; quote a value that begins with a bracket: key=\"'[::1]:1883'\"" : "";
            throw new ConfigurationException(origin, $"{e.Problems[0].Text}{hint}");
        }
    }

    private YamlValue? Read()
    {
        try
        {
            Next();     // start of the stream
            Next();
            if (Current is StreamEnd) { return null; }
            var value = ReadDocument();
            return Current is StreamEnd ? value : throw Wrong("expected one document, got two");
        }
        catch (YamlException e)
        {
            throw new ConfigurationException(At(e.Start), $"expected YAML, got an error: {OneLine(e.Message)}");
        }
        catch (InvalidOperationException)
        {
            // Reports the scanner's error for an unclosed multiline key in brackets.
            throw new ConfigurationException(At(_scanner.CurrentPosition), "expected YAML, got an error: a bracket or a comma is missing");
        }
        catch (ArgumentException)
        {
            // Reports the parser's error for an invalid tag URI.
            throw new ConfigurationException(
                At(_scanner.Current?.Start ?? _scanner.CurrentPosition), "expected a value without a tag (!), got one");
        }
    }

    private YamlValue ReadDocument()
    {
        if (HasDirective()) { throw Wrong("expected no directive (%), got one"); }
        Next();
        var value = ReadValue();
        if (Current is not DocumentEnd) { throw Wrong("expected the end, got a value"); }
        Next();
        return value;
    }

    /// <summary>Two tags are predefined.</summary>
    private bool HasDirective() => Current is DocumentStart start
        && (start.Version is not null
            || start.Tags!.Any(t => t.Handle is not ("!" or "!!") || t.Prefix is not ("!" or "tag:yaml.org,2002:")));

    private YamlValue ReadValue()
    {
        if (Current is AnchorAlias) { throw Wrong("expected a value, got an alias (*)"); }
        if (Current is not NodeEvent node) { throw Wrong("expected a value, got an end"); }
        if (!node.Anchor.IsEmpty) { throw Wrong("expected a value without an anchor (&), got one"); }
        if (!node.Tag.IsEmpty) { throw Wrong("expected a value without a tag (!), got one"); }
        if (++_values > MaxValues) { throw Wrong($"expected at most {MaxValues} values, got more"); }
        if (node is Scalar scalar) { return ReadScalar(scalar); }
        if (++_depth > MaxDepth) { throw Wrong($"expected at most {MaxDepth} levels, got more"); }
        YamlValue value = node is MappingStart ? ReadMapping() : ReadList();
        _depth--;
        return value;
    }

    private YamlValue ReadScalar(Scalar scalar)
    {
        var (origin, isPlain) = (At(scalar.Start), scalar.Style == ScalarStyle.Plain);
        Next();
        return isPlain && YamlNull.Is(scalar.Value) ? new YamlNull(origin) : new YamlScalar(origin, scalar.Value, isPlain);
    }

    private YamlList ReadList()
    {
        var origin = At(Current.Start);
        var items = new List<YamlValue>();
        Next();
        while (Current is not SequenceEnd) { items.Add(ReadValue()); }
        Next();
        return new(origin, items);
    }

    private YamlMapping ReadMapping()
    {
        var origin = At(Current.Start);
        var entries = new List<YamlEntry>();
        var places = new Dictionary<string, ConfigOrigin>(StringComparer.Ordinal);
        Next();
        while (Current is not MappingEnd)
        {
            if (Current is MappingStart or SequenceStart) { throw Wrong("expected a string as the key, got a mapping or list"); }
            var key = ReadValue();
            if (key is not YamlScalar { Text: { Length: > 0 } name } scalar)
            {
                throw new ConfigurationException(key.Origin, "expected a string as the key, got nothing");
            }

            if (scalar is { IsPlain: true, Text: "<<" })
            {
                throw new ConfigurationException(key.Origin, "expected a key, got a merge (<<)");
            }

            if (!places.TryAdd(name, key.Origin))
            {
                var first = _hasPlaces ? $" (first in line {places[name].Line})" : "";
                throw new ConfigurationException(key.Origin, $"expected a key once, got {YamlScalar.Quoted(name)} again{first}");
            }

            entries.Add(new(name, key.Origin, ReadValue()));
        }

        Next();
        return new(origin, entries);
    }

    private void Next()
    {
        if (!_parser.MoveNext()) { throw new ConfigurationException(new(_source), "expected a value, got the end"); }
        if (Current is Comment) { throw Wrong("expected a value, got a comment (put a value with # in quotes)"); }
    }

    private ConfigurationException Wrong(string text) => new(At(Current.Start), text);

    private ConfigOrigin At(in Mark mark) =>
        _hasPlaces ? new(_source, (int)Math.Max(1, mark.Line), (int)Math.Max(1, mark.Column)) : new(_source);

    private static string OneLine(string message) => message.ReplaceLineEndings(" ").TrimEnd('.', ' ');
}
