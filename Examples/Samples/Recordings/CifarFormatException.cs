namespace StreamLearn.Samples;

/// <summary>A CIFAR-10 file is absent or damaged; the one-line message names the file, the record, the value and the remedy.</summary>
public sealed class CifarFormatException : Exception
{
    /// <summary>Reports an unexpected record.</summary>
    /// <param name="file">The file.</param>
    /// <param name="record">The record, from 0.</param>
    /// <param name="expected">What was expected.</param>
    /// <param name="got">What was found.</param>
    public CifarFormatException(string file, long record, string expected, long got)
        : base($"{file} record {record}: expected {expected}, got {got}: restore it from the data set")
    {
    }

    /// <summary>Reports an unreadable file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="inner">The file system's error.</param>
    public CifarFormatException(string file, Exception inner)
        : base($"{file} cannot be read: name the folder that holds CIFAR-10's binary files", inner)
    {
    }
}
