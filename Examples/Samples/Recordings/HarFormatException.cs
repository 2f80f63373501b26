namespace StreamLearn.Samples;

/// <summary>A recordings folder is absent, incomplete or damaged; the one-line message names the file and the remedy.</summary>
/// <param name="message">Expected, found, and remedy.</param>
/// <param name="inner">Cause by file system or decompression; may be null.</param>
public sealed class HarFormatException(string message, Exception? inner = null) : Exception(message, inner);
