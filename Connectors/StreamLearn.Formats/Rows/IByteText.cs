namespace StreamLearn.Formats;

/// <summary>A text that is read from its beginning to its end.</summary>
internal interface IByteText
{
    /// <summary>Reads some bytes; 0 where there are no more, or none at the moment.</summary>
    int Read(Span<byte> bytes);
}
