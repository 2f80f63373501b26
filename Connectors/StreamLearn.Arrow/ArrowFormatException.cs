using System.Globalization;

namespace StreamLearn.Arrow;

/// <summary>Bytes are not what the Arrow format says, or more than the limits allow.</summary>
/// <param name="message">One line: what was expected, and what came.</param>
public sealed class ArrowFormatException(string message) : Exception(message)
{
    /// <summary>The message of the stream or file, from 1; 0 where it is not known.</summary>
    public int MessageNumber { get; private init; }

    /// <summary>The byte of the stream or file at which that message begins; −1 where it is not known.</summary>
    public long Position { get; private init; } = -1;

    /// <summary>The same, with the message that it is about.</summary>
    internal ArrowFormatException At(int number, long position) => MessageNumber > 0 ? this : new(
        string.Create(CultureInfo.InvariantCulture, $"message {number} at byte {position}: {Message}"))
    {
        MessageNumber = number,
        Position = position,
    };
}
