using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace StreamLearn.Simulated;

/// <summary>Safe markup from an interpolated string: literals are markup, values are escaped, so names cannot become markup.</summary>
internal readonly record struct Fragment(string Markup)
{
    internal static readonly Fragment Empty = new("");

    /// <summary>Fragments among the values are not escaped again.</summary>
    internal static Fragment Of(FragmentText text) => new(text.ToString());

    public override string ToString() => Markup;
}

[InterpolatedStringHandler]
internal readonly struct FragmentText(int literalLength, int formattedCount)
{
    private readonly StringBuilder _text = new(literalLength + (formattedCount * 12));

    internal void AppendLiteral(string markup) => _text.Append(markup);

    internal void AppendFormatted(Fragment fragment) => _text.Append(fragment.Markup);

    internal void AppendFormatted(IEnumerable<Fragment> fragments)
    {
        foreach (var fragment in fragments) { _text.Append(fragment.Markup); }
    }

    internal void AppendFormatted(string? text)
    {
        foreach (var letter in text ?? "") { Escape(letter); }
    }

    internal void AppendFormatted<T>(T value, string? format = null)
        where T : IFormattable => AppendFormatted(value.ToString(format, CultureInfo.InvariantCulture));

    public override string ToString() => _text.ToString();

    private void Escape(char letter) => _ = letter switch
    {
        '&' => _text.Append("&amp;"),
        '<' => _text.Append("&lt;"),
        '>' => _text.Append("&gt;"),
        '"' => _text.Append("&quot;"),
        '\'' => _text.Append("&#39;"),
        '\n' => _text.Append('\n'),
        < ' ' or '\x7f' or '\ufffe' or '\uffff' => _text.Append('\ufffd'),   // not allowed in HTML, even as a reference
        _ when char.GetUnicodeCategory(letter) is UnicodeCategory.Format => _text.Append('\ufffd'),     // would reverse the text around it
        _ => _text.Append(letter),
    };
}
