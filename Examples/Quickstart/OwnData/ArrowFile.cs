using StreamLearn.Arrow;
using StreamLearn.Files;

namespace Quickstart;

/// <summary>The batches of a file of Arrow, one after the other: with or without a footer.</summary>
internal sealed class ArrowFile : IDisposable
{
    /// <summary>More than the library's defaults: some tools write a table as one batch, and the file is the user's own.</summary>
    private static readonly ArrowLimits Limits = new() { MaxMessageBytes = 1 << 30, MaxDictionaryBytes = 1 << 28, MaxRatio = 256 };

    private static readonly string[] Names = [".arrow", ".arrows", ".feather", ".ipc"];

    private readonly string _path;
    private readonly ArrowFileReader? _file;
    private readonly FileStream? _stream;
    private readonly ArrowStreamReader? _reader;
    private int _next;

    /// <exception cref="FileRowsException">The file cannot be read, or is none of Arrow.</exception>
    internal ArrowFile(string path)
    {
        _path = path;
        try
        {
            if (ArrowFileReader.Is(path))
            {
                _file = new(path, Limits);
                Schema = _file.Schema;
                return;
            }

            _stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1 << 16);
            _reader = new(_stream, Limits);
            Schema = _reader.ReadSchema();
        }
        catch (Exception e) when (e is ArrowFormatException or IOException or UnauthorizedAccessException)
        {
            Dispose();
            throw Refused(e);
        }
    }

    internal ArrowSchema Schema { get; }

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

    /// <summary>The next batch that has rows, good until the next call; null at the end.</summary>
    /// <exception cref="FileRowsException">The file is damaged, or cannot be read.</exception>
    internal ArrowBatch? Read()
    {
        try
        {
            while (true)
            {
                var batch = _file is null ? _reader!.Read() : _next < _file.Count ? _file.Read(_next++) : null;
                if (batch is null or { Rows: > 0 }) { return batch; }
            }
        }
        catch (Exception e) when (e is ArrowFormatException or IOException or UnauthorizedAccessException)
        {
            throw Refused(e);
        }
    }

    public void Dispose()
    {
        _file?.Dispose();
        _stream?.Dispose();
    }

    private FileRowsException Refused(Exception e) =>
        new(new(_path, 0, null, FileFault.DamagedFile, ""), $"{_path}: {e.Message.ReplaceLineEndings(" ")}", e);

    private static byte[] StartOf(string path)
    {
        const int Most = 64;
        using var file = File.OpenRead(path);
        var start = new byte[Most];
        return start[..file.ReadAtLeast(start, Most, throwOnEndOfStream: false)];
    }
}
