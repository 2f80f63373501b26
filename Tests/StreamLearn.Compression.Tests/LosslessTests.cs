using System.Buffers;
using System.Runtime.InteropServices;
using StreamLearn.Samples;
using StreamLearn.Simulation;

namespace StreamLearn.Compression.Tests;

/// <summary>Section 8.6: fewer bytes, the same bits.</summary>
public sealed class LosslessTests
{
    private static readonly string Recorded = Path.Combine(Environment.GetEnvironmentVariable("STREAMLEARN_DATA") is { Length: > 0 } data
        ? data : Path.Combine(AppContext.BaseDirectory, "../../../../../shared/data"), "har");

    [Fact]
    public void AT_8g_Any_values_come_back_bit_for_bit()
    {
        var random = new RandomStream(1, "bits");
        for (var round = 0; round < 300; round++)
        {
            var length = round < 10 ? round : random.NextInt32(700);
            var share = random.NextDouble();
            float[] Of() => [.. Enumerable.Range(0, length).Select(_ => random.NextDouble() > share ? 0 : (random.NextInt32(8)) switch
            {
                0 => BitConverter.Int32BitsToSingle(0x7FC00000 | random.NextInt32(1 << 20)),
                1 => -0f,
                2 => float.NegativeInfinity,
                3 => BitConverter.Int32BitsToSingle((int)random.NextUInt64()),
                _ => (float)random.NextGaussian(),
            })];
            var values = Of();
            foreach (var before in new[] { [], Of(), values })
            {
                var bytes = Encoded(values, before);
                var decoded = new float[length];
                Assert.True(LosslessTensors.TryDecode(bytes, before, decoded));
                Assert.Equal(MemoryMarshal.Cast<float, int>(values).ToArray(), MemoryMarshal.Cast<float, int>(decoded).ToArray());
                for (var cut = 0; cut < bytes.Length; cut += 1 + random.NextInt32(40))
                {
                    Assert.False(LosslessTensors.TryDecode(bytes.AsSpan(0, cut), before, decoded));
                }
            }
        }
    }

    [Fact]
    public void Other_bytes_never_throw()
    {
        var random = new RandomStream(2, "noise");
        float[] values = [.. Enumerable.Range(0, 200).Select(i => i % 3 == 0 ? (float)random.NextGaussian() : 0)];
        var bytes = Encoded(values, []);
        for (var round = 0; round < 5000; round++)
        {
            var wrong = bytes.ToArray();
            for (var hits = 1 + random.NextInt32(3); hits > 0; hits--)
            {
                wrong[random.NextInt32(wrong.Length)] = (byte)random.NextInt32(256);
            }
            LosslessTensors.TryDecode(wrong, [], values);
        }

        Assert.False(LosslessTensors.TryDecode([4, 0, 0, 0, 0, 0, 0, 0, 0], [], []));
    }

    /// <summary>Weights as they are initialized: what is not even is the exponent.</summary>
    [Fact]
    public void AT_8g_Float_weights_take_less_than_one_part_in_1_08()
    {
        var weights = HarNetwork.Create().Initial.Values.AsSpan().ToArray();
        float[] next = [.. weights.Select(static w => w * 1.0001f)];
        Assert.InRange(4.0 * weights.Length / Encoded(weights, []).Length, 1.08, 2);
        Assert.InRange(4.0 * weights.Length / Encoded(next, weights).Length, 1.6, 4);
    }

    /// <summary>The bound: places that are given by chance, and values of which sign and fraction are.</summary>
    [Fact]
    public void AT_8g_A_sparse_delta_is_within_15_percent_of_the_entropy()
    {
        const int Count = 200_000;
        const double Share = 0.01;
        var random = new RandomStream(3, "sparse");
        float[] values = [.. Enumerable.Range(0, Count).Select(_ => random.NextDouble() < Share ? (float)random.NextGaussian() : 0)];
        var given = values.Where(static v => v != 0).ToList();
        var exponents = given.CountBy(static v => BitConverter.SingleToInt32Bits(v) >> 23 & 255)
            .Sum(c => -c.Value * Math.Log2(c.Value / (double)given.Count));
        var places = -Count * ((Share * Math.Log2(Share)) + ((1 - Share) * Math.Log2(1 - Share)));
        var bound = (places + exponents + (24.0 * given.Count)) / 8;
        Assert.InRange(Encoded(values, []).Length, bound, 1.15 * bound);
    }

    [Fact]
    public void AT_8g_Batches_of_a_sensor_take_half_the_bytes_and_come_back()
    {
        const int Rows = 2048;
        var (pool, random) = (new BatchPool(), new RandomStream(4, "sensor"));
        var schema = new Schema(
            new Field(Schema.TimeColumn, ColumnType.Int64, Unit.Nanosecond), Field.Channel("x", Unit.One), Field.Label());
        using var batch = pool.Rent(schema, Rows);
        var time = batch["time"].Writable<long>();
        var x = batch["x"].Writable<float>();
        var label = batch["label"].Writable<int>();
        for (var i = 0; i < Rows; i++)
        {
            time[i] = 1_700_000_000_000_000_000 + (20_000_000L * i);
            x[i] = MathF.Round(1000 * (MathF.Sin(0.02f * i) + (0.02f * (float)random.NextGaussian()))) / 1024;      // a converter's steps
            label[i] = i / 500;
        }

        var codec = CompressionCodecs.LosslessBatches(schema);
        var buffer = new ArrayBufferWriter<byte>();
        codec.Encode(batch, buffer);

        Assert.InRange((double)Rows * schema.RowBytes / buffer.WrittenCount, 2, 20);
        Assert.True(codec.TryDecode(new(buffer.WrittenMemory), pool, out var read));
        using (read)
        {
            Assert.Equal(time, read["time"].Values<long>());
            Assert.Equal(x, read["x"].Values<float>());
            Assert.Equal(label, read["label"].Values<int>());
        }

        for (var cut = 0; cut < buffer.WrittenCount; cut += 97)
        {
            Assert.False(codec.TryDecode(new(buffer.WrittenMemory[..cut]), pool, out _));
        }

        Assert.Equal(1, pool.RentedBatches);
    }

    /// <summary>Batches of 50 rows, as the recordings have them where they are there.</summary>
    [Fact]
    public void AT_8g_Batches_of_recordings_take_half_the_bytes()
    {
        Assert.SkipUnless(Directory.Exists(Recorded), "the recordings are not there: steps of a converter stand for them");
        var (all, sent, codec) = (0L, 0L, CompressionCodecs.LosslessBatches(HarRecordings.Schema));
        using var world = new VirtualWorld();
        world.Add(Pipeline.Define("person", p => p.FromHar(HarRecordings.Open(Recorded), 1).ForEach("count", batch =>
        {
            var buffer = new ArrayBufferWriter<byte>();
            codec.Encode(batch, buffer);
            all += batch.Rows * batch.Schema.RowBytes;
            sent += buffer.WrittenCount;
        })));
        world.RunToEnd();
        TestContext.Current.SendDiagnosticMessage($"recordings: {(double)all / sent:0.00} times fewer bytes");
        Assert.InRange((double)all / sent, 2, 20);
    }

    /// <summary>Steps of a converter times a factor, decimals, and what is neither.</summary>
    [Theory]
    [InlineData(1 / 720.0, 0, 2)]
    [InlineData(Math.PI / 180 * 0.0175, 0, 2)]
    [InlineData(0.001, 0, 2)]
    [InlineData(0.0625, 0.1, 1)]
    [InlineData(0, 0, 0)]
    public void AT_8g_Values_of_a_converter_take_their_steps_and_any_others_come_back_too(double step, double missing, double least)
    {
        const int Rows = 50;
        var (pool, random) = (new BatchPool(), new RandomStream(6, "converter"));
        string[] names = ["a", "b", "c"];
        var schema = new Schema([Field.Time(), .. names.Select(static n => Field.Channel(n, Unit.One)), Field.Label()]);
        var (codec, all, sent, places) = (CompressionCodecs.LosslessBatches(schema), 0L, 0L, new double[names.Length]);
        var buffer = new ArrayBufferWriter<byte>();
        for (var round = 0; round < 100; round++)
        {
            using var batch = pool.Rent(schema, Rows);
            for (var i = 0; i < Rows; i++)
            {
                batch[Schema.TimeColumn].Writable<long>()[i] = 20_000_000L * ((Rows * round) + i);
                batch[Schema.LabelColumn].Writable<int>()[i] = round / 10;
                for (var c = 0; c < names.Length; c++)
                {
                    places[c] += Math.Round(8 * random.NextGaussian());
                    batch[names[c]].Writable<float>()[i] = random.NextDouble() < missing ? (i % 2 == 0 ? float.NaN : -0f)
                        : step > 0 ? (float)(places[c] * step) : BitConverter.Int32BitsToSingle((int)random.NextUInt64());
                }
            }

            buffer.ResetWrittenCount();
            codec.Encode(batch, buffer);
            (all, sent) = (all + (Rows * schema.RowBytes), sent + buffer.WrittenCount);

            Assert.True(codec.TryDecode(new(buffer.WrittenMemory), pool, out var read));
            foreach (var field in schema.Fields)
            {
                Assert.Equal(batch[field.Name].Memory.Span[..(Rows * field.Width)], read[field.Name].Memory.Span[..(Rows * field.Width)]);
            }

            read.Dispose();
            for (var hits = 0; hits < 20; hits++)       // never throws
            {
                var wrong = buffer.WrittenSpan.ToArray();
                wrong[random.NextInt32(wrong.Length)] = (byte)random.NextInt32(256);
                if (codec.TryDecode(new(wrong), pool, out read)) { read.Dispose(); }
            }
        }

        TestContext.Current.SendDiagnosticMessage($"steps of {step:0.#####}: {(double)all / sent:0.00} times fewer bytes");
        Assert.InRange((double)all / sent, least, 20);
        Assert.Equal(0, pool.RentedBatches);
    }

    [Fact]
    public void Nothing_is_allocated()
    {
        var random = new RandomStream(5, "values");
        float[] values = [.. Enumerable.Range(0, 10_000).Select(_ => (float)random.NextGaussian())];
        var (buffer, decoded) = (new ArrayBufferWriter<byte>(LosslessTensors.MaxBytes(values.Length)), new float[values.Length]);
        var schema = new Schema(Field.Channel("x", Unit.One));
        var codec = CompressionCodecs.LosslessBatches(schema);
        using var batch = new BatchPool().Rent(schema, 200);
        for (var i = 0; i < batch.Rows; i++) { batch["x"].Writable<float>()[i] = i * i % 1000 / 720f; }
        void Once()
        {
            buffer.ResetWrittenCount();
            codec.Encode(batch, buffer);
            buffer.ResetWrittenCount();
            LosslessTensors.Encode(values, decoded, buffer);
            LosslessTensors.TryDecode(buffer.WrittenSpan, decoded, decoded);
        }

        for (var i = 0; i < 3; i++) { Once(); }     // pools fill
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10; i++) { Once(); }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static byte[] Encoded(ReadOnlySpan<float> values, ReadOnlySpan<float> before)
    {
        var buffer = new ArrayBufferWriter<byte>();
        Assert.Equal(LosslessTensors.Encode(values, before, buffer), buffer.WrittenCount);
        return buffer.WrittenSpan.ToArray();
    }
}
