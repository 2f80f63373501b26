namespace StreamLearn.Formats;

internal interface IByteText
{
    /// <summary>Reads bytes; 0: the end, or none are available now.</summary>
    int Read(Span<byte> bytes);
}
