using System.Runtime.CompilerServices;
using System.Text;

namespace StreamLearn.Nats;

/// <summary>Text that goes to a server, and text that comes from one.</summary>
internal static class NatsText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>A text that can be said in UTF-8, or null.</summary>
    /// <exception cref="ArgumentException">It has half of a surrogate pair.</exception>
    internal static void Require(string? text, [CallerArgumentExpression(nameof(text))] string? name = null)
    {
        try
        {
            if (text is not null) { Strict.GetByteCount(text); }
        }
        catch (EncoderFallbackException e)
        {
            throw new ArgumentException("expected text without halves of surrogate pairs", name, e);
        }
    }

    /// <summary>The name of a bucket, a registry or a reader; empty: there is none.</summary>
    internal static void RequireName(string text, [CallerArgumentExpression(nameof(text))] string? name = null)
    {
        if (text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')) { return; }
        throw new ArgumentException($"expected a name of letters, digits, '-' and '_', got '{PrintableText.Of(text)}'", name);
    }

    /// <summary>Some texts in brackets, for a person to read.</summary>
    internal static string List<T>(IEnumerable<T> items) => PrintableText.Of($"[{string.Join(", ", items)}]");
}
