using Apache.Arrow;
using StreamLearn.Arrow;
using ArrowSchema = Apache.Arrow.Schema;

namespace Tool;

internal sealed class ArrowInputException(string message) : IOException(message);

/// <summary>Reads a file by its footer, other input from the start.</summary>
internal sealed class ArrowInput : IDisposable
{
    private const string CutShort = "expected the Arrow magic bytes at the end of the file, got other bytes: the file is cut short";

    private readonly string _name;
    private readonly FileStream? _opened;
    private readonly ArrowBatches _batches;

    internal ArrowInput(string path, Stream standard, int mebibytes)
    {
        var bytes = mebibytes << 20;     // at most 1,023
        var limits = ArrowLimits.Default with { MaxMessageBytes = bytes, MaxRatio = int.MaxValue };
        limits = limits with { MaxDictionaryBytes = Math.Max(bytes, limits.MaxDictionaryBytes) };
        _name = path == Choices.StandardInput ? "standard input" : $"'{path}'";
        var isWhole = false;
        string? other = null;
        try
        {
            ArrowBatches? byFooter = null;
            if (path != Choices.StandardInput)
            {
                if (Directory.Exists(path)) { throw new IOException("this is a folder"); }
                if (!File.Exists(path)) { throw new IOException("there is no such file"); }
                _opened = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1 << 16);
                other = Other(_opened);
                byFooter = ByFooter(path, limits, out isWhole);
            }

            _batches = byFooter ?? new(_opened ?? standard, limits, name: "");
        }
        catch (Exception e) when (e is ArrowFormatException or IOException or UnauthorizedAccessException or NotSupportedException)
        {
            Dispose();
            throw e is not ArrowFormatException ? At(e) : other is not null ? new($"{_name}: {other}") : AtStart(e, isWhole);
        }
    }

    internal static bool IsWithoutSchema(string message) => message.Contains("expected a schema first", StringComparison.Ordinal)
        || message.Contains("only in the footer", StringComparison.Ordinal);

    internal ArrowSchema Schema => _batches.Schema;

    internal IReadOnlyList<string> LeftOut => _batches.LeftOut;

    internal int? Count => _batches.Count;

    internal int Batches { get; private set; }

    internal IEnumerable<KeyValuePair<string, string>> FooterMetadata => _batches.FooterMetadata;

    /// <summary>Why the footer is not used; null: it is, or none is needed.</summary>
    internal string? Footless { get; private set; }

    /// <summary>A fault in a file that was read to its end; null without one.</summary>
    internal string? Blemish => Footless is null ? null : $"{_name}: read from its start, without a footer: {Footless}";

    /// <summary>Returns the next batch; null at the end.</summary>
    /// <exception cref="ArrowInputException">Names the unreadable message and its offset.</exception>
    internal RecordBatch? Read()
    {
        try
        {
            var batch = _batches.Read();
            if (batch is not null) { Batches++; }
            return batch;
        }
        catch (ArrowFormatException e)
        {
            throw At(e);
        }
    }

    public void Dispose()
    {
        _batches?.Dispose();
        _opened?.Dispose();
    }

    private ArrowBatches? ByFooter(string path, ArrowLimits limits, out bool isWhole)
    {
        isWhole = false;
        if (!_opened!.CanSeek || !BeginsAsFile(_opened)) { return null; }
        isWhole = EndsAsFile(_opened);
        if (!isWhole)
        {
            Footless = CutShort;
            return null;
        }

        try
        {
            return new(path, limits, name: "");
        }
        catch (ArrowFormatException e) when (e.MessageNumber == 0)      // the footer is damaged, not a message
        {
            Footless = e.Message;
            return null;
        }
    }

    private static bool BeginsAsFile(FileStream file) => HasMark(file, 0);

    /// <summary>Returns true if the end has the mark: there is a footer, valid or not.</summary>
    private static bool EndsAsFile(FileStream file) => file.Length >= 12 && HasMark(file, file.Length - 6);

    private static bool HasMark(FileStream file, long at)
    {
        Span<byte> mark = stackalloc byte[6];
        file.Position = at;
        var got = file.ReadAtLeast(mark, mark.Length, throwOnEndOfStream: false);
        file.Position = 0;
        return mark[..got].SequenceEqual("ARROW1"u8);
    }

    /// <summary>Returns the format by the first bytes; null if it may be Arrow.</summary>
    private static string? Other(FileStream file)
    {
        if (!file.CanSeek) { return null; }
        Span<byte> start = stackalloc byte[4];
        var got = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        file.Position = 0;
        return start[..got] switch
        {
            [(byte)'P', (byte)'A', (byte)'R', (byte)'1'] => "this is a Parquet file, not Arrow",
            [(byte)'F', (byte)'E', (byte)'A', (byte)'1'] => "this is a Feather file of version 1: write it as version 2, which is Arrow",
            [0x1f, 0x8b, ..] => "this is compressed by gzip: unpack it first, for example by gzip -dc",
            [0x28, 0xb5, 0x2f, 0xfd] => "this is compressed by Zstandard: unpack it first, for example by zstd -dc",
            [(byte)'A', (byte)'R', (byte)'R', (byte)'O'] or [0xff, 0xff, 0xff, 0xff] => null,
            [_, _, _, not 0] => "this does not start like an Arrow file or stream",
            _ => null,
        };
    }

    /// <summary>Reports an error in the footer if there is one, otherwise in the start.</summary>
    private ArrowInputException AtStart(Exception e, bool isWhole) =>
        isWhole && Footless is not null ? new($"{_name}: {Footless}")
        : !IsWithoutSchema(e.Message) ? At(e)
        : Footless is not null ? new($"{_name} is cut short: the footer with its only schema is missing, so it cannot be read")
        : _opened is null && e is ArrowFormatException { Position: > 0 } ? new($"{_name}: the schema is only in the footer of this file: "
            + $"give the file name instead of {Choices.StandardInput}")
        : At(e);

    private ArrowInputException At(Exception e)
    {
        var message = e.Message.Contains(_name, StringComparison.Ordinal) ? e.Message : $"{_name}: {e.Message}";
        return new(Footless is null ? message : $"{message} (read from its start, without a footer: {Footless})");
    }
}
