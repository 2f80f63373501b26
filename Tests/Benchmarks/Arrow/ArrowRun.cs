using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using StreamLearn.Arrow;
using Field = StreamLearn.Field;
using Schema = StreamLearn.Schema;

namespace Benchmarks;

/// <summary>A batch, its message, and the memory that all runs over it use again.</summary>
internal sealed class ArrowRun
{
    private const int Channels = 9;
    private const double Seconds = 0.1;
    private static readonly Dictionary<(int Rows, bool Texts), ArrowRun> Known = [];
    private readonly BatchPool _pool = new();
    private readonly ArrowBatchWriter _writer;
    private readonly Batch _batch;
    private readonly byte[] _target;
    private readonly byte[] _source;
    private readonly byte[] _head;
    private readonly List<ReadOnlyMemory<byte>> _pieces = [];
    private readonly MessageReader _reader = new(new() { MaxMessageBytes = 64 << 20 });
    private readonly ReadOnlyMemory<byte> _message;
    private readonly ReadOnlyMemory<byte> _whole;

    private ArrowRun(int rows, bool texts)
    {
        var schema = new Schema([Field.Time(), .. Enumerable.Range(0, Channels).Select(c => Field.Channel($"c{c}", Unit.One))]);
        (_writer, _batch) = (new(schema), _pool.Rent(schema, rows));
        for (var row = 0; row < rows; row++) { _batch.Columns[0].Writable<long>()[row] = 1_700_000_000_000_000_000 + row; }
        for (var c = 1; c <= Channels; c++)
        {
            var values = _batch.Columns[c].Writable<float>();
            for (var row = 0; row < rows; row++) { values[row] = MathF.Sin((c * row) + c); }
        }
        _target = GC.AllocateArray<byte>((int)_writer.MaxLength(rows) + 64, pinned: true);
        _source = GC.AllocateArray<byte>(_target.Length, pinned: true);
        Random.Shared.NextBytes(_source);
        _head = new byte[_writer.GatherBytes(rows)];
        if (texts) { _message = Texts(rows); }
        else
        {
            var message = new byte[_writer.MaxLength(rows)];
            _message = message.AsMemory(0, _writer.Write(_batch, message));
            _reader.Expect(_writer.ArrowSchema);
        }
        var buffer = new ArrayBufferWriter<byte>();
        ArrowCodec.Batches.Encode(_batch, buffer);
        _whole = buffer.WrittenMemory.ToArray();
    }

    /// <summary>The run over nine channels and the time.</summary>
    internal static ArrowRun Of(int rows) => Find(rows, texts: false);

    /// <summary>The run over these and a column of texts.</summary>
    internal static ArrowRun OfTexts(int rows) => Find(rows, texts: true);
    internal Sample Write() => Repeat(() => _writer.Write(_batch, _target));

    /// <summary>Copies as many bytes.</summary>
    internal Sample Copy()
    {
        var length = _message.Length;
        return Repeat(() => _source.AsSpan(0, length).CopyTo(_target));
    }

    internal Sample Gather() => Repeat(() => _writer.Gather(_batch, _head, _pieces));
    internal Sample Read() => Repeat(() => _reader.Take(_message, out _));

    internal Sample Decode() => Repeat(() =>
    {
        if (!ArrowCodec.Batches.TryDecode(new(_whole), _pool, out var batch)) { throw new BenchmarkException("a message was refused"); }
        batch.Dispose();
    });

    private static ArrowRun Find(int rows, bool texts)
    {
        if (!Known.TryGetValue((rows, texts), out var run)) { Known[(rows, texts)] = run = new(rows, texts); }
        return run;
    }

    private static Sample Repeat(Action work)
    {
        var times = Measurement.Times(Seconds, count =>
        {
            var start = System.Diagnostics.Stopwatch.GetTimestamp();
            for (var i = 0; i < count; i++) { work(); }
            return System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds;
        });
        return Measurement.NanosecondsPer(times, () =>
        {
            for (var i = 0; i < times; i++) { work(); }
        });
    }

    /// <summary>The message of nine channels and a column of texts such as states of machines; sets up the reader.</summary>
    private ReadOnlyMemory<byte> Texts(int rows)
    {
        var texts = new StringArray.Builder();
        for (var row = 0; row < rows; row++) { texts.Append(string.Create(CultureInfo.InvariantCulture, $"pump {row % 7} running")); }
        List<Apache.Arrow.Field> fields = [];
        List<IArrowArray> columns = [];
        for (var c = 1; c <= Channels; c++)
        {
            fields.Add(new($"c{c}", FloatType.Default, nullable: true));
            columns.Add(new FloatArray.Builder().Append(_batch.Columns[c].Values<float>()).Build());
        }
        fields.Add(new("state", StringType.Default, nullable: true));
        columns.Add(texts.Build());
        using var stream = new MemoryStream();
        using var writer = new ArrowStreamWriter(stream, new(fields, null), leaveOpen: true);
        writer.WriteStart();
        var start = (int)stream.Length;
        writer.WriteRecordBatch(new(new(fields, null), columns, rows));
        ReadOnlyMemory<byte> bytes = stream.ToArray();
        _reader.Take(bytes, out _);     // the schema
        return bytes[start..];
    }
}
