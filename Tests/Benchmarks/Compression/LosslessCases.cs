using Apache.Arrow;
using Apache.Arrow.Compression;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using StreamLearn.Compression;
using StreamLearn.Simulation;
using ArrowField = Apache.Arrow.Field;

namespace Benchmarks;

/// <summary>Batches of 50 rows of a sensor, without loss: our code beside Arrow's own LZ4 and Zstandard of a stream. Rows are those of the
/// recordings where they are there, else generated ones, whose values have random low bits.</summary>
internal static class LosslessCases
{
    private const int RowsOfBatch = 50;
    private const int MaxBatches = 400;
    private static readonly Lazy<List<Columns>> All = new(Read);

    internal static IEnumerable<Case> Cases =>
    [
        new("batch.bytes", "bytes/row", new("streamlearn", () => Constant(Ours)), [.. Peers(static take => () => Constant(take))]),
        new("batch.encode", "Mrow/s", new("streamlearn", () => PerSecond(Ours)), [.. Peers(static take => () => PerSecond(take))])
        {
            HigherIsBetter = true,
        },
    ];

    private static IEnumerable<Contender> Peers(Func<Func<long>, Func<Sample>> measure) =>
        from codec in new CompressionCodecType?[] { CompressionCodecType.Lz4Frame, CompressionCodecType.Zstd, null }
        select new Contender($"arrow.{codec?.ToString().ToLowerInvariant() ?? "plain"}", measure(() => Arrow(codec)));

    private static Sample Constant(Func<long> bytes)
    {
        var row = (double)bytes() / (All.Value.Count * RowsOfBatch);
        return new(row, row, 0);
    }

    private static Sample PerSecond(Func<long> encode) => Measurement.MillionsPerSecond(All.Value.Count * RowsOfBatch, () => encode());

    /// <summary>Bytes of all batches in our code.</summary>
    private static long Ours()
    {
        var (codec, sent) = (CompressionCodecs.LosslessBatches(All.Value[0].Batch.Schema), 0L);
        var buffer = new ArrayBufferWriter<byte>();
        foreach (var columns in All.Value)
        {
            buffer.ResetWrittenCount();
            codec.Encode(columns.Batch, buffer);
            sent += buffer.WrittenCount;
        }
        return sent;
    }

    /// <summary>Bytes of a stream of Arrow with all batches.</summary>
    private static long Arrow(CompressionCodecType? codec)
    {
        using var stream = new MemoryStream();
        using var writer = new ArrowStreamWriter(stream, All.Value[0].Records.Schema, leaveOpen: true,
            new IpcOptions { CompressionCodec = codec, CompressionCodecFactory = new CompressionCodecFactory() });
        writer.WriteStart();
        foreach (var columns in All.Value) { writer.WriteRecordBatch(columns.Records); }
        writer.WriteEnd();
        return stream.Length;
    }

    private static List<Columns> Read()
    {
        var folder = Environment.GetEnvironmentVariable("STREAMLEARN_DATA");
        var (all, pool, recorded) = (new List<Columns>(), new BatchPool(), Path.Join(folder ?? "../shared/data", "har"));
        using var world = new VirtualWorld();
        world.Add(Pipeline.Define("person", p =>
        {
            var rows = Directory.Exists(recorded) ? p.FromHar(HarRecordings.Open(recorded), 1)
                : p.FromHarStream(new() { User = 1, Seed = 1, SpeedUp = double.PositiveInfinity });
            rows.ForEach("keep", batch =>
            {
                if (batch.Rows == RowsOfBatch && all.Count < MaxBatches) { all.Add(Columns.Of(batch, pool)); }
            });
        }));
        world.RunToEnd();
        return all;
    }

    /// <summary>A batch here, and as Arrow has it.</summary>
    private sealed record Columns(Batch Batch, RecordBatch Records)
    {
        internal static Columns Of(Batch batch, BatchPool pool)
        {
            var copy = pool.Rent(batch.Schema, batch.Rows);
            copy.CopyFrom(0, batch, 0, batch.Rows);
            ArrowField[] fields =
                [.. Enumerable.Select(batch.Schema.Fields, static f => new ArrowField(f.Name, TypeOf(f.Type), nullable: false))];
            IArrowArray[] arrays = [.. fields.Select((field, c) => ArrowArrayFactory.BuildArray(new(field.DataType, batch.Rows, 0, 0,
                [ArrowBuffer.Empty, new ArrowBuffer(batch.Columns[c].Memory[..(batch.Rows * batch.Schema.Fields[c].Width)].ToArray())])))];
            return new(copy, new(new Apache.Arrow.Schema(fields, metadata: null), arrays, batch.Rows));
        }

        private static IArrowType TypeOf(ColumnType type) => type switch
        {
            ColumnType.Float32 => FloatType.Default,
            ColumnType.Float64 => DoubleType.Default,
            ColumnType.Int32 => Int32Type.Default,
            _ => Int64Type.Default,
        };
    }
}
