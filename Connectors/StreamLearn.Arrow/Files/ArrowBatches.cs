using System.Collections.Immutable;
using System.Globalization;
using Apache.Arrow;
using Apache.Arrow.Ipc;

namespace StreamLearn.Arrow;

/// <summary>Reads the batches of an Arrow file or stream in their order.</summary>
/// <remarks>
/// The content says what the form is, not the name: a file with a footer is read by it, all else from the start. A file that was cut before
/// its footer is read from the start too: its whole batches come, and then an exception. What it accepts and costs: as
/// <see cref="ArrowReader"/>. What it hands out has been verified and has memory of its own.
/// </remarks>
public sealed class ArrowBatches : IArrowArrayStream
{
    private const int Buffer = 1 << 16;

    private readonly string _name;
    private readonly ArrowFileReader? _file;
    private readonly FileStream? _opened;
    private readonly ArrowStreamReader? _stream;
    private int _read;

    /// <summary>Opens a file, and reads its schema.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">The largest sizes accepted; null: <see cref="ArrowLimits.Default"/>.</param>
    /// <param name="share">What others may do with the file meanwhile; default: also write and delete it.</param>
    /// <param name="name">What exceptions call it; null: the path; empty: they begin with what is wrong.</param>
    /// <exception cref="ArrowFormatException">It is not Arrow, or cannot be read: the file, and the place in it.</exception>
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

    /// <summary>Takes a stream of bytes, and reads the schema.</summary>
    /// <param name="stream">The bytes, of a stream or a file, from the start; the caller disposes it.</param>
    /// <param name="limits">The largest sizes accepted; null: <see cref="ArrowLimits.Default"/>.</param>
    /// <param name="name">What exceptions call it; empty: they begin with what is wrong.</param>
    /// <exception cref="ArrowFormatException">It is not Arrow, or cannot be read: the place in it.</exception>
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
        catch (Exception e) when (e is ArrowFormatException or IOException or UnauthorizedAccessException)
        {
            throw In(e);
        }
    }

    /// <summary>The columns, without those that are passed over.</summary>
    public Apache.Arrow.Schema Schema { get; }

    /// <summary>Name and type of each column that is passed over: decimals, intervals, maps, unions, views of lists,
    /// run ends.</summary>
    public IReadOnlyList<string> LeftOut => Columns.LeftOut;

    /// <summary>All columns.</summary>
    internal ArrowSchema Columns { get; }

    /// <summary>The number of batches; null where only reading to the end would tell.</summary>
    public int? Count => _file?.Count;

    /// <summary>The metadata of the footer; none where it is not read by a footer.</summary>
    public ImmutableArray<KeyValuePair<string, string>> FooterMetadata => _file?.Metadata ?? [];

    /// <summary>True if it is a file without the end that has the footer: reading ends with an exception.</summary>
    public bool IsCut { get; }

    /// <summary>Reads the next batch.</summary>
    /// <returns>The batch, which the caller owns; null at the end.</returns>
    /// <exception cref="ArrowFormatException">It is damaged or cut short, or cannot be read: the file, and the place in it.</exception>
    public RecordBatch? Read() => Next() is { } batch ? RecordArrays.Copy(batch, Schema) : null;

    /// <summary>Reads a batch of a file with a footer.</summary>
    /// <param name="index">The zero-based index, below <see cref="Count"/>.</param>
    /// <returns>The batch, which the caller owns.</returns>
    /// <exception cref="ArrowFormatException">It is damaged, or cannot be read: the file, and the place in it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such batch.</exception>
    /// <exception cref="InvalidOperationException">It is not read by a footer: batches come in their order alone.</exception>
    public RecordBatch Read(int index)
    {
        if (_file is null) { throw new InvalidOperationException("batches of a stream come in their order alone"); }
        try
        {
            return RecordArrays.Copy(_file.Read(index), Schema);
        }
        catch (Exception e) when (e is ArrowFormatException or IOException or UnauthorizedAccessException)
        {
            throw In(e);
        }
    }

    /// <inheritdoc />
    public ValueTask<RecordBatch> ReadNextRecordBatchAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            return new(Read()!);
        }
        catch (Exception e)
        {
            return ValueTask.FromException<RecordBatch>(e);
        }
    }

    /// <summary>Reads the next batch: a view, valid until the next call; null at the end.</summary>
    internal ArrowBatch? Next()
    {
        try
        {
            var batch = _file is null ? _stream!.Read() : _read < _file.Count ? _file.Read(_read) : null;
            if (batch is null && IsCut) { throw new ArrowFormatException("expected a footer, got the end of the bytes: cut short"); }
            if (batch is not null) { _read++; }
            return batch;
        }
        catch (Exception e) when (e is ArrowFormatException or IOException or UnauthorizedAccessException)
        {
            throw In(e);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _file?.Dispose();
        _opened?.Dispose();
    }

    /// <summary>True if the mark of a file stands at the start, and whole if it stands at the end too.</summary>
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
