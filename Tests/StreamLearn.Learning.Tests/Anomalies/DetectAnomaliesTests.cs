namespace StreamLearn.Learning.Tests;

/// <summary>Scores and alerts as columns of a stream.</summary>
public sealed class DetectAnomaliesTests
{
    private static readonly Schema Sensor = new(Field.Time(), Field.Channel("a", Unit.StandardGravity),
        new Field("b", ColumnType.Float32, Unit.One, Nullable: true) { Privacy = PrivacyLabel.EdgeOnly }, Field.Label());

    public static TheoryData<int> Rules => [0, 1, 2, 3, 4];

    [Fact]
    public void Rows_come_out_as_they_were_with_a_score_and_an_alert_beyond_the_threshold()
    {
        using var probe = Probe(new WindowZScore(4), new() { LearnRows = 40, Threshold = 3 });
        float[] values = [.. Enumerable.Range(0, 50).Select(static i => (float)(i == 45 || i == 10 ? 9 : i % 2))];
        probe.Send(Rows(probe, values, [.. values.Select(static _ => (float?)1)]));
        using var judged = probe.Take<Batch>();
        Assert.Equal("time, a, b, label, score, alert", string.Join(", ", judged.Schema.Fields.Select(static f => f.Name)));
        Assert.All(judged.Schema.Fields[^2..], static f => Assert.Equal(PrivacyLabel.EdgeOnly, f.Privacy));
        Assert.Equal(values, judged["a"].Values<float>().ToArray());
        Assert.Equal([.. values.Select(static (_, i) => i == 45 ? 1 : 0)], judged["alert"].Values<int>().ToArray());
        Assert.Equal(17, judged["score"].Values<float>()[45]);     // 9 of 0.5 ± 0.5
        Assert.Equal((1, 3), (probe.Metrics.Counter("alerts"), probe.Metrics.Gauges["alert-threshold"]));
    }

    [Fact]
    public void A_missing_value_is_passed_over_or_its_row_dropped_and_one_that_is_no_number_drops_its_row()
    {
        float[] values = [1, 2, float.NaN, 4];
        float?[] others = [1, null, 1, float.PositiveInfinity];
        using var each = Probe(new EwmaZScore(5), new() { LearnRows = 40 });
        each.Send(Rows(each, values, others));
        Assert.Equal([1f, 2], each.Take<Batch>()["a"].Values<float>().ToArray());
        Assert.Equal(2, each.Metrics.RowsDropped["non-finite"]);
        using var whole = Probe(new HotellingT2(), new() { LearnRows = 40 });
        whole.Send(Rows(whole, values, others));
        Assert.Equal([1f], whole.Take<Batch>()["a"].Values<float>().ToArray());
        Assert.Equal(1, whole.Metrics.RowsDropped["missing"]);
    }

    [Fact]
    public void A_state_that_learned_from_other_usual_rows_is_refused()
    {
        float[] rows = [.. Enumerable.Range(0, 40).Select(static i => (float)(i % 2))];
        var saved = SavedState.Of(Of(rows).State);
        saved.Into(Of(rows).State);
        Assert.Contains("40 usual rows", Assert.Throws<StateException>(
            () => saved.Into(Of([.. rows[..^1], 7]).State)).Message, StringComparison.Ordinal);

        static DetectAnomalies Of(float[] usual) => new(
            new(new WindowZScore(4), new() { Columns = ["a"], LearnRows = usual.Length, UsualRows = [.. usual], Threshold = 3 }),
            Contexts.New(), new Unheard<Batch>());
    }

    [Fact]
    public void Scores_are_averaged_before_they_are_judged()
    {
        float[] values = [.. Enumerable.Range(0, 60).Select(static i => (float)(i is 45 or > 50 ? 9 : i % 2))];
        using var probe = Probe(new HotellingT2(), new() { Columns = ["a"], LearnRows = 40, Threshold = 200, Smoothing = 5 });
        probe.Send(Rows(probe, values, [.. values.Select(static _ => (float?)1)]));
        var alerts = probe.Take<Batch>()["alert"].Values<int>().ToArray();
        Assert.Equal((0, 0, 0, 1), (alerts[45], alerts[51], alerts[52], alerts[53]));      // one of 290 is 97 of the mean
    }

    /// <summary>Rows that lie outside what is usual, or between it: 1 of 200, of a stream that was learned from.</summary>
    [Theory, MemberData(nameof(Rules))]
    public void Planted_anomalies_are_found(int number)
    {
        AnomalyRule rule = number switch
        {
            0 => new EwmaZScore(),
            1 => new HotellingT2(),
            2 => new HalfSpaceTrees(),
            3 => new CenterDistance(),
            _ => new MatrixProfile(),
        };
        var (next, row) = (NormalStreams.Make("seasonal", 1), new float[NormalStreams.Channels]);
        var columns = Batches.Channels(rule.Channels ?? row.Length);
        using var probe = OperatorProbe.Of<Batch, Batch>(flow => flow.DetectAnomalies(rule), columns);
        var (found, planted, noise) = (0, 0, new RandomStream(2, "noise"));
        for (var t = 0; t < 20_000; t++)
        {
            next(row);
            var isPlanted = t > 12_000 && t % 400 < 20;
            if (isPlanted) { row[0] = rule is MatrixProfile ? (float)noise.NextGaussian() : row[0] + (t % 2 == 0 ? 4 : -4); }
            probe.Send(Batches.OfChannels(probe.Pool, [.. row[..columns.Fields.Length].Select(static v => new[] { v })]));
            using var judged = probe.Take<Batch>();
            if (t > 12_000 && t % 400 == 19) { planted++; }
            if (t > 12_000 && t % 400 < 40 && judged["alert"].Values<int>()[0] == 1) { found++; }
        }

        Assert.True(found >= planted, $"{found} of {planted} bursts");
    }

    [Fact]
    public void A_row_is_judged_alike_however_batches_cut_the_stream_and_costs_no_memory()
    {
        var (rule, options) = (new CenterDistance(2, 20), new AnomalyOptions { LearnRows = 60 });
        using var whole = OperatorProbe.Of<Batch, Batch>(flow => flow.DetectAnomalies(rule, options), Sensor, guard: false);
        using var single = Probe(rule, options);
        var random = new RandomStream(1, "cuts");
        float[] values = [.. Enumerable.Range(0, 100).Select(_ => (float)random.NextGaussian())];
        whole.Send(Rows(whole, values, [.. values.Select(static v => (float?)-v)]));
        float[] scores = [.. values.Select(value =>
        {
            single.Send(Rows(single, [value], [-value]));
            using var judged = single.Take<Batch>();
            return judged["score"].Values<float>()[0];
        })];

        using (var judged = whole.Take<Batch>()) { Assert.Equal(judged["score"].Values<float>().ToArray(), scores); }

        Assert.Equal(0, Allocations.Least(whole.Pool, () =>
        {
            var batch = whole.Pool.Rent(Sensor, 100);
            for (var c = 0; c < batch.Columns.Count; c++) { batch.Columns[c].WritableBytes.Clear(); }
            for (var r = 0; r < 100; r++) { batch["b"].SetValid(r, true); }
            whole.Send(batch);
            whole.Take<Batch>().Dispose();
        }));
    }

    [Fact]
    public void A_value_at_the_end_of_float32_spoils_no_later_score()
    {
        float[] usual = [.. Enumerable.Range(0, 60).Select(static i => 0.1f * (i % 7))];
        var (with, without) = (Scores([.. usual.Select(static (v, i) => i == 45 ? float.MaxValue : v)]), Scores(usual));
        Assert.Equal(float.MaxValue, with[45]);
        Assert.Equal([.. without[..45], .. without[46..]], (float[])[.. with[..45], .. with[46..]]);

        static float[] Scores(float[] values)
        {
            using var probe = Probe(new CenterDistance(2, 20), new() { Columns = ["a"], LearnRows = 40 });
            probe.Send(Rows(probe, values, [.. values.Select(static v => (float?)v)]));
            using var judged = probe.Take<Batch>();
            return judged["score"].Values<float>().ToArray();
        }
    }

    [Fact]
    public void Wrong_columns_and_settings_are_refused_at_wiring()
    {
        Refused(new MatrixProfile(), new());                                     // two columns
        Refused(new EwmaZScore(), new() { Columns = ["time"] });
        Refused(new EwmaZScore(), new() { Columns = ["absent"] });
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(new MatrixProfile(), new() { Columns = ["a"], LearnRows = 4000 }));
        Assert.Equal(new AnomalyOptions { Columns = ["a"] }, new AnomalyOptions { Columns = ["a"] });

        static void Refused(AnomalyRule rule, AnomalyOptions options) =>
            Assert.Throws<PipelineDefinitionException>(() => Probe(rule, options));
    }

    private static OperatorProbe Probe(AnomalyRule rule, AnomalyOptions options) =>
        OperatorProbe.Of<Batch, Batch>(flow => flow.DetectAnomalies(rule, options), Sensor);

    private static Batch Rows(OperatorProbe probe, float[] a, float?[] b) =>
        Batches.Of(probe.Pool, Sensor, new long[a.Length], a, b, new int?[a.Length]);
}
