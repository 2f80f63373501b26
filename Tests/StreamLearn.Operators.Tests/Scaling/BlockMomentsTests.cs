using StreamLearn.Models.Tests;

namespace StreamLearn.Operators.Tests;

/// <summary>The moments of a channel: one order of additions, whatever the batches and the width of vectors.</summary>
public sealed class BlockMomentsTests
{
    [Theory]
    [InlineData(31), InlineData(32), InlineData(255), InlineData(256), InlineData(300), InlineData(2563)]
    public void Values_are_added_in_the_order_that_is_stated(int count)
    {
        var values = Usual(count);
        var moments = Known(values, null, [count], out var clipped);
        Assert.Equal((Stated(values), 0), (moments, clipped));
    }

    [Fact]
    public void Moments_are_those_of_the_two_pass_formula()
    {
        double[] values = [.. Usual(100_000).Select(v => (double)v)];
        var moments = Known([.. values.Select(v => (float)v)], null, [], out _);
        var mean = values.Average();
        Assert.Equal(values.Length, moments.Count);
        Assert.Equal(mean, moments.Mean, 1e-12 * mean);
        Assert.Equal(values.Average(v => (v - mean) * (v - mean)), moments.Variance, 1e-10);
    }

    [Theory]
    [InlineData(Kind.Usual), InlineData(Kind.Glitches), InlineData(Kind.NotFinite), InlineData(Kind.Drift)]
    [InlineData(Kind.Missing), InlineData(Kind.Levels)]
    public void Moments_have_the_same_bits_however_the_stream_is_cut(Kind kind)
    {
        var (values, present) = Stream(kind, 5000);
        var whole = (Known(values, present, [], out var clipped), clipped);
        Assert.Equal(whole, (Known(values, present, Enumerable.Repeat(1, values.Length), out clipped), clipped));
        for (var seed = 1; seed <= 10; seed++)
        {
            var random = new RandomStream(seed, "cuts");
            int[] sizes = [.. Enumerable.Range(0, 60).Select(_ => random.NextInt32(random.NextInt32(8) == 0 ? 700 : 40))];
            Assert.Equal(whole, (Known(values, present, sizes, out clipped), clipped));
        }
    }

    [Fact]
    public void A_missing_value_counts_no_more_than_one_that_is_not_finite()
    {
        var (values, present) = Stream(Kind.Missing, 5000);
        var missing = Known(values, present, [], out _);
        for (var i = 0; i < values.Length; i++)
        {
            if (!present![i]) { values[i] = i % 2 == 0 ? float.NaN : float.NegativeInfinity; }
        }
        Assert.Equal(present!.Count(static p => p), missing.Count);
        Assert.Equal(missing, Known(values, null, [], out _));
    }

    [Theory, InlineData(Kind.Glitches), InlineData(Kind.Levels)]
    public void Standardize_scales_by_the_same_bits_however_the_rows_before_came(Kind kind)
    {
        var (values, _) = Stream(kind, 3000);
        var last = Usual(100);
        var results = Enumerable.Range(0, 12).Select(seed =>
        {
            using var probe = OperatorProbe.Of<Batch, Batch>(f => f.Standardize());
            var random = new RandomStream(seed, "cuts");
            var sizes = Enumerable.Range(0, seed == 0 ? 0 : 40).Select(_ => random.NextInt32(99));
            foreach (var piece in Batches.Split(Batches.OfChannels(probe.Pool, values), sizes)) { probe.Send(piece); }
            probe.Clear();
            probe.Send(Batches.OfChannels(probe.Pool, last));
            return Streams.Hash(probe.TakeAll<Batch>());
        });

        Assert.Single(results.Distinct());
    }

    [Theory, InlineData(0), InlineData(1), InlineData(7), InlineData(8), InlineData(517)]
    public void Scaling_many_rows_gives_the_bits_of_scaling_each(int rows)
    {
        var pool = new BatchPool(guard: true);
        var values = Usual(rows);
        for (var at = 7; at < rows; at += 50) { values[at] = at % 3 == 0 ? float.NaN : float.MaxValue; }
        var moments = new Moments(77, 39.7, 311.3);
        using var batch = Batches.OfChannels(pool, values);
        moments.Scale(batch.Channels[0]);
        var factor = 1 / Math.Sqrt(moments.Variance + 1e-8);
        var scaled = batch.Channels[0].Values<float>().ToArray();
        Assert.Equal(values.Select(v => Bits((float)((v - moments.Mean) * factor))), scaled.Select(Bits));
    }

    [Theory]
    [InlineData("DOTNET_EnableAVX512", 512)]
    [InlineData("DOTNET_EnableAVX2", 256)]
    [InlineData("DOTNET_EnableHWIntrinsic", 128)]
    public async Task Narrower_vectors_or_none_give_the_same_bits(string variable, int narrowerThan)
    {
        var (widest, results) = await NarrowProcess.RunAsync("StreamLearn.Operators.Tests.dll",
            $"*{nameof(BlockMomentsTests)}.{nameof(All_that_is_computed_is_the_same_again)}", variable, "0", TimeSpan.FromMinutes(2));
        if (NarrowProcess.Widest >= narrowerThan) { Assert.InRange(widest, 0, narrowerThan - 1); }
        Assert.Equal(Results(), results);
    }

    [Fact]
    public void All_that_is_computed_is_the_same_again()
    {
        var results = Results();
        Assert.Equal(results, Results());
        NarrowProcess.Answer(results);
    }

    public enum Kind { Usual, Glitches, NotFinite, Drift, Missing, Levels }

    /// <summary>Moments and scaled values of each kind of stream, a line each.</summary>
    private static string[] Results() => [.. Enum.GetValues<Kind>().Select(static kind =>
    {
        var (values, present) = Stream(kind, 5003);
        var moments = Known(values, present, [1000, 3, 700], out var clipped);
        using var batch = Batches.OfChannels(new(guard: true), values);
        moments.Scale(batch.Channels[0]);
        return FormattableString.Invariant($"{kind} {moments.Count} {moments.Mean:R} {moments.M2:R} {clipped} {Batches.Hash(batch, 0)}");
    })];

    /// <summary>What is known after a stream that comes in pieces of some sizes, and a last one.</summary>
    private static Moments Known(float[] values, bool[]? present, IEnumerable<int> sizes, out int clipped)
    {
        var pool = new BatchPool();
        var nullable = new Schema(Field.Channel("c0", Unit.One) with { Nullable = true });
        var batch = present is null
            ? Batches.OfChannels(pool, values)
            : Batches.Of(pool, nullable, values.Select((v, i) => present[i] ? v : (float?)null).ToArray());
        values.CopyTo(batch.Channels[0].Writable<float>());       // what is missing looks like what is not
        var moments = new BlockMoments();
        clipped = 0;
        foreach (var piece in Batches.Split(batch, sizes))
        {
            clipped += moments.Learn(piece.Channels[0], []);
            piece.Dispose();
        }

        return moments.Known;
    }

    /// <summary>The order that the remarks state, one value after the other.</summary>
    private static Moments Stated(float[] values)
    {
        var known = values.Take(32).Aggregate(default(Moments), static (m, v) => m.Add(v));
        for (var (from, to) = (32, 256); from < values.Length; (from, to) = (to, to + 256))
        {
            double[] sums = new double[8], squares = new double[8];
            to = Math.Min(to, values.Length);
            for (var row = from; row < to; row++)
            {
                var difference = values[row] - known.Mean;
                sums[row % 8] += difference;
                squares[row % 8] += difference * difference;
            }
            var (sum, square, count) = (Together(sums), Together(squares), known.Count + to - from);
            known = new(count, known.Mean + (sum / count), known.M2 + (square - (sum * sum / count)));
        }

        return known;
    }

    private static double Together(double[] lanes) =>
        ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));

    private static float[] Usual(int count) => Stream(Kind.Usual, count).Values;

    private static (float[] Values, bool[]? Present) Stream(Kind kind, int count)
    {
        var random = new RandomStream(11, "values");
        var values = new float[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = (float)(40 + (2 * random.NextGaussian()) + (kind == Kind.Drift ? i * 0.5 : 0));
            var draw = random.NextInt32(100);
            if (kind == Kind.Glitches && draw < 2) { values[i] = draw == 0 ? 1e10f : -3e38f; }
            if (kind == Kind.Levels && i is > 300 and < 900 && i % 60 < 2) { values[i] += 260; }       // it comes back
            if (kind == Kind.Levels && i >= 1000 && i % 250 < 12) { values[i] += (float)Math.Pow(5, i / 250); }     // no glitch
            if (kind == Kind.NotFinite && draw < 2) { values[i] = draw == 0 ? float.NaN : float.PositiveInfinity; }
        }

        if (kind != Kind.Missing) { return (values, null); }
        return (values, [.. values.Select((_, i) => random.NextInt32(i < 1500 ? 8 : 200) != 0)]);
    }

    private static int Bits(float value) => BitConverter.SingleToInt32Bits(value);
}
