using FsCheck;
using FsCheck.Fluent;

namespace StreamLearn.Formats.Tests;

public sealed class RoundTripTests
{
    private static readonly Field[] Fields =
    [
        new("f", ColumnType.Float32, Unit.One), new("d", ColumnType.Float64, Unit.One, Nullable: true),
        new("i", ColumnType.Int32, Unit.One, Nullable: true), new("l", ColumnType.Int64, Unit.One),
    ];

    private static readonly JsonFormat[] Maps =
    [
        new(new() { Columns = Map("$.w[0][*]", "$.w[2][*]", "$['a key \"'][*]", "$.l[*]"), Time = new("$.t[*]", TimeUnit.Seconds) }),
        new(new() { Columns = Map("$.r[*].f", "$.r[*].o.d", "$.r[*].i", "$.r[*].a[1]"), Time = new("$.r[*].t") }),
        new(new() { Columns = Map("$[*].f", "$[*].s[*].d", "$[*].s[*].i", "$[*].s[*].l"), Time = new("$[*].t", TimeUnit.Milliseconds) }),
    ];

    [Fact]
    public void Batches_survive_json_bit_for_bit()
    {
        var pool = new BatchPool(guard: true);
        Prop.ForAll(Rows(), bits => Array.TrueForAll(Maps, map => Survives(pool, map, Make(pool, map.Schema, bits))))
            .QuickCheckThrowOnFailure();
        Assert.Equal(0, pool.RentedBatches);
    }

    [Fact]
    public void Batches_survive_raw_numbers_bit_for_bit()
    {
        var pool = new BatchPool(guard: true);
        RawFormat[] formats =
        [
            .. from isPlanar in (bool[])[false, true]
               from stamp in new TimeUnit?[] { null, TimeUnit.Nanoseconds }
               select new RawFormat(new()
               {
                   Columns = [new(Fields[0]), new(Fields[1]), new(Fields[2] with { Nullable = false })],
                   Number = RawNumber.Float64,
                   IsPlanar = isPlanar,
                   SamplesPerSecond = 0,
                   Stamp = stamp,
                   NonFiniteIsMissing = true,
               }),
        ];
        Prop.ForAll(Rows(), bits => Array.TrueForAll(formats, format => bits.Length == 0 || Survives(pool, format, Same(format, bits))))
            .QuickCheckThrowOnFailure();

        Assert.Equal(0, pool.RentedBatches);

        Batch Same(RawFormat format, int[] bits)
        {
            var batch = Make(pool, format.Schema, bits);
            batch["time"].Writable<long>().Fill(format.Options.Stamp is null ? 0 : batch["time"].Writable<long>()[0]);
            return batch;
        }
    }

    [Fact]
    public void Payloads_are_written_as_they_always_were()
    {
        var pool = new BatchPool();
        string[] expected =
        [
            """{"t":[-1.5,0.000000001],"w":[[0.1,-0],null,[null,1E-05]],"a key \u0022":[null,-7],"""
                + "\"l\":[9223372036854775807,-9223372036854775808]}",
            """{"r":[{"t":"1969-12-31T23:59:58.500000000Z","f":0.1,"o":{"d":null},"i":null,"a":[null,9223372036854775807]},"""
                + """{"t":"1970-01-01T00:00:00.000000001Z","f":-0,"o":{"d":1E-05},"i":-7,"a":[null,-9223372036854775808]}]}""",
            """[{"t":-1500,"f":0.1,"s":[{"d":null,"i":null,"l":9223372036854775807}]},"""
                + """{"t":0.000001,"f":-0,"s":[{"d":1E-05,"i":-7,"l":-9223372036854775808}]}]""",
        ];
        for (var m = 0; m < Maps.Length; m++)
        {
            using var batch = Batches.Of(pool, Maps[m].Schema, new long[] { -1_500_000_000, 1 }, new[] { 0.1f, -0f },
                new double?[] { null, 1e-5 }, new int?[] { null, -7 }, new[] { long.MaxValue, long.MinValue });
            Assert.Equal(expected[m], Encoding.UTF8.GetString(Encoded(Maps[m], batch)));
        }
    }

    [Fact]
    public void Numbers_that_are_not_finite_are_written_as_null()
    {
        var format = Payloads.Single("$[*]");
        using var batch = Batches.Of(new(), format.Schema, new[] { float.NaN, float.PositiveInfinity, 1f });
        Assert.Equal("[null,null,1]", Encoding.UTF8.GetString(Encoded(format, batch)));
    }

    [Fact]
    public void Batches_that_a_map_has_no_place_for_are_refused()
    {
        var pool = new BatchPool();
        var format = Payloads.Single("$.x");
        using var two = Batches.Of(pool, format.Schema, new[] { 1f, 2f });
        using var none = Batches.Of(pool, format.Schema, Array.Empty<float>());
        using var other = Batches.OfChannels(pool, [1f]);
        Assert.Throws<ArgumentException>(() => Encoded(format, two));
        Assert.Throws<ArgumentException>(() => Encoded(format, none));
        Assert.Throws<SchemaException>(() => Encoded(format, other));
    }

    [Fact]
    public void A_batch_without_rows_that_was_read_can_be_written_and_read_again()
    {
        var pool = new BatchPool();
        ICodec<Batch>[] codecs =
        [
            new JsonFormat(new()
            {
                Time = new("$.t", SamplesPerSecond: 50),
                Columns = [JsonColumn.Channel("x", "$.accel[*].x", Unit.One), JsonColumn.Channel("y", "$.y", Unit.One)],
            }),
            new RawFormat(new() { Columns = [new(Field.Channel("x", Unit.One))], SamplesPerSecond = 50, Stamp = TimeUnit.Milliseconds }),
            new RawFormat(new() { Columns = [new(Field.Channel("x", Unit.One))] }),
        ];
        byte[][] payloads = ["{\"t\":\"2026-05-04T08:00:00Z\",\"y\":1,\"accel\":[]}"u8.ToArray(), new byte[8], []];
        for (var c = 0; c < codecs.Length; c++)
        {
            Assert.True(codecs[c].TryDecode(new(payloads[c]), pool, out var batch));
            var bytes = Encoded(codecs[c], batch);
            Assert.True(codecs[c].TryDecode(new(bytes), pool, out var again), Encoding.UTF8.GetString(bytes));
            Assert.Equal((0, 0), (batch.Rows, again.Rows));
            batch.Dispose();
            again.Dispose();
        }
    }

    internal static byte[] Encoded(ICodec<Batch> codec, Batch batch)
    {
        var buffer = new ArrayBufferWriter<byte>();
        codec.Encode(batch, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    private static JsonColumn[] Map(params string[] paths) => [.. Fields.Zip(paths, (field, path) => new JsonColumn(field, path))];
    private static Arbitrary<int[]> Rows() => Gen.Choose(int.MinValue, int.MaxValue).ArrayOf().ToArbitrary();

    /// <summary>A batch whose values are made of arbitrary bits.</summary>
    private static Batch Make(BatchPool pool, Schema schema, int[] bits)
    {
        var batch = pool.Rent(schema, bits.Length);
        for (var row = 0; row < bits.Length; row++)
        {
            var wide = (ulong)bits[row] * 0x9E37_79B9_7F4A_7C15UL;
            for (var c = 0; c < schema.Fields.Length; c++)
            {
                var column = batch.Columns[c];
                switch (column.Field.Type)
                {
                    case ColumnType.Float32: column.Writable<float>()[row] = Finite(BitConverter.Int32BitsToSingle(bits[row])); break;
                    case ColumnType.Float64: column.Writable<double>()[row] = Finite(BitConverter.UInt64BitsToDouble(wide)); break;
                    case ColumnType.Int32: column.Writable<int>()[row] = bits[row]; break;
                    default: column.Writable<long>()[row] = (long)wide; break;
                }
                if (column.Field.Nullable && (bits[row] & (c + 1)) == 0) { Miss(column, row); }
            }
        }
        return batch;
    }

    private static float Finite(float value) => float.IsFinite(value) ? value : 1.5f;
    private static double Finite(double value) => double.IsFinite(value) ? value : 1.5;

    /// <summary>Marks a value as missing, with 0 as readers leave there.</summary>
    private static void Miss(Column column, int row)
    {
        column.SetValid(row, false);
        if (column.Field.Type == ColumnType.Float64) { column.Writable<double>()[row] = 0; }
        else { column.Writable<int>()[row] = 0; }
    }

    private static bool Survives(BatchPool pool, ICodec<Batch> codec, Batch batch)
    {
        using (batch)
        {
            if (batch.Rows == 0 && codec is RawFormat) { return true; }
            if (!codec.TryDecode(new(Encoded(codec, batch)), pool, out var again)) { return false; }
            using (again) { return Batches.AreEqual(batch, again); }
        }
    }
}
