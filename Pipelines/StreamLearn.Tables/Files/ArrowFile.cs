using Apache.Arrow;
using StreamLearn.Arrow;

namespace StreamLearn.Tables;

internal sealed class ArrowFile : IDisposable
{
    /// <summary>Above the library's defaults, since some tools write a table as one batch and the user owns the file.</summary>
    private static readonly ArrowLimits Limits = new() { MaxMessageBytes = 1 << 30, MaxDictionaryBytes = 1 << 28, MaxRatio = int.MaxValue };

    private static readonly string[] Names = [".arrow", ".arrows", ".feather", ".ipc"];

    private readonly string _path;
    private readonly ArrowBatches _batches;

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

    internal IReadOnlyList<string> LeftOut => _batches.LeftOut;

    internal static bool IsArrow(string path)
    {
        if (IsNamedSo(path)) { return true; }
        var start = StartOf(path);
        return start.AsSpan().StartsWith("ARROW1"u8) || start.AsSpan().StartsWith((ReadOnlySpan<byte>)[0xff, 0xff, 0xff, 0xff]);
    }

    internal static bool IsNamedSo(string path) => Names.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    internal static bool IsText(string path)
    {
        var start = StartOf(path);
        return start is [0x1f, 0x8b, ..] || (start.Length > 0 && !start.AsSpan().StartsWith("ARROW1"u8)
            && start.All(static b => b is >= (byte)' ' and < 0xf8 and not 0x7f or (byte)'\t' or (byte)'\r' or (byte)'\n'));
    }

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
