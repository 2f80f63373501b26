namespace StreamLearn.Learning.Tests;

/// <summary>Rows that are judged without a pipeline, and the channel that stands out.</summary>
public sealed class AnomalyDetectorTests
{
    private const int Channels = NormalStreams.Channels;
    public static TheoryData<int> Rules => [0, 1, 2, 3];

    /// <summary>In a stream whose channels hang together, one channel is off by what is much for it beside the others.</summary>
    [Theory, MemberData(nameof(Rules))]
    public void An_alert_names_the_channel_that_is_off(int number)
    {
        AnomalyRule[] rules = [new HotellingT2(), new EwmaZScore(), new WindowZScore(), new CenterDistance()];
        var detector = new AnomalyDetector(rules[number], Channels, new() { LearnRows = 4000, FalseAlarmRate = 1e-4 });
        var (next, row) = (NormalStreams.Make("autoregressive", 3), new float[Channels]);
        for (var t = 0; t < 4000; t++)
        {
            next(row);
            Assert.Equal(-1, detector.Judge(row).Channel);
        }

        for (var c = 0; c < Channels; c++)
        {
            next(row);
            row[c] += 25;
            var (score, isAlert, channel) = detector.Judge(row);
            Assert.True(isAlert, $"{score}");
            Assert.Equal(c, channel);
        }
    }

    /// <summary>Three columns move together; one that stays behind by less than it usually moves is found by T² alone, and
    /// named.</summary>
    [Fact]
    public void T2_names_the_channel_without_which_the_row_is_most_usual()
    {
        var random = new RandomStream(6, "together");
        var statistic = new HotellingT2().Create(3);
        for (var t = 0; t < 5000; t++) { statistic.Add(Row(random.NextGaussian()), learns: true); }
        var row = Row(0.5);
        row[2] = (float)(row[2] - 2);       // of a deviation of about 3
        var whole = statistic.Add(row, learns: false);

        Assert.Equal(2, statistic.Channel);
        double[] without = [.. Enumerable.Range(0, 3).Select(c => Without(c, row))];
        Assert.Equal(2, Array.IndexOf(without, without.Min()));
        Assert.InRange(whole, 20 * without.Min(), double.MaxValue);

        float[] Row(double shared) => [.. Enumerable.Range(0, 3).Select(_ => (float)((3 * shared) + (0.1 * random.NextGaussian())))];

        double Without(int channel, float[] judged)
        {
            var (others, stream) = (new HotellingT2().Create(2), new RandomStream(6, "together"));
            random = stream;
            for (var t = 0; t < 5000; t++) { others.Add(Left(Row(stream.NextGaussian()), channel), learns: true); }
            return others.Add(Left(judged, channel), learns: false);
        }

        static float[] Left(float[] row, int channel) => [.. row.Where((_, c) => c != channel)];
    }

    [Fact]
    public void Rows_that_a_rule_cannot_judge_are_told_before()
    {
        var (whole, each) = (new AnomalyDetector(new HotellingT2(), 2), new AnomalyDetector(new EwmaZScore(), 2));
        Assert.True(whole.Takes([1, 2]));
        Assert.False(whole.Takes([1, float.NaN]));
        Assert.True(each.Takes([1, float.NaN]));
        Assert.False(each.Takes([float.NaN, float.NaN]));
        Assert.False(each.Takes([1, float.PositiveInfinity]));
        Assert.Throws<ArgumentException>(() => new AnomalyDetector(new MatrixProfile(), 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new AnomalyDetector(new EwmaZScore(), 2, new() { LearnRows = 199 }));
    }

    /// <summary>A covariance of about as many rows as columns fits them alone.</summary>
    [Theory, InlineData(2000, null), InlineData(1000, 900.0)]
    public void T2_learns_from_two_rows_a_column_at_least(int least, double? threshold)
    {
        AnomalyOptions options = new() { LearnRows = least, Threshold = threshold }, fewer = options with { LearnRows = least - 1 };
        Assert.Equal(options, new AnomalyDetector(new HotellingT2(), 500, options).Options);
        Assert.Throws<ArgumentOutOfRangeException>(() => new AnomalyDetector(new HotellingT2(), 500, fewer));
        var block = new DetectAnomaliesBlock(new HotellingT2(), fewer);
        var refused = Assert.Throws<SchemaException>(() => block.Output(Batches.Channels(500)));
        Assert.Contains($"at least {least} rows to learn from for 500 columns", refused.Message, StringComparison.Ordinal);
    }
}
