using FsCheck;
using FsCheck.Fluent;
using StreamLearn.Operators;

namespace Acceptance.Tests;

/// <summary>Section 9: moments of large values, and windows of event time.</summary>
public sealed class At09Operators
{
    private const int Million = 1_000_000;
    private const double LargeMean = 1e9;

    private static readonly Schema Timed = new(Field.Time(), Field.Channel("x", Unit.One));

    [Fact]
    public void AT_9a_Moments_merged_over_ten_devices_equal_those_of_all_rows()
    {
        var random = new RandomStream(1, "at-9a");
        ChannelMoments? merged = null;
        var all = new List<double>();
        for (var device = 0; device < 10; device++)
        {
            var values = Enumerable.Range(0, 1000 + device).Select(_ => random.NextGaussian() * (device + 1) + device).ToList();
            var mean = values.Average();
            merged = ChannelMoments.Merge(merged, new(values.Count, [mean], [values.Sum(v => (v - mean) * (v - mean))]));
            all.AddRange(values);
        }

        var wholeMean = all.Average();
        Assert.Equal(wholeMean, merged!.Mean[0], 1e-9);
        Assert.Equal(all.Sum(v => (v - wholeMean) * (v - wholeMean)) / (all.Count - 1), merged.Variance(0), 1e-9 * merged.Variance(0));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    public void AT_9a_A_million_values_of_mean_a_billion_stay_exact_to_a_millionth(double spread)
    {
        // Every value is exact in float64. The mean of a much smaller spread would not be: at 1e9 its last place is worth 1e-7.
        var step = Math.Pow(2, Math.Floor(Math.Log2(spread))) / 1024;
        var steps = Steps(1024 * 4);
        var (mean, variance) = Exact(steps, step);

        var inOrder = default(Moments);
        var parts = new Moments[10];
        for (var i = 0; i < Million; i++)
        {
            var value = LargeMean + (steps[i] * step);
            inOrder = inOrder.Add(value);
            parts[i % 10] = parts[i % 10].Add(value);
        }

        var merged = parts.Aggregate((all, part) => all.Merge(part));
        foreach (var moments in new[] { inOrder, merged })
        {
            Assert.Equal(mean, moments.Mean, 1e-6 * Math.Abs(mean));
            Assert.Equal(variance, moments.Variance, 1e-6 * variance);
        }
    }

    [Fact]
    public void AT_9a_A_million_rows_of_mean_a_billion_are_scaled_exactly_to_a_millionth()
    {
        var steps = Steps(1000);
        var (mean, variance) = Exact(steps, 64);
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.Standardize(new() { WarmUpRows = Million }));
        for (var start = 0; start < Million; start += 10_000)
        {
            probe.Send(Batches.OfChannels(probe.Pool, [.. steps.AsSpan(start, 10_000).ToArray().Select(Large)]));
        }

        probe.Send(Batches.OfChannels(probe.Pool, [1e9f, 1e9f + 64_000]));

        var scaled = probe.Take<Batch>().Channels[0].Values<float>().ToArray();
        Assert.Equal((1e9 - mean) / Math.Sqrt(variance), scaled[0], 1e-6);
        Assert.Equal((1e9 + 64_000 - mean) / Math.Sqrt(variance), scaled[1], 2e-6);
    }

    [Fact]
    public void AT_9a_The_moments_that_a_device_sends_of_a_million_rows_of_mean_a_billion_are_exact_to_a_millionth()
    {
        var schema = new Schema(Field.Channel("x", Unit.One), Field.Label());
        var model = new SoftmaxRegression([Field.Channel("x", Unit.One)], classes: 2);
        var steps = Steps(1000);
        var (mean, variance) = Exact(steps, 64);
        using var probe = OperatorProbe.From<Batch>((p, rows) => OperatorProbe.Use(rows.Train(model, p.Input<Weights>("models"),
            new() { RowsPerStep = 100_000, StepsPerUpdate = 1, StartAfterRows = 1 })));
        ChannelMoments? merged = null;
        for (var start = 0; start < Million; start += 10_000)
        {
            var rows = steps.AsSpan(start, 10_000).ToArray();
            probe.Send(Batches.Of(probe.Pool, schema, rows.Select(Large).ToArray(), rows.Select(s => (int?)(s & 1)).ToArray()));
            probe.Advance(TimeSpan.Zero);
            foreach (var delta in probe.TakeAll<WeightDelta>()) { merged = ChannelMoments.Merge(merged, delta.Moments); }
        }

        Assert.Equal(Million, merged!.Count);
        Assert.Equal(mean, merged.Mean[0], 1e-6 * mean);
        Assert.Equal(variance * Million / (Million - 1), merged.Variance(0), 1e-6 * variance);
    }

    [Theory]
    [InlineData(1000, 1000)]
    [InlineData(1000, 250)]
    [InlineData(300, 0)]
    public void AT_9b_A_stream_shuffled_by_no_more_than_the_delay_gives_the_windows_of_the_sorted_one(int size, int hop)
    {
        var streams =
            from steps in Gen.Frequency((9, Gen.Choose(1, 40)), (1, Gen.Choose(1, 900))).ArrayOf(200)
            from delay in Gen.Choose(0, 400)
            from shuffled in Gen.Choose(0, delay).ArrayOf(200)
            from size2 in Gen.Choose(1, 50)
            select (times: Cumulated(steps), delay, shuffled, pieces: size2);
        Holds(streams, stream =>
        {
            // A row comes after all that are more than the delay before it: at its time and a random part of the delay.
            var order = Enumerable.Range(0, 200).OrderBy(i => stream.times[i] + stream.shuffled[i]).Select(i => stream.times[i]).ToList();

            var sorted = Windows(stream.times, size, hop, 0, 200, out _);
            var shuffled = Windows(order, size, hop, stream.delay, stream.pieces, out var probe);

            Assert.Equal(sorted, shuffled);
            Assert.Equal((200L, 0L), (probe.Counter("rows-windowed"), probe.Counter("rows-late")));
        });
    }

    [Fact]
    public void AT_9b_A_late_row_between_two_sessions_joins_them()
    {
        Assert.Equal(["0 50 | 200 250"], [string.Join(" | ", Windows([0, 50, 200, 250], 100, 0, 500, 9, out _))]);
        Assert.Equal(["0 50 149 200 250"], Windows([0, 50, 200, 250, 149], 100, 0, 500, 9, out _));
    }

    [Fact]
    public void AT_9b_Rows_in_are_rows_in_windows_and_late_rows_whatever_the_disorder()
    {
        var streams = from times in Gen.Choose(0, 20_000).ArrayOf() from delay in Gen.Choose(0, 3000) select (times, delay);
        Holds(streams, stream =>
        {
            var windows = Windows([.. stream.times.Select(t => (long)t)], 1000, 1000, stream.delay, 16, out var metrics);

            Assert.Equal(stream.times.Length, windows.Sum(w => w.Split(' ').Length) + metrics.Counter("rows-late"));
            Assert.Equal(metrics.RowsIn, metrics.Counter("rows-windowed") + metrics.Counter("rows-late"));
        });
    }

    private static float Large(int step) => 1e9f + (step * 64);

    private static long[] Cumulated(int[] steps)
    {
        var time = 0L;
        return [.. steps.Select(s => time += s)];
    }

    private static int[] Steps(int most)
    {
        var random = new RandomStream(9, "at-9a");
        return [.. Enumerable.Range(0, Million).Select(_ => random.NextInt32((2 * most) + 1) - most)];
    }

    /// <summary>Mean and population variance of 1e9 + step · size in whole numbers: exact up to one division.</summary>
    private static (double Mean, double Variance) Exact(int[] steps, double size)
    {
        var (sum, squares) = (0L, 0L);
        foreach (var step in steps)
        {
            sum += step;
            squares += (long)step * step;
        }

        var deviations = ((Int128)squares * Million) - ((Int128)sum * sum);         // Million² times the variance, in steps
        return (LargeMean + ((double)sum / Million * size), (double)deviations / Million / Million * size * size);
    }

    /// <summary>The windows of a stream, each as the times of its rows in milliseconds; a hop of 0 stands for sessions.</summary>
    private static List<string> Windows(IReadOnlyList<long> times, int size, int hop, int delay, int pieces, out BlockMetrics metrics)
    {
        var options = new EventTimeOptions { Delay = TimeSpan.FromMilliseconds(delay) };
        using var probe = OperatorProbe.Of<Batch, Batch, Batch>(f => hop == 0
            ? f.SessionWindow(TimeSpan.FromMilliseconds(size), options)
            : f.WindowByTime(TimeSpan.FromMilliseconds(size), TimeSpan.FromMilliseconds(hop), options), Timed);
        foreach (var piece in times.Chunk(pieces))
        {
            probe.Send(Batches.Of(probe.Pool, Timed, piece.Select(t => t * 1_000_000).ToArray(), piece.Select(t => (float)t).ToArray()));
            probe.Advance(TimeSpan.Zero);
        }

        probe.Complete();
        metrics = probe.Metrics;
        return [.. probe.TakeAll<Batch>().Select(w => string.Join(' ', w["x"].Values<float>().ToArray()))];
    }

    private static void Holds<T>(Gen<T> values, Action<T> promise) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(100).WithReplay(20250101, 9), Prop.ForAll(values.ToArbitrary(), promise));
}
