namespace StreamLearn.Samples;

/// <summary>A file of CIFAR-10 is absent or damaged; the message is one line that names the file, the record, the value and what to do.
/// </summary>
public sealed class CifarFormatException : Exception
{
    /// <summary>A record is not as expected.</summary>
    /// <param name="file">The file.</param>
    /// <param name="record">The record, from 0.</param>
    /// <param name="expected">What was expected.</param>
    /// <param name="got">What was found.</param>
    public CifarFormatException(string file, long record, string expected, long got)
        : base($"{file} record {record}: expected {expected}, got {got}: restore it from the data set")
    {
    }

    /// <summary>A file cannot be read.</summary>
    /// <param name="file">The file.</param>
    /// <param name="inner">What the file system said.</param>
    public CifarFormatException(string file, Exception inner)
        : base($"{file} cannot be read: name the folder that holds CIFAR-10's binary files", inner)
    {
    }
}
