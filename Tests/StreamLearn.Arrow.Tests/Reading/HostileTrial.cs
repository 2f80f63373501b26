namespace StreamLearn.Arrow.Tests;

/// <summary>Reads bytes in every way that there is for their form, and touches every value that comes.</summary>
internal sealed class HostileTrial : IDisposable
{
    /// <summary>Bytes that reading may allocate beside what it may keep for its input: objects for columns, texts of messages.</summary>
    private const long MaxBytes = 1 << 20;
    private const int MaxTries = 60;       // a machine that is busy, or its disk, may take long a few times
    private const int MostRows = 1000;      // of arrays that have no bytes
    private static readonly ArrowBatchOptions Lenient = new() { LeavesOut = true, Narrows = true };

    private readonly FileStream _file = new(
        Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, 1, FileOptions.DeleteOnClose);
    private readonly BatchPool _pool = new();
    private readonly ArrowCodec _messages = new(Lenient, Limits);
    private readonly ArrowCodec _alone = ArrowCodec.BatchesOf(HostileCorpus.Columns, Limits);
    private long _allocated;

    /// <summary>Small limits, so that leaving them is seen.</summary>
    internal static ArrowLimits Limits { get; } = new()
    {
        MaxMessageBytes = 1 << 16,
        MaxMetadataBytes = 1 << 15,
        MaxColumns = 64,
        MaxDepth = 8,
        MaxDictionaryEntries = 1000,
        MaxDictionaryBytes = 1 << 16,
        MaxFileMessages = 16,
    };

    internal long Batches { get; private set; }
    internal long Refused { get; private set; }

    /// <summary>How long the last input took, and how much it allocated.</summary>
    internal (TimeSpan Time, long Bytes) Cost { get; private set; }

    /// <summary>What is wrong with how an input was read; null if nothing is.</summary>
    internal string? Fault(HostileForm form, ReadOnlyMemory<byte> bytes)
    {
        for (var tries = 0; ; tries++)
        {
            try { Read(form, bytes); }
            catch (Exception e) { return $"{e}"; }
            if (_pool.RentedBatches != 0) { return $"{_pool.RentedBatches} batches are not given back"; }
            if (Cost.Bytes > MaxBytes + (64L * bytes.Length)) { return $"{Cost.Bytes} bytes allocated for {bytes.Length}"; }
            if (Cost.Time.TotalMilliseconds <= 50) { return null; }
            if (tries == MaxTries) { return $"{Cost.Time.TotalMilliseconds} ms"; }
        }
    }

    public void Dispose() => _file.Dispose();

    private void Read(HostileForm form, ReadOnlyMemory<byte> bytes)
    {
        if (form == HostileForm.File)
        {
            RandomAccess.SetLength(_file.SafeFileHandle, bytes.Length);
            RandomAccess.Write(_file.SafeFileHandle, bytes.Span, 0);
        }
        var start = TimeProvider.System.GetTimestamp();
        _allocated = 0;
        switch (form)
        {
            case HostileForm.File: ReadFile(); break;
            case HostileForm.Message: Decode(_messages, bytes); break;
            case HostileForm.Alone: Decode(_alone, bytes); break;
            default:
                ReadMemory(bytes);
                ReadStream(bytes);
                break;
        }
        Cost = (TimeProvider.System.GetElapsedTime(start), _allocated);
    }

    private void ReadMemory(ReadOnlyMemory<byte> bytes)
    {
        var reader = Counted(static () => new MessageReader(Limits));
        ArrowBatch? last = null;
        while (Refusing(() => reader.Read(ref bytes), last) is { } batch) { Take(last = batch); }
    }

    private void ReadStream(ReadOnlyMemory<byte> bytes)
    {
        var reader = Counted(() => new ArrowStreamReader(new MemoryStream(bytes.ToArray()), Limits));
        ArrowBatch? last = null;
        while (Refusing(reader.Read, last) is { } batch) { Take(last = batch); }
    }

    private void ReadFile()
    {
        using var reader = Refusing(() => new ArrowFileReader(_file.Name, Limits), null);
        ArrowBatch? last = null;
        for (var i = (reader?.Count ?? 0) - 1; i >= 0; i--)
        {
            if (Refusing(() => reader!.Read(i), last) is { } batch) { Take(last = batch); }
        }
    }

    private void Decode(ArrowCodec codec, ReadOnlyMemory<byte> bytes)
    {
        var isRead = Counted(() =>
        {
            var isRead = codec.TryDecode(new(bytes), _pool, out var batch);
            batch?.Dispose();
            return isRead;
        });
        (Batches, Refused) = isRead ? (Batches + 1, Refused) : (Batches, Refused + 1);
    }

    private T? Refusing<T>(Func<T?> read, ArrowBatch? last) where T : class
    {
        try { return Counted(read); }
        catch (ArrowFormatException e)
        {
            Refused++;
            if (e.Message.Length == 0 || e.Message.Contains('\n', StringComparison.Ordinal)) { throw new InvalidDataException(e.Message); }
            if (last is { Rows: not 0 } || (last?.Columns.Any(static c => c.Length > 0) ?? false))
            {
                throw new InvalidDataException("the batch before is still there");
            }
            return null;
        }
    }

    private T Counted<T>(Func<T> read)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try { return read(); }
        finally { _allocated += GC.GetAllocatedBytesForCurrentThread() - before; }
    }

    private void Take(ArrowBatch batch)
    {
        Batches++;
        foreach (var column in batch.Columns)
        {
            if (column.Length != batch.Rows) { throw new InvalidDataException($"{column.Length} values in {batch.Rows} rows"); }
            Touch(column);
        }
        if (batch.Schema.Fields.Length == 0) { return; }
        try
        {
            var records = RecordArrays.Copy(batch, RecordSchemas.Of(batch.Schema));
            foreach (var column in records.Arrays) { _ = column.NullCount; }
            BatchCopy.Rows(new(batch.Schema, Lenient), batch, 0, batch.Rows, _pool).Dispose();
            records.ToBatch(_pool, Lenient).Dispose();
            var start = Math.Min(3, batch.Rows);
            BatchCopy.Rows(new(batch.Schema, Lenient), batch, start, batch.Rows - start, _pool).Dispose();
        }
        catch (Exception e) when (e is ArrowFormatException or SchemaException)
        {
        }
    }

    private static void Touch(ArrowArray array)
    {
        for (var i = 0; i < array.Length; i = i == MostRows && array.Length > 2 * MostRows ? array.Length - MostRows : i + 1)
        {
            if (array.Field.Type.Kind is ArrowKind.List or ArrowKind.LargeList or ArrowKind.FixedSizeList && array.Dictionary is null)
            {
                var (start, end) = array.Range(i);      // all of them once, below
                if (start < 0 || end < start || end > array.Children[0].Length) { throw new InvalidDataException($"{start} to {end}"); }
            }
            else { ArrowText.Of(array, i); }
        }
        foreach (var child in array.Children) { Touch(child); }
    }
}
