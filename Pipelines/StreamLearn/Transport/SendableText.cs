using System.Buffers;
using System.Text;

namespace StreamLearn;

/// <summary>Texts that travel as UTF-8 behind two bytes of length. Source: MQTT 5.0, section 1.5.4.</summary>
internal static class SendableText
{
    /// <summary>Bytes of a text at most.</summary>
    internal const int MaxBytes = 65_535;

    /// <summary>The text, if it can be sent as it stands. <paramref name="what"/>: what it is, for the exception: <c>a topic</c>.
    /// <paramref name="parameter"/>: the parameter or property that has it.</summary>
    /// <exception cref="ArgumentException">It has U+0000 or half of a surrogate pair, or too many bytes.</exception>
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
