using System.Buffers;
using System.Text;

namespace StreamLearn;

/// <summary>Strings in UTF-8 with a length of two bytes. Source: MQTT 5.0, section 1.5.4.</summary>
internal static class SendableText
{
    internal const int MaxBytes = 65_535;

    /// <summary><paramref name="what"/>: what the exception calls it, such as <c>a topic</c>.</summary>
    /// <exception cref="ArgumentException">The string contains U+0000 or an unpaired surrogate, or is too long.</exception>
    internal static string Checked(string text, string what, string parameter)
    {
        var rest = text.AsSpan();
        long bytes = 0;
        while (Rune.DecodeFromUtf16(rest, out var rune, out var length) == OperationStatus.Done && rune.Value != 0)
        {
            bytes += rune.Utf8SequenceLength;
            rest = rest[length..];
        }

        if (!rest.IsEmpty)
        {
            var fault = rest[0] == '\0' ? "U+0000" : $"half of a surrogate pair, U+{(int)rest[0]:X4},";
            throw new ArgumentException($"expected {what} that is text, got {fault} at character {text.Length - rest.Length}", parameter);
        }

        return bytes <= MaxBytes ? text
            : throw new ArgumentException($"expected {what} of at most {MaxBytes} bytes, got {bytes}", parameter);
    }
}
