namespace StreamLearn.Formats;

/// <summary>A file is not a whole IDX file of bytes.</summary>
/// <param name="message">One line: which file, what was expected, what came.</param>
/// <param name="inner">What the file system or the decompression said, if it did.</param>
public sealed class IdxFormatException(string message, Exception? inner = null) : Exception(message, inner);
