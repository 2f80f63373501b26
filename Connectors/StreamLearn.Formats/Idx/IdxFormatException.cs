namespace StreamLearn.Formats;

/// <summary>The exception for a file that is not a complete IDX file of bytes.</summary>
/// <param name="message">One line: the file, what was expected and found.</param>
/// <param name="inner">The file system's or decompressor's error, if any.</param>
public sealed class IdxFormatException(string message, Exception? inner = null) : Exception(message, inner);
