using Apache.Arrow;
using StreamLearn.Arrow;
using StreamLearn.Formats;

namespace StreamLearn.Programs;

/// <summary>The batches of a file of Arrow, one after the other: with or without a footer.</summary>
internal sealed class ArrowFile : IDisposable
{
    /// <summary>More than the library's defaults: some tools write a table as one batch, and the file is the user's own.</summary>
    private static readonly ArrowLimits Limits = new() { MaxMessageBytes = 1 << 30, MaxDictionaryBytes = 1 << 28, MaxRatio = int.MaxValue };

    private static readonly string[] Names = [".arrow", ".arrows", ".feather", ".ipc"];

    private readonly string _path;
    private readonly ArrowBatches _batches;

    /// <exception cref="FileRowsException">The file cannot be read, or is none of Arrow.</exception>
    internal ArrowFile(string path)
    {
        _path = path;
        try
        {
            _batches = new(path, Limits);
        }
        catch (ArrowFormatException e)
        {
            throw Refused(e);
        }
    }

    internal Apache.Arrow.Schema Schema => _batches.Schema;

    /// <summary>Name and type of each column that is not read.</summary>
    internal IReadOnlyList<string> LeftOut => _batches.LeftOut;

    /// <summary>True if a file begins as those of Arrow do, or is named as they are.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    internal static bool IsArrow(string path)
    {
        if (IsNamedSo(path)) { return true; }
        var start = StartOf(path);
        return start.AsSpan().StartsWith("ARROW1"u8) || start.AsSpan().StartsWith((ReadOnlySpan<byte>)[0xff, 0xff, 0xff, 0xff]);
    }

    /// <summary>True if a file is named as those of Arrow are.</summary>
    internal static bool IsNamedSo(string path) => Names.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>True if a file begins as text does, plain or compressed.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    internal static bool IsText(string path)
    {
        var start = StartOf(path);
        return start is [0x1f, 0x8b, ..] || (start.Length > 0 && !start.AsSpan().StartsWith("ARROW1"u8)
            && start.All(static b => b is >= (byte)' ' and < 0xf8 and not 0x7f or (byte)'\t' or (byte)'\r' or (byte)'\n'));
    }

    /// <summary>The next batch that has rows; null at the end.</summary>
    /// <exception cref="FileRowsException">The file is damaged, or cannot be read.</exception>
    internal RecordBatch? Read()
    {
        try
        {
            RecordBatch? batch;
            do { batch = _batches.Read(); } while (batch is { Length: 0 });
            return batch;
        }
        catch (ArrowFormatException e)
        {
            throw Refused(e);
        }
    }

    public void Dispose() => _batches.Dispose();

    private FileRowsException Refused(ArrowFormatException e) => new(new(_path, 0, null, FileFault.DamagedFile, ""), e.Message, e);

    private static byte[] StartOf(string path)
    {
        const int Most = 64;
        using var file = File.OpenRead(path);
        var start = new byte[Most];
        return start[..file.ReadAtLeast(start, Most, throwOnEndOfStream: false)];
    }
}
