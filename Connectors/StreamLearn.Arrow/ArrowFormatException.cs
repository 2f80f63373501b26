namespace StreamLearn.Arrow;

/// <summary>The exception for bytes that are not valid Arrow or exceed the limits.</summary>
/// <param name="message">The expected and the actual content; reduced to one line, because it may contain names from the input.</param>
public sealed class ArrowFormatException(string message) : Exception(OneLine(message))
{
    private const int MaxCharacters = 1000;

    /// <summary>The message's number in the stream or file, from 1; 0: unknown.</summary>
    public int MessageNumber { get; private init; }

    /// <summary>The message's position in the stream or file; −1: unknown.</summary>
    public long Position { get; private init; } = -1;

    internal static string OneLine(string text) => PrintableText.Of(text, MaxCharacters);

    internal static ArrowFormatException In(string name, Exception problem, string more) => new(
        name.Length == 0 ? $"{problem.Message}{more}" : $"{name}: {problem.Message}{more}")
    {
        MessageNumber = (problem as ArrowFormatException)?.MessageNumber ?? 0,
        Position = (problem as ArrowFormatException)?.Position ?? -1,
    };

    internal ArrowFormatException At(int number, long position) => MessageNumber > 0 ? this : new(
        string.Create(CultureInfo.InvariantCulture, $"message {number} at byte {position}: {Message}"))
    {
        MessageNumber = number,
        Position = position,
    };
}
