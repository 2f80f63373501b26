namespace StreamLearn.Formats;

internal interface IByteText
{
    /// <summary>Reads bytes; 0: end, or nothing available now.</summary>
    int Read(Span<byte> bytes);
}
