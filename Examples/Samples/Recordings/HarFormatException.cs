namespace StreamLearn.Samples;

/// <summary>
/// A folder of activity recordings is absent, incomplete or damaged; the message is one line that names the file and what to do.
/// </summary>
/// <param name="message">What was expected, what was found, what to do.</param>
/// <param name="inner">What the file system or the decompression said; null if it said nothing.</param>
public sealed class HarFormatException(string message, Exception? inner = null) : Exception(message, inner);
