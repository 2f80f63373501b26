using System.Runtime.CompilerServices;

namespace StreamLearn.Nats;

internal static class NatsText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Null is allowed.</summary>
    /// <exception cref="ArgumentException">The string contains an unpaired surrogate.</exception>
    internal static void Require(string? text, [CallerArgumentExpression(nameof(text))] string? name = null)
    {
        try
        {
            if (text is not null) { Strict.GetByteCount(text); }
        }
        catch (EncoderFallbackException e) { throw new ArgumentException("expected text without unpaired surrogates", name, e); }
    }

    /// <summary>An empty string is allowed.</summary>
    internal static void RequireName(string text, [CallerArgumentExpression(nameof(text))] string? name = null)
    {
        if (text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')) { return; }
        throw new ArgumentException($"expected a name of letters, digits, '-' and '_', got '{PrintableText.Of(text)}'", name);
    }

    internal static string List<T>(IEnumerable<T> items) => PrintableText.Of($"[{string.Join(", ", items)}]");
}
