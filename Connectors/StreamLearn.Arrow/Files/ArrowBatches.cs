using Apache.Arrow;
using Apache.Arrow.Ipc;

namespace StreamLearn.Arrow;

/// <summary>Reads the batches of an Arrow file or stream in order.</summary>
/// <remarks> The form is detected from the content: a file with a footer is read through the footer, everything else from the start. A file
/// that is truncated before its footer yields its complete batches, then an exception. Accepts and costs the same as
/// <see cref="ArrowReader"/>. Batches are verified and own their memory. </remarks>
public sealed class ArrowBatches : IArrowArrayStream
{
    private const int Buffer = 1 << 16;

    private readonly string _name;
    private readonly ArrowFileReader? _file;
    private readonly FileStream? _opened;
    private readonly ArrowStreamReader? _stream;
    private int _read;

    /// <summary>Opens a file and reads its schema.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">The limits; null: <see cref="ArrowLimits.Default"/>.</param>
    /// <param name="share">File sharing; default: others may write and delete.</param>
    /// <param name="name">The name in exceptions; null: the path; empty: none.</param>
    /// <exception cref="ArrowFormatException">The file is not Arrow or cannot be read; the message names the file and the
    /// position.</exception>
    public ArrowBatches(
        string path, ArrowLimits? limits = null, FileShare share = FileShare.ReadWrite | FileShare.Delete, string? name = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _name = name ?? path;
        try
        {
            _opened = new(path, FileMode.Open, FileAccess.Read, share, Buffer);
            if (IsFile(_opened, out var isWhole))
            {
                IsCut = !isWhole;
                if (isWhole) { _file = new(path, limits, share); }
            }

            _stream = _file is null ? new(_opened, limits) : null;
            Columns = _file?.Schema ?? _stream!.ReadSchema();
            Schema = RecordSchemas.Of(Columns);
        }
        catch (Exception e) when (e is ArrowFormatException or IOException or UnauthorizedAccessException)
        {
            Dispose();
            throw In(e);
        }
    }

    /// <summary>Opens a stream of bytes and reads the schema.</summary>
    /// <param name="stream">An Arrow stream or file from its start; the caller disposes it.</param>
    /// <param name="limits">The limits; null: <see cref="ArrowLimits.Default"/>.</param>
    /// <param name="name">The name in exceptions; empty: none.</param>
    /// <exception cref="ArrowFormatException">The stream is not Arrow or cannot be read; the message names the position.</exception>
    public ArrowBatches(Stream stream, ArrowLimits? limits = null, string name = "stream")
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        _name = name;
        try
        {
            _stream = new(stream, limits);
            Columns = _stream.ReadSchema();
            Schema = RecordSchemas.Of(Columns);
        }
        catch (Exception e) when (e is ArrowFormatException or IOException or UnauthorizedAccessException) { throw In(e); }
    }

    /// <summary>The columns, without skipped ones.</summary>
    public Apache.Arrow.Schema Schema { get; }

    /// <summary>Name and type of each skipped column: decimals, intervals, maps, unions, views of lists, run ends.</summary>
    public IReadOnlyList<string> LeftOut => Columns.LeftOut;

    internal ArrowSchema Columns { get; }

    /// <summary>The number of batches; null: it is unknown before the end.</summary>
    public int? Count => _file?.Count;

    /// <summary>The footer's metadata; empty without a footer.</summary>
    public ImmutableArray<KeyValuePair<string, string>> FooterMetadata => _file?.Metadata ?? [];

    /// <summary>True if the file lacks its footer: reading ends with an exception.</summary>
    public bool IsCut { get; }

    /// <summary>Reads the next batch.</summary>
    /// <returns>The batch, owned by the caller; null at the end.</returns>
    /// <exception cref="ArrowFormatException">The batch is damaged, truncated or unreadable; the message names the file and the
    /// position.</exception>
    public RecordBatch? Read() => Next() is { } batch ? RecordArrays.Copy(batch, Schema) : null;

    /// <summary>Reads a batch of a file with a footer.</summary>
    /// <param name="index">The index, from 0, below <see cref="Count"/>.</param>
    /// <returns>The batch, owned by the caller.</returns>
    /// <exception cref="ArrowFormatException">The batch is damaged or unreadable; the message names the file and the position.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such batch.</exception>
    /// <exception cref="InvalidOperationException">There is no footer: batches can only be read in order.</exception>
    public RecordBatch Read(int index)
    {
        if (_file is null) { throw new InvalidOperationException("batches of a stream can only be read in order"); }
        try { return RecordArrays.Copy(_file.Read(index), Schema); }
        catch (Exception e) when (e is ArrowFormatException or IOException or UnauthorizedAccessException) { throw In(e); }
    }

    /// <inheritdoc />
    public ValueTask<RecordBatch> ReadNextRecordBatchAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            return new(Read()!);
        }
        catch (Exception e) { return ValueTask.FromException<RecordBatch>(e); }
    }

    /// <summary>Valid until the next call; null at the end.</summary>
    internal ArrowBatch? Next()
    {
        try
        {
            var batch = _file is null ? _stream!.Read() : _read < _file.Count ? _file.Read(_read) : null;
            if (batch is null && IsCut) { throw new ArrowFormatException("expected a footer, got the end of the bytes: cut short"); }
            if (batch is not null) { _read++; }
            return batch;
        }
        catch (Exception e) when (e is ArrowFormatException or IOException or UnauthorizedAccessException) { throw In(e); }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _file?.Dispose();
        _opened?.Dispose();
    }

    /// <summary>Returns true if the file mark is at the start; the file is whole if the mark is also at the end.</summary>
    private static bool IsFile(FileStream bytes, out bool isWhole)
    {
        isWhole = false;
        if (!bytes.CanSeek) { return false; }
        var mark = ArrowFileReader.Magic;
        Span<byte> got = stackalloc byte[mark.Length];
        var isFile = bytes.ReadAtLeast(got, got.Length, throwOnEndOfStream: false) == got.Length && got.SequenceEqual(mark);
        if (isFile && bytes.Length >= 2 * mark.Length)
        {
            bytes.Position = bytes.Length - mark.Length;
            isWhole = bytes.ReadAtLeast(got, got.Length, throwOnEndOfStream: false) == got.Length && got.SequenceEqual(mark);
        }

        bytes.Position = 0;
        return isFile;
    }

    private ArrowFormatException In(Exception e)
    {
        var text = !IsCut ? "" : string.Create(CultureInfo.InvariantCulture,
            $" (the file was cut before its footer: {_read} whole {(_read == 1 ? "batch was" : "batches were")} read from its start)");
        return ArrowFormatException.In(_name, e, text);
    }
}
