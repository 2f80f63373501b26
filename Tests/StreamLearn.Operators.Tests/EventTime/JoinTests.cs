namespace StreamLearn.Operators.Tests;

[Collection(nameof(MeasuredAlone))]
public sealed class JoinTests
{
    private const long Ms = 1_000_000;
    private static readonly Schema First = new(Field.Time(), Field.Channel("a", Unit.StandardGravity), Field.Label());
    private static readonly Schema Second = new(Field.Time(), Field.Channel("b", Unit.One), new Field("c", ColumnType.Int32, Unit.One));
    private static readonly TimeSpan Wide = TimeSpan.FromMilliseconds(100);
    private static readonly long[] Rows = [1, 4, 4, 9, 15, 16, 22, 30, 37, 38, 50, 61];
    private static readonly long[] Others = [0, 2, 4, 4, 8, 14, 18, 25, 26, 36, 40, 40, 70];

    /// <summary>Places of partners as pandas.merge_asof gives them for these times (direction backward and nearest, tolerance).</summary>
    public static TheoryData<bool, int, int?[]> Pandas => new()
    {
        { false, 3, [0, 3, 3, 4, 5, 5, null, null, 9, 9, null, null] },
        { false, 100, [0, 3, 3, 4, 5, 5, 6, 8, 9, 9, 11, 11] },
        { true, 3, [0, 3, 3, 4, 5, 5, 7, null, 9, 9, null, null] },
        { true, 100, [0, 3, 3, 4, 5, 5, 7, 8, 9, 9, 11, 12] },
    };

    [Theory, MemberData(nameof(Pandas))]
    public void Joins_give_the_partners_of_pandas_whatever_comes_first(bool nearest, int tolerance, int?[] partners)
    {
        for (var order = 0; order < 4; order++)
        {
            using var probe = Probe(nearest, TimeSpan.FromMilliseconds(tolerance), new() { KeepUnmatched = true });
            for (var i = 0; i < Others.Length; i += 2)
            {
                var first = Rows[Math.Min(i, Rows.Length)..Math.Min(i + 2, Rows.Length)];
                var second = Others[i..Math.Min(i + 2, Others.Length)];
                if (order is 0 or 2 && first.Length > 0) { probe.Send(FirstRows(probe.Pool, first, i)); }
                if (order < 2) { probe.SendSecond(SecondRows(probe.Pool, second, i)); }
                if (order == 1 && first.Length > 0) { probe.Send(FirstRows(probe.Pool, first, i)); }
            }

            if (order == 2) { probe.SendSecond(SecondRows(probe.Pool, Others, 0)); }
            if (order == 3) { SendSecondFirst(probe); }
            probe.Complete();
            var joined = Joined(probe);
            Assert.Equal(Enumerable.Range(0, Rows.Length), joined.Select(static j => j.Row));
            Assert.Equal(partners, joined.Select(static j => j.Partner));
        }
    }

    [Fact]
    public void Rows_without_a_partner_are_dropped_and_counted_unless_they_are_kept_with_missing_values()
    {
        using var probe = Probe(nearest: false, TimeSpan.FromMilliseconds(3), new());
        probe.Send(FirstRows(probe.Pool, Rows, 0));
        probe.SendSecond(SecondRows(probe.Pool, Others, 0));
        probe.Complete();
        Assert.Equal([0, 3, 3, 4, 5, 5, 9, 9], Joined(probe).Select(static j => j.Partner));
        Assert.Equal(4, probe.Metrics.RowsDropped["no-partner"]);
        using var keeping = Probe(nearest: false, TimeSpan.Zero, new() { KeepUnmatched = true });
        keeping.Send(FirstRows(keeping.Pool, [1, 2], 0));
        keeping.SendSecond(SecondRows(keeping.Pool, [2, 5], 0));
        var kept = keeping.Expect<Batch>();
        Assert.Equal("time int64 [ns], a float32 [gn], label int32? [1], b float32 [1], c int32? [1]", kept.Schema.ToString());
        Assert.Equal([float.NaN, 0], kept["b"].Values<float>().ToArray());
        Assert.Equal((false, true), (kept["c"].IsValid(0), kept["c"].IsValid(1)));
        Assert.Equal([1 * Ms, 2 * Ms], kept["time"].Values<long>().ToArray());
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Rows_are_kept_before_the_second_flow_has_said_anything_if_its_columns_are_declared(bool hasEnded)
    {
        using var probe = Probe(nearest: true, Wide, new() { KeepUnmatched = true, Idle = TimeSpan.FromSeconds(1) });
        if (hasEnded) { probe.EndInput(second: true); }
        probe.Send(FirstRows(probe.Pool, [1, 2], 0));
        if (!hasEnded)
        {
            probe.ExpectNothing();
            probe.Advance(TimeSpan.FromSeconds(1));
        }

        var kept = probe.Expect<Batch>();
        Assert.Equal([float.NaN, float.NaN], kept["b"].Values<float>().ToArray());
        Assert.Equal(2, kept["c"].CountMissing());
        Assert.Equal([1 * Ms, 2 * Ms], kept["time"].Values<long>().ToArray());
        Assert.Empty(probe.Metrics.RowsDropped);
    }

    [Fact]
    public void Rows_that_are_kept_wait_for_columns_that_nobody_has_declared()
    {
        using var probe = Probe(nearest: true, Wide, new() { KeepUnmatched = true, Idle = TimeSpan.FromSeconds(1) }, second: null);
        probe.Send(FirstRows(probe.Pool, [1, 2], 0));
        probe.Advance(TimeSpan.FromSeconds(10));
        probe.ExpectNothing();
        probe.SendSecond(SecondRows(probe.Pool, [500], 0));
        Assert.Equal(2, probe.Expect<Batch>()["c"].CountMissing());
        using var other = Probe(nearest: true, Wide, new() { KeepUnmatched = true }, second: null);
        other.Send(FirstRows(other.Pool, [1, 2], 0));
        other.EndInput(second: true);
        Assert.Equal(2, other.Metrics.RowsDropped["no-partner"]);
    }

    [Fact]
    public void Two_columns_of_one_name_are_refused_or_get_a_prefix()
    {
        static OperatorProbe Twice(JoinOptions options) => OperatorProbe.From<Batch>(
            (p, flow) => flow.JoinAsOf(p.Input<Batch>("second", First), Wide, options).Output("main"), First);
        var refused = Assert.Throws<PipelineDefinitionException>(() => Twice(new()).Dispose());
        Assert.Contains("both flows have 'a': set JoinOptions.Prefix", refused.Message, StringComparison.Ordinal);
        using var probe = Twice(new() { Prefix = "right " });
        probe.Send(FirstRows(probe.Pool, [1, 2], 0));
        probe.SendSecond(FirstRows(probe.Pool, [1, 9], 5));
        var joined = probe.Expect<Batch>();
        Assert.Equal("time, a, label, right a, right label", string.Join(", ", joined.Schema.Fields.Select(static f => f.Name)));
        Assert.Equal([5, 5], joined["right a"].Values<float>().ToArray());
        Assert.Equal([false, true, true], [joined["label"].IsValid(0), joined["label"].IsValid(1), joined["right label"].IsValid(1)]);
    }

    [Fact]
    public void An_idle_input_holds_back_the_other_for_five_seconds_of_the_run()
    {
        using var probe = Probe(nearest: false, Wide, new());
        probe.SendSecond(SecondRows(probe.Pool, [0, 10], 0));
        probe.Send(FirstRows(probe.Pool, [5, 10, 20], 0));
        Assert.Equal([0], Joined(probe).Select(static j => j.Partner));      // at 10 ms another row may come at the same time
        probe.Advance(TimeSpan.FromSeconds(4.999));
        probe.ExpectNothing();
        probe.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal([1, 1], Joined(probe).Select(static j => j.Partner));
        probe.Send(FirstRows(probe.Pool, [30], 3));
        Assert.Equal([1], Joined(probe).Select(static j => j.Partner));       // it is idle still
        probe.SendSecond(SecondRows(probe.Pool, [12, 35], 2));
        probe.Send(FirstRows(probe.Pool, [34, 40], 4));
        Assert.Equal([2], Joined(probe).Select(static j => j.Partner));
    }

    [Fact]
    public void An_input_that_has_ended_holds_back_nothing()
    {
        using var probe = Probe(nearest: true, Wide, new() { Idle = Timeout.InfiniteTimeSpan });
        probe.SendSecond(SecondRows(probe.Pool, [0, 10], 0));
        probe.Send(FirstRows(probe.Pool, [10, 20], 0));
        probe.ExpectNothing();
        probe.EndInput(second: true);
        Assert.Equal([1, 1], Joined(probe).Select(static j => j.Partner));
        using var other = Probe(nearest: true, Wide, new() { MaxHeldRows = 2 });
        other.EndInput(second: false);
        other.SendSecond(SecondRows(other.Pool, [0, 10, 20, 30], 0));
        Assert.True(other.IsOpen(second: true));        // nobody needs them
        Assert.Equal(0, other.Metrics.Counter("rows-made-way"));
    }

    [Fact]
    public void The_input_that_runs_ahead_is_closed_until_the_other_has_caught_up()
    {
        using var probe = Probe(nearest: false, Wide, new() { MaxHeldRows = 4 });
        probe.Send(FirstRows(probe.Pool, [1, 2, 3, 4, 5], 0));
        Assert.Equal((false, true), (probe.IsOpen(false), probe.IsOpen(true)));
        probe.SendSecond(SecondRows(probe.Pool, [0, 3], 0));
        Assert.Equal((2, true), (Joined(probe).Count, probe.IsOpen(false)));
        probe.SendSecond(SecondRows(probe.Pool, [10, 11, 12, 13], 2));
        Assert.Equal((true, false, 3), (probe.IsOpen(false), probe.IsOpen(true), Joined(probe).Count));
        probe.Advance(TimeSpan.FromSeconds(5));     // the first is idle: the oldest of the second make way
        Assert.True(probe.IsOpen(true));
        Assert.Equal(1, probe.Metrics.Counter("rows-made-way"));
        probe.Send(FirstRows(probe.Pool, [9, 11], 5));
        Assert.Equal((5, 2), (Joined(probe).Single().Row - 1, probe.Metrics.RowsDropped["no-partner"] + 1));     // none of the future
    }

    [Fact]
    public void Late_rows_and_bad_times_are_passed_over_and_counted()
    {
        using var probe = Probe(nearest: false, Wide, new());
        probe.SendSecond(SecondRows(probe.Pool, [5, 3, 6, long.MaxValue / Ms, 20], 0));
        probe.Send(FirstRows(probe.Pool, [4, 6, 5, 7], 0));
        probe.Send(Batches.OfChannels(probe.Pool, [1]));
        probe.SendSecond(SecondRows(probe.Pool, [], 0));
        Assert.Equal([(1, 2), (3, 2)], Joined(probe));
        Assert.Equal((2, 1), (probe.Metrics.RowsDropped["late"], probe.Metrics.RowsDropped["bad-time"]));
        Assert.Equal((1, 1), (probe.Metrics.Drops["schema"], probe.Metrics.Drops["empty"]));
    }

    /// <summary>A stamp of tomorrow, on either side: what comes after it is not late for that.</summary>
    [Theory, InlineData(false, false), InlineData(true, false), InlineData(false, true)]
    public void A_row_of_the_far_future_is_dropped_and_counted_and_makes_nothing_late(bool nearest, bool ofSecond)
    {
        const long Tomorrow = 86_400_000;
        using var probe = Probe(nearest, Wide, new() { Clock = new() { Start = DateTimeOffset.UnixEpoch } });
        probe.Send(FirstRows(probe.Pool, ofSecond ? [30, 40, 50] : [30, Tomorrow, 40, 50], 0));
        probe.SendSecond(SecondRows(probe.Pool, ofSecond ? [25, Tomorrow, 35, 45] : [25, 35, 45], 0));
        probe.Complete();
        Assert.Equal(3, Joined(probe).Count);
        Assert.Equal(("future", 1L), probe.Metrics.RowsDropped.Select(static d => (d.Key, (long)d.Value)).Single());
    }

    /// <summary>The slow flow is 50 times slower, and the bounds are far below what either makes: each waits for the other.</summary>
    [Fact]
    public async Task In_a_run_each_input_waits_for_the_other_and_no_row_is_lost()
    {
        var (rows, wrong, batches) = (0, 0, 0);
        var pipeline = Pipeline.Define("join", p =>
        {
            p.EdgeDefaults = new() { CapacityMessages = 2 };
            var second = p.FromSequence("second", (pool, _) => Steps(pool, Second, 400, 50, 4).ToAsyncEnumerable(), Second);
            p.FromSequence("first", (pool, _) => Steps(pool, First, 20_000, 1, 100).ToAsyncEnumerable(), First)
                .JoinAsOf(second, Wide, new() { MaxHeldRows = 64, Idle = Timeout.InfiniteTimeSpan })
                .ForEach("count", joined =>
                {
                    batches++;
                    for (var i = 0; i < joined.Rows; i++, rows++)
                    {
                        if (joined["a"].Values<float>()[i] != rows || joined["b"].Values<float>()[i] != rows / 50) { wrong++; }
                    }
                });
        });

        await using var run = pipeline.Start(cancellationToken: TestContext.Current.CancellationToken);
        await run.Completion.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Equal((20_000, 0), (rows, wrong));
        Assert.True(batches > 150, $"{batches} batches");       // it came as it went, not at the end
    }

    [Fact]
    public async Task The_host_holds_back_an_input_that_is_closed_and_tells_of_one_that_has_ended()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1), TimeProvider.System);
        var cancellation = patience.Token;
        var pipeline = Pipeline.Define("join", p =>
        {
            p.EdgeDefaults = new() { CapacityMessages = 2 };
            p.Input<Batch>("first", First).JoinAsOf(p.Input<Batch>("second", Second), Wide,
                new() { MaxHeldRows = 4, Idle = Timeout.InfiniteTimeSpan }).Output("joined");
        });
        await using var run = pipeline.Start(cancellationToken: cancellation);
        async Task SendAllAsync()
        {
            for (var at = 0; at < 40; at += 4) { await run.SendAsync("first", Shifted(run.Pool, First, at, 4), cancellation); }
        }

        Assert.Contains("Batch, second, ", pipeline.ToMermaid(), StringComparison.Ordinal);
        var sending = SendAllAsync();
        var into = pipeline.Edges.IndexOf(pipeline.Edges.First(static e => !e.IsSecond));
        bool IsHeldBack() => run.Metrics.Edges[into].Queued == 2 && run.Metrics["join-as-of"].RowsIn > 0;
        while (!sending.IsCompleted && !IsHeldBack()) { await Task.Yield(); }
        Assert.Equal((false, 4L), (sending.IsCompleted, run.Metrics["join-as-of"].RowsIn));

        await run.SendAsync("second", SecondRows(run.Pool, [0], 0), cancellation);
        run.Complete("second");
        var rows = 0;
        await foreach (var joined in run.ReadAllAsync<Batch>("joined", cancellation))
        {
            using (joined) { rows += joined.Rows; }
            if (rows == 40) { run.Complete("first"); }      // the first has not ended before
        }

        await run.Completion;
        Assert.Equal(40, rows);
    }

    [Fact]
    public void A_join_inside_PerKey_is_refused() => Assert.Contains("PerKey has one", Assert.Throws<ArgumentException>(() =>
        OperatorProbe.Of<Batch, Batch>(f => f.PerKey("label", k => k.JoinAsOf(k, Wide)), First).Dispose()).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Joins_allocate_nothing_in_steady_state()
    {
        using var probe = Probe(nearest: true, Wide, new() { KeepUnmatched = true }, guard: false);
        using var source = Steps(probe.Pool, First, 50, 1, 50).Single();
        var at = 0L;
        var bytes = Streams.AllocatedBy(probe.Pool, 1000, _ =>
        {
            probe.Send(Shifted(probe.Pool, First, at, 50));
            probe.SendSecond(Shifted(probe.Pool, Second, at, 50));
            probe.Clear();
            at += 50;
        });

        Assert.InRange(bytes, 0, 256);
    }

    private static void SendSecondFirst(OperatorProbe probe)
    {
        probe.SendSecond(SecondRows(probe.Pool, Others, 0));
        probe.Send(FirstRows(probe.Pool, Rows, 0));
    }

    private static OperatorProbe Probe(bool nearest, TimeSpan tolerance, JoinOptions options, bool guard = true) =>
        Probe(nearest, tolerance, options, Second, guard);

    private static OperatorProbe Probe(bool nearest, TimeSpan tolerance, JoinOptions options, Schema? second, bool guard = true) =>
        OperatorProbe.From<Batch>((p, flow) =>
        {
            var other = p.Input<Batch>("second", second);
            (nearest ? flow.JoinNearest(other, tolerance, options) : flow.JoinAsOf(other, tolerance, options)).Output("main");
        }, First, guard: guard);

    private static Batch FirstRows(BatchPool pool, long[] milliseconds, int number) => Batches.Of(pool, First, Times(milliseconds),
        milliseconds.Select((_, i) => (float)(number + i)).ToArray(),
        milliseconds.Select((_, i) => (number + i) % 3 == 0 ? null : (int?)(number + i)).ToArray());

    private static Batch SecondRows(BatchPool pool, long[] milliseconds, int number) => Batches.Of(pool, Second, Times(milliseconds),
        milliseconds.Select((_, i) => (float)(number + i)).ToArray(), milliseconds.Select((_, i) => number + i).ToArray());

    private static long[] Times(long[] milliseconds) =>
        [.. milliseconds.Select(static t => t == long.MaxValue / Ms ? long.MaxValue : t * Ms)];

    /// <summary>Numbered rows, some milliseconds apart.</summary>
    private static IEnumerable<Batch> Steps(BatchPool pool, Schema schema, int rows, int milliseconds, int batchRows)
    {
        for (var at = 0; at < rows; at += batchRows)
        {
            var batch = Shifted(pool, schema, at, batchRows);
            foreach (ref var time in batch["time"].Writable<long>()) { time *= milliseconds; }
            yield return batch;
        }
    }

    private static Batch Shifted(BatchPool pool, Schema schema, long at, int rows)
    {
        var batch = pool.Rent(schema, rows);
        for (var i = 0; i < rows; i++)
        {
            batch.Columns[0].Writable<long>()[i] = (at + i) * Ms;
            batch.Columns[1].Writable<float>()[i] = at + i;
            batch.Columns[2].Writable<int>()[i] = i;
        }
        return batch;
    }

    private static List<(int Row, int? Partner)> Joined(OperatorProbe probe) => [.. probe.TakeAll<Batch>().SelectMany(static b =>
        Enumerable.Range(0, b.Rows).Select(i =>
        {
            Assert.Equal(b["a"].Values<float>()[i] % 3 != 0, b["label"].IsValid(i));
            Assert.Equal(!float.IsNaN(b["b"].Values<float>()[i]), b["c"].IsValid(i));
            return ((int)b["a"].Values<float>()[i], b["c"].IsValid(i) ? b["c"].Values<int>()[i] : (int?)null);
        }))];
}
