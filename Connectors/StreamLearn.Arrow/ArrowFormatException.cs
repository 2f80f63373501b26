using System.Globalization;

namespace StreamLearn.Arrow;

/// <summary>Bytes are not valid Arrow, or exceed the limits.</summary>
/// <param name="message">What was expected, and what was found. Made into one line, since it may contain names from the input.</param>
public sealed class ArrowFormatException(string message) : Exception(OneLine(message))
{
    private const int MostCharacters = 1000;

    /// <summary>The number of the message in the stream or file, from 1; 0 if it is not known.</summary>
    public int MessageNumber { get; private init; }

    /// <summary>The position in the stream or file at which that message begins; −1 if it is not known.</summary>
    public long Position { get; private init; } = -1;

    /// <summary>A text without controls, and cut where it is long.</summary>
    internal static string OneLine(string text) => PrintableText.Of(text, MostCharacters);

    /// <summary>The same of a file, with its name, where it has one, before and more after it.</summary>
    internal static ArrowFormatException In(string name, Exception problem, string more) => new(
        name.Length == 0 ? $"{problem.Message}{more}" : $"{name}: {problem.Message}{more}")
    {
        MessageNumber = (problem as ArrowFormatException)?.MessageNumber ?? 0,
        Position = (problem as ArrowFormatException)?.Position ?? -1,
    };

    /// <summary>The same, with the message that it is about.</summary>
    internal ArrowFormatException At(int number, long position) => MessageNumber > 0 ? this : new(
        string.Create(CultureInfo.InvariantCulture, $"message {number} at byte {position}: {Message}"))
    {
        MessageNumber = number,
        Position = position,
    };
}
