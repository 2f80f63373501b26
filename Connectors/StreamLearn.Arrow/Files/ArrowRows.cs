namespace StreamLearn.Arrow;

/// <summary>The batches of a file one after the other: of either form, from its start.</summary>
internal sealed class ArrowRows : IDisposable
{
    private readonly string _path;
    private readonly ArrowFileReader? _file;
    private readonly FileStream? _stream;
    private readonly ArrowStreamReader? _reader;
    private int _next;

    /// <exception cref="ArrowFormatException">The file is none of Arrow, or cannot be read.</exception>
    internal ArrowRows(string path, ArrowLimits limits)
    {
        _path = path;
        try
        {
            if (ArrowFileReader.Is(path)) { (_file, Schema) = Opened(path, limits); }
            else
            {
                _stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
                _reader = new(_stream, limits);
                Schema = _reader.ReadSchema();
            }
        }
        catch (Exception e) when (e is ArrowFormatException or IOException or UnauthorizedAccessException)
        {
            Dispose();
            throw In(e);
        }
    }

    internal ArrowSchema Schema { get; }

    /// <summary>The next batch that has rows, good until the next call; null at the end.</summary>
    /// <exception cref="ArrowFormatException">The file is damaged, or cannot be read.</exception>
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
            throw In(e);
        }
    }

    public void Dispose()
    {
        _file?.Dispose();
        _stream?.Dispose();
    }

    private static (ArrowFileReader File, ArrowSchema Schema) Opened(string path, ArrowLimits limits)
    {
        var file = new ArrowFileReader(path, limits);
        return (file, file.Schema);
    }

    private ArrowFormatException In(Exception e) => new($"{_path}: {e.Message}");
}
