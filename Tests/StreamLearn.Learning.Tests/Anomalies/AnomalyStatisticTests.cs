namespace StreamLearn.Learning.Tests;

/// <summary>Each statistic against a plain one.</summary>
public sealed class AnomalyStatisticTests
{
    private const int Channels = NormalStreams.Channels;
    public static TheoryData<int> Rules => [.. Enumerable.Range(0, Small.Length)];

    private static AnomalyRule[] Small { get; } =
    [
        new EwmaZScore(20), new WindowZScore(20), new HotellingT2(), new HalfSpaceTrees(3, 5, 40), new CenterDistance(3, 50),
        new MatrixProfile(8, 100),
    ];

    [Fact]
    public void T2_is_the_squared_distance_by_the_inverse_of_the_covariance()
    {
        var (rows, ridge) = (Rows("autoregressive", 500), 1e-3);
        var statistic = new HotellingT2(ridge).Create(Channels);
        foreach (var (i, row) in rows[..400].Index()) { Assert.Equal(i >= 2 * Channels, statistic.Add(row, learns: true) > 0); }
        double[] means = [.. Enumerable.Range(0, Channels).Select(c => rows[..400].Average(r => (double)r[c]))];
        var covariance = new double[Channels, Channels];
        for (var i = 0; i < Channels; i++)
        {
            for (var j = 0; j < Channels; j++)
            {
                covariance[i, j] = rows[..400].Sum(r => (r[i] - means[i]) * (r[j] - means[j])) / 399;
            }
        }

        for (var c = 0; c < Channels; c++) { covariance[c, c] += ridge * covariance[c, c]; }
        var inverse = Inverse(covariance);
        foreach (var row in rows[400..])
        {
            var expected = Enumerable.Range(0, Channels).Sum(i => Enumerable.Range(0, Channels)
                .Sum(j => (row[i] - means[i]) * inverse[i, j] * (row[j] - means[j])));
            Assert.Equal(expected, statistic.Add(row, learns: false), 1e-6 * expected);
        }
    }

    [Fact]
    public void Moments_of_devices_merge_to_those_of_all_rows()
    {
        var rows = Rows("vibration", 900);
        RowMoments whole = new(Channels), first = new(Channels), second = new(Channels), none = new(Channels);
        foreach (var row in rows) { whole.Add(row); }
        foreach (var row in rows[..200]) { first.Add(row); }
        foreach (var row in rows[200..]) { second.Add(row); }

        first.Merge(second);
        first.Merge(none);

        Assert.Equal(900, first.Count);
        for (var i = 0; i < Channels; i++)
        {
            Assert.Equal(whole.Mean[i], first.Mean[i], 1e-12 * Math.Abs(whole.Mean[i]));
            for (var j = 0; j < Channels; j++)
            {
                var size = Math.Sqrt(whole.Covariance(i, i) * whole.Covariance(j, j));
                Assert.Equal(whole.Covariance(i, j), first.Covariance(j, i), 1e-12 * size);
                Assert.Equal(rows.Average(r => (r[i] - whole.Mean[i]) * (r[j] - whole.Mean[j])) * 900 / 899,
                    first.Covariance(i, j), 1e-12 * size);
            }
        }

        none.Merge(whole);
        Assert.Equal(whole.Mean.ToArray(), none.Mean.ToArray());
        Assert.Throws<ArgumentException>(() => whole.Merge(new(Channels + 1)));
    }

    /// <summary>Strain in m/m and light in lux: a score does not depend on the unit.</summary>
    [Fact]
    public void Scores_do_not_depend_on_the_unit_of_a_channel()
    {
        AnomalyRule[] rules = [new HotellingT2(), new EwmaZScore(50), new WindowZScore(50), new CenterDistance { SampleRows = 300 },
            new HalfSpaceTrees { Rows = 100 }];
        var rows = Rows("autoregressive", 600);
        foreach (var rule in rules)
        {
            var expected = Scores(1);
            foreach (var unit in new[] { 1e-9f, 1e-6f, 1e6f })
            {
                var scores = Scores(unit);
                for (var t = 0; t < scores.Count; t++) { Assert.Equal(expected[t], scores[t], 1e-3 * (1 + expected[t])); }
            }

            Assert.Contains(expected, static s => s > 0);

            List<double> Scores(float unit)
            {
                var statistic = rule.Create(Channels);
                return [.. rows.Select((r, t) => statistic.Add([.. r.Select((v, c) => c == 1 ? v * unit : v)], learns: t < 400))];
            }
        }
    }

    [Fact]
    public void Z_scores_are_those_of_weighted_sums_and_of_the_last_rows()
    {
        var rows = Rows("autoregressive", 300);
        var (weighted, windowed) = (new EwmaZScore(20).Create(Channels), new WindowZScore(20).Create(Channels));
        for (var t = 0; t < rows.Count; t++)
        {
            var (ewma, window) = (weighted.Add(rows[t], true), windowed.Add(rows[t], true));
            if (t < 2) { continue; }
            double[] weights = [.. Enumerable.Range(0, t).Select(i => Weight(i) * Enumerable.Range(i + 1, t - 1 - i)
                .Aggregate(1.0, static (share, later) => share * (1 - Weight(later))))];
            Assert.Equal(Largest(rows, t, c => MeanOf(weights, [.. rows[..t].Select(r => (double)r[c])]), 0), ewma, 1e-9 * (1 + ewma));
            if (t < 20) { Assert.Equal(0, window); }
            else
            {
                var equal = Enumerable.Repeat(1 / 20.0, 20).ToArray();
                Assert.Equal(
                    Largest(rows, t, c => MeanOf(equal, [.. rows[(t - 20)..t].Select(r => (double)r[c])]), 0), window, 1e-9 * (1 + window));
            }
        }

        static double Weight(int row) => Math.Max(2.0 / 21, 1.0 / (row + 1));
        static (double Mean, double Variance) MeanOf(double[] weights, double[] values)
        {
            var mean = weights.Zip(values, static (w, v) => w * v).Sum();
            return (mean, weights.Zip(values, (w, v) => w * (v - mean) * (v - mean)).Sum());
        }

        static double Largest(List<float[]> rows, int t, Func<int, (double Mean, double Variance)> of, double floor) => Enumerable
            .Range(0, Channels).Max(c => of(c) is var (mean, variance) ? Math.Abs(rows[t][c] - mean) / Math.Sqrt(variance + floor) : 0);
    }

    /// <summary>Without a limit the fourth row is at 4.1 deviations at most, however far it is.</summary>
    [Theory, InlineData(double.PositiveInfinity, 3, 4), InlineData(4, 15, 30)]
    public void A_limit_keeps_the_first_rows_of_a_fault_from_hiding_the_next(double limit, int least, int most)
    {
        var (random, statistic, alerts) = (new RandomStream(3, "limit"), new EwmaZScore { Limit = limit }.Create(1), 0);
        for (var t = 0; t < 1100; t++)
        {
            var score = statistic.Add([(float)(random.NextGaussian() + (t < 1000 ? 0 : 40))], learns: false);
            if (t >= 1000 && score > 4) { alerts++; }
        }
        Assert.InRange(alerts, least, most);        // a change that lasts becomes usual with a limit, too
        Assert.Throws<ArgumentOutOfRangeException>(() => new AnomalyDetector(new EwmaZScore { Limit = 1.9 }, 1));
    }

    [Fact]
    public void The_profile_is_that_of_all_pairs_of_pieces()
    {
        const int Length = 8, History = 60;
        var random = new RandomStream(5, "profile");
        float[] values = [.. Enumerable.Range(0, 1000).Select(i => i is > 400 and < 420 or > 440 and < 452 ? 7.5f
            : i is > 600 and < 620 ? (i % 3 == 0 ? MathF.BitIncrement(1000) : 1000)     // level but for rounding
            : (float)(1000 + Math.Sin(i * 0.3) + (0.3 * random.NextGaussian()) + (i == 700 ? 1e6 : 0)))];
        var profile = new MatrixProfile(Length, History).Create(1);
        for (var t = 0; t < values.Length; t++)
        {
            var score = profile.Add(values.AsSpan(t, 1), learns: false);
            var lags = Enumerable.Range(Length, History - Length + 1).Where(lag => t - lag - Length + 1 >= 0).ToList();
            if (lags.Count == 0) { Assert.Equal(0, score); }
            else { Assert.Equal(lags.Min(lag => Distance(t, t - lag)), score, t is >= 700 and < 717 ? 0.05 : 1e-5); }
        }

        double Distance(int a, int b)
        {
            var (x, y) = (Scaled(a), Scaled(b));
            if (x is null || y is null) { return x is null && y is null ? 0 : Math.Sqrt(2 * Length); }
            return Math.Sqrt(x.Zip(y, static (v, w) => (v - w) * (v - w)).Sum());
        }

        double[]? Scaled(int end)
        {
            var piece = values[(end - Length + 1)..(end + 1)].Select(static v => (double)v).ToArray();
            var (mean, deviation) = (piece.Average(), 0.0);
            deviation = Math.Sqrt(piece.Average(v => (v - mean) * (v - mean)));
            return deviation < 1e-6 * Math.Abs(mean) ? null : [.. piece.Select(v => (v - mean) / deviation)];
        }
    }

    /// <summary>Sums of products go from row to row, and their rounding errors would stay.</summary>
    [Fact]
    public void A_huge_value_spoils_no_score_of_the_profile_once_it_has_left()
    {
        const int Length = 8, History = 60, Huge = 50;
        var (random, whole, fresh) = (new RandomStream(8, "huge"), new MatrixProfile(Length, History).Create(1),
            new MatrixProfile(Length, History).Create(1));
        for (var t = 0; t < 400; t++)
        {
            float[] value = [(float)(Math.Sin(t * 0.3) + (0.3 * random.NextGaussian()))];
            var score = whole.Add(t == Huge ? [1e15f] : value, learns: false);
            var expected = t > Huge ? fresh.Add(value, learns: false) : score;
            if (t > Huge + (2 * (History + Length))) { Assert.Equal(expected, score, 1e-3); }
        }
    }

    [Fact]
    public void Masses_of_trees_are_those_of_a_count_of_all_rows_in_the_same_part()
    {
        const int Trees = 3, Depth = 4, Window = 50;
        var rows = Rows("autoregressive", 6 * Window);      // counts are used again in the fifth
        var rule = new HalfSpaceTrees(Trees, Depth, Window, Seed: 9);
        var statistic = new HalfSpaceMasses(rule, Channels);
        for (var t = 0; t < rows.Count; t++)
        {
            var score = statistic.Add(rows[t], learns: true);
            if (t < 2 * Window)
            {
                Assert.Equal(0, score);
                continue;
            }

            var judging = rows[((t / Window * Window) - Window)..(t / Window * Window)];
            var mass = 0L;
            for (var tree = 0; tree < Trees; tree++)
            {
                var path = statistic.Path(tree, rows[t]);
                for (var depth = 0; ; depth++)
                {
                    var alike = judging.Count(r => statistic.Path(tree, r)[..depth] == path[..depth]);
                    if (depth < Depth && alike > Window / 10) { continue; }
                    mass += (long)alike << depth;
                    break;
                }
            }

            Assert.Equal(Trees * Window / (1.0 + mass), score);
        }
    }

    [Fact]
    public void Centers_are_where_the_rows_are()
    {
        var random = new RandomStream(4, "centers");
        var statistic = new CenterDistance(3, 200).Create(2);
        for (var i = 0; i < 2000; i++) { statistic.Add(Near(i % 3), learns: true); }
        double[] near = [.. Enumerable.Range(0, 300).Select(i => statistic.Add(Near(i % 3), learns: false))];
        Assert.InRange(near.Max(), 0.01, 0.6);
        Assert.InRange(statistic.Add([5, 5], learns: false), 0.9, 2);       // between the three, in deviations of about 5

        float[] Near(int state) =>
            [(float)((state == 0 ? 0 : 10) + random.NextGaussian()), (float)((state == 2 ? 10 : 0) + (0.5 * random.NextGaussian()))];
    }

    [Fact]
    public void A_network_is_judged_by_the_distance_of_its_outputs_from_the_row()
    {
        var network = new Network(new(3), 3, [new Dense(2)], [new(0, new Dense(3))], seed: 1, objective: new SquaredError());
        var statistic = new ReconstructionError(network, network.Initial).Create(3);
        float[] row = [1, -2, 3], outputs = new float[3];
        network.Infer(network.Initial.Values.AsSpan(), new Sample(row, 1), outputs, new());
        Assert.Equal(Math.Sqrt(row.Zip(outputs, static (x, y) => (double)(x - y) * (x - y)).Average()), statistic.Add(row, false), 1e-6);
        Assert.Throws<ArgumentException>(() => new ReconstructionError(
            new(new(3), 2, [new Dense(2)], [new(0, new Dense(2))], objective: new SquaredError()), network.Initial).Check());
    }

    [Theory, MemberData(nameof(Rules))]
    public void A_statistic_goes_on_from_its_state_to_the_same_bits_and_keeps_no_more_than_it_declares(int number)
    {
        var (rule, rows) = (Small[number], Rows("seasonal", 400));
        var channels = rule.Channels ?? Channels;
        var (whole, parted) = (rule.Create(channels), rule.Create(channels));
        for (var t = 0; t < rows.Count; t++)
        {
            if (t % 7 == 0)
            {
                var (saved, taken) = (SavedState.Of(parted.State), rule.Create(channels));
                saved.Into(taken.State);
                parted = taken;
            }
            var row = rows[t].AsSpan(0, channels);
            Assert.Equal(whole.Add(row, t < 100), parted.Add(row, t < 100));
        }

        Assert.InRange(SavedState.Of(parted.State).Length, 8, rule.StateBytes(channels) + 64);
    }

    private static List<float[]> Rows(string kind, int count)
    {
        var next = NormalStreams.Make(kind, 1);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var row = new float[Channels];
            next(row);
            return row;
        })];
    }

    /// <summary>By elimination with a whole pivot row.</summary>
    private static double[,] Inverse(double[,] matrix)
    {
        var (size, left, inverse) = (matrix.GetLength(0), (double[,])matrix.Clone(), new double[matrix.GetLength(0), matrix.GetLength(0)]);
        for (var i = 0; i < size; i++) { inverse[i, i] = 1; }
        for (var i = 0; i < size; i++)
        {
            var pivot = left[i, i];
            for (var j = 0; j < size; j++) { (left[i, j], inverse[i, j]) = (left[i, j] / pivot, inverse[i, j] / pivot); }
            for (var r = 0; r < size; r++)
            {
                var factor = left[r, i];
                for (var j = 0; j < size && r != i; j++)
                {
                    (left[r, j], inverse[r, j]) = (left[r, j] - (factor * left[i, j]), inverse[r, j] - (factor * inverse[i, j]));
                }
            }
        }

        return inverse;
    }
}
