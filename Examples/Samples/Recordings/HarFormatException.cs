namespace StreamLearn.Samples;

/// <summary>A recordings folder is absent, incomplete or damaged; the one-line message names the file and the fix.</summary>
/// <param name="message">What was expected and found, and the fix.</param>
/// <param name="inner">The cause in file system or decompression; may be null.</param>
public sealed class HarFormatException(string message, Exception? inner = null) : Exception(message, inner);
