namespace StreamLearn.Arrow;

/// <summary>Writes batches of any columns as an Arrow stream or file.</summary>
/// <remarks>
/// Dictionaries go before the batch that needs them: more entries where those before stay, otherwise the new ones (in a stream; a file
/// cannot). Metadata of version 5, little-endian, buffers at multiples of 64 bytes, no bytes that are not of the values. Cost: linear, with
/// allocations; batches of a pipeline are written without by <see cref="ArrowBatchWriter"/>. One writer serves one thread. Source: Apache
/// Arrow, IPC format 1.5.
/// </remarks>
public sealed class ArrowWriter : IDisposable
{
    private readonly Stream _stream;
    private readonly ArrowWriterOptions _options;
    private readonly BodyWriting _body;
    private readonly Dictionary<long, ArrowArray> _dictionaries = [];
    private readonly HashSet<long> _inBatch = [];
    private readonly List<(long Offset, int Metadata, long Body)> _dictionaryBlocks = [];
    private readonly List<(long Offset, int Metadata, long Body)> _batchBlocks = [];
    private bool _hasEnded;

    /// <summary>Creates a writer, and writes the schema.</summary>
    /// <param name="stream">Where to; the caller disposes it.</param>
    /// <param name="schema">The columns.</param>
    /// <param name="options">The form; null for the defaults.</param>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public ArrowWriter(Stream stream, ArrowSchema schema, ArrowWriterOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(schema);
        (_stream, Schema, _options) = (stream, schema, options ?? new());
        _body = new(_options.Compresses);
        if (_options.Form == ArrowForm.File) { Put([.. ArrowFileReader.Magic, 0, 0]); }
        Put(Messages.OfSchema(schema));
    }

    /// <summary>The columns.</summary>
    public ArrowSchema Schema { get; }

    /// <summary>Bytes written so far.</summary>
    public long Position { get; private set; }

    /// <summary>Writes a batch, after what is new in its dictionaries.</summary>
    /// <param name="batch">A batch of <see cref="Schema"/>.</param>
    /// <exception cref="SchemaException">It has other columns.</exception>
    /// <exception cref="InvalidOperationException">The end has been written, or a file would have to replace a dictionary, or columns
    /// that share one have other entries.</exception>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public void Write(ArrowBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (_hasEnded) { throw new InvalidOperationException("the end has been written"); }
        if (!batch.Schema.Equals(Schema)) { throw new SchemaException($"expected {Schema}, got {batch.Schema}"); }
        _inBatch.Clear();
        foreach (var column in batch.Columns) { WriteDictionaries(column); }
        _body.Clear();
        foreach (var column in batch.Columns) { _body.Add(column); }
        var flat = new FlatBuilder();
        var header = _body.Write(flat, batch.Rows);
        var message = Messages.Finish(flat, Ipc.HeaderType.RecordBatch, header, _body.Body.Length, batch.Metadata);
        _batchBlocks.Add(Put(message.Bytes, _body.Body));
    }

    /// <summary>Writes the end: of a file, its footer. Once; more calls do nothing.</summary>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public void End()
    {
        if (_hasEnded) { return; }
        _hasEnded = true;
        Put(Messages.End);
        if (_options.Form == ArrowForm.Stream) { return; }
        Put(Messages.Footer(Schema, _dictionaryBlocks, _batchBlocks, _options.FooterMetadata));
    }

    /// <summary>Writes the end.</summary>
    public void Dispose() => End();

    private void WriteDictionaries(ArrowArray array)
    {
        foreach (var child in array.Children) { WriteDictionaries(child); }
        if (array.Dictionary is not { } entries) { return; }
        WriteDictionaries(entries);
        var id = array.Field.Dictionary!.Id;
        var isDelta = false;
        var isFirst = _inBatch.Add(id);
        if (_dictionaries.TryGetValue(id, out var known))
        {
            isDelta = ArrowArrays.BeginSame(known, entries);
            if (isDelta && entries.Length <= known.Length) { return; }
            if (!isDelta && !isFirst)
            {
                throw new InvalidOperationException(
                    $"column '{array.Field.Name}': others of the batch have other entries in dictionary {id}");
            }

            if (!isDelta && _options.Form == ArrowForm.File)
            {
                throw new InvalidOperationException($"column '{array.Field.Name}': a file cannot replace a dictionary, write a stream");
            }
        }

        _dictionaries[id] = ArrowArrays.Copy(entries);
        var written = isDelta ? entries.Slice(known!.Length, entries.Length - known.Length) : entries;
        _body.Clear();
        _body.Add(written);
        var flat = new FlatBuilder();
        var data = _body.Write(flat, written.Length);
        flat.Begin();
        flat.Int64((int)Ipc.EntriesField.Id, id);
        flat.Offset((int)Ipc.EntriesField.Data, data);
        flat.Byte((int)Ipc.EntriesField.IsDelta, isDelta ? 1 : 0);
        var header = flat.End();
        _dictionaryBlocks.Add(Put(Messages.Finish(flat, Ipc.HeaderType.DictionaryBatch, header, _body.Body.Length, []).Bytes, _body.Body));
    }

    private (long Offset, int Metadata, long Body) Put(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body)
    {
        var block = (Position, head.Length, (long)body.Length);
        Put(head);
        Put(body);
        return block;
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        _stream.Write(bytes);
        Position += bytes.Length;
    }
}
