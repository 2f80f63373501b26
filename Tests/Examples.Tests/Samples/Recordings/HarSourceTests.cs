using StreamLearn.Operators;

namespace Examples.Tests;

public sealed class HarSourceTests
{
    private static readonly HarRecordings Small = SmallFolder.Open();

    [Fact]
    public void FromHar_gives_physical_units_labels_and_event_time()
    {
        using var probe = new SourceProbe<Batch>(p => p.FromHar(Small, 1));
        using var batch = probe.Next();
        Assert.Equal(HarRecordings.Schema, batch.Schema);
        Assert.Equal(50, batch.Rows);
        for (var row = 0; row < 50; row++)
        {
            Assert.Equal(1735689600_000_000_000L + (row * 20_000_000L), batch["time"].Values<long>()[row]);
            Assert.Equal(HarFolders.Value(row, 2) / 720.0, batch["acc z"].Values<float>()[row], 1e-6);
            Assert.Equal(HarFolders.Value(row, 3) * 0.0175 * Math.PI / 180, batch["gyro x"].Values<float>()[row], 1e-6);
            Assert.Equal((1, 4), (batch["recording"].Values<int>()[row], batch["label"].Values<int>()[row]));
        }
    }

    [Fact]
    public void FromHar_plays_all_recordings_with_one_sample_missing_between_them()
    {
        using var probe = new SourceProbe<Batch>(p => p.FromHar(Small, 1, new() { BatchRows = 64 }));
        var (times, recordings, labels, sizes) = (new List<long>(), new List<int>(), new List<int>(), new List<int>());
        while (probe.NextAt is not null)
        {
            using var batch = probe.Next();
            times.AddRange(batch["time"].Values<long>());
            recordings.AddRange(batch["recording"].Values<int>());
            for (var row = 0; row < batch.Rows; row++) { labels.Add(batch["label"].IsValid(row) ? batch["label"].Values<int>()[row] : -1); }
            sizes.Add(batch.Rows);
        }
        Assert.Equal(825, times.Count);
        Assert.Equal([.. Enumerable.Repeat(64, 10), 60, 64, 61], sizes);
        Assert.Equal(2 * 20_000_000L, times[700] - times[699]);
        Assert.All(Enumerable.Range(0, 825).Where(i => i is not (0 or 700)), i => Assert.Equal(20_000_000L, times[i] - times[i - 1]));
        Assert.Equal((1, 2), (recordings[699], recordings[700]));
        Assert.Equal([4, -1, -1, 0, 0, -1, -1, 5], new[] { 199, 200, 259, 260, 699, 700, 701, 702 }.Select(i => labels[i]));
    }

    [Theory, InlineData(1, 1000), InlineData(8, 125)]
    public void FromHar_is_due_when_a_batch_has_been_recorded_faster_by_the_speed_up(double speedUp, double first)
    {
        using var probe = new SourceProbe<Batch>(p => p.FromHar(Small, 1, new() { SpeedUp = speedUp, BatchRows = 50 }));
        Assert.Equal(OperatorProbe.Start.AddMilliseconds(first), probe.NextAt);
        probe.Next().Dispose();
        Assert.Equal(OperatorProbe.Start.AddMilliseconds(2 * first), probe.NextAt);
    }

    [Fact]
    public async Task A_source_that_stays_open_is_silent_after_its_last_sample_until_the_run_is_drained()
    {
        var rows = 0;
        var run = Pipeline.Define("device", p => p.FromHar(Small, 1, new() { SpeedUp = 1e6, StayOpen = true })
            .ForEach("count", batch => Interlocked.Add(ref rows, batch.Rows))).Start();
        var all = Small.Of(1).Sum(r => r.Samples);
        while (Volatile.Read(ref rows) < all) { await Task.Yield(); }
        Assert.False(run.Completion.IsCompleted);
        await run.DrainAsync(TestContext.Current.CancellationToken);
        Assert.Equal(all, rows);
        await run.DisposeAsync();
    }

    [Fact]
    public void FromHar_gives_the_same_rows_in_batches_of_any_size()
    {
        var rows = new[] { 1, 7, 50, 1000 }.Select(size =>
        {
            using var probe = new SourceProbe<Batch>(p => p.FromHar(Small, 1, new() { BatchRows = size }));
            var values = new List<float>();
            while (probe.NextAt is not null)
            {
                using var batch = probe.Next();
                values.AddRange(batch["gyro z"].Values<float>());
            }
            return string.Join(' ', values);
        });
        Assert.Single(rows.Distinct());
    }

    [Fact]
    public void FromHar_refuses_people_and_options_out_of_range_at_wiring()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SourceProbe<Batch>(p => p.FromHar(Small, 2)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SourceProbe<Batch>(p => p.FromHar(Small, 1, new() { BatchRows = 0 })));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SourceProbe<Batch>(p => p.FromHar(Small, 1, new() { SpeedUp = 0 })));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SourceProbe<Batch>(p => p.FromHar(Small, 1, new() { SpeedUp = double.NaN })));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SourceProbe<Batch>(p => p.FromHar(Small, 1, new() { Phase = 1 })));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SourceProbe<Batch>(p => p.FromHar(Small, 1, new() { Phase = -0.1 })));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SourceProbe<Batch>(p => p.FromHar(Small, 1, new() { Phase = double.NaN })));
    }

    [Fact]
    public void FromHar_begins_in_the_midst_of_the_stream_and_plays_every_sample_once()
    {
        var plain = Play(1, new() { BatchRows = 64 });
        foreach (var phase in new[] { 0.001, 0.25, 0.5, 700 / 825.0, 0.9, 0.9999 })
        {
            var cut = (int)(phase * 825);
            var rotated = Play(1, new() { BatchRows = 64, Phase = phase });
            Assert.Equal(plain.Skip(cut).Concat(plain.Take(cut)).Select(r => r.Values), rotated.Select(r => r.Values));
            Assert.Equal(plain[0].Time, rotated[0].Time);
            for (var i = 1; i < rotated.Count; i++)
            {
                var (before, now) = (rotated[i - 1], rotated[i]);
                Assert.Equal(now.Recording == before.Recording ? 20_000_000L : 40_000_000L, now.Time - before.Time);
            }
        }
    }

    /// <summary>The last part follows on its own rest only where there is one recording: its number must tell them apart.</summary>
    [Theory, InlineData(1, 0.5, 1, 2, -1)]
    [InlineData(1, 0.9, 2, 1, -2)]
    [InlineData(1, 0.0, 1, 2)]
    [InlineData(7, 0.3, 3, -3)]
    public void FromHar_gives_the_part_left_for_the_end_its_number_negated(int person, double phase, params int[] expected) =>
        Assert.Equal(expected, Play(person, new() { Phase = phase }).Select(r => r.Recording).Distinct());

    [Fact]
    public async Task Windows_restart_where_the_stream_wraps()
    {
        var starts = new List<(int, int)>();
        var pipeline = Pipeline.Define("windows", p => p.FromHar(Small, 7, new() { Phase = 0.3 })
            .Window(2, 2, new() { Segment = "recording" })
            .ForEach("look", w => starts.Add((w["recording"].Values<int>()[0], w["recording"].Values<int>()[1]))));
        await using var run = pipeline.Start(new() { Pace = Pace.AsFastAsPossible }, TestContext.Current.CancellationToken);
        await run.Completion;
        Assert.Equal([(3, 3), (3, 3), (3, 3), (-3, -3)], starts);
    }

    [Fact]
    public void FromHar_is_always_due_at_full_speed_and_keeps_its_event_times()
    {
        using var probe = new SourceProbe<Batch>(p => p.FromHar(Small, 1, new() { SpeedUp = double.PositiveInfinity }));
        using (var batch = probe.Next()) { Assert.Equal(1735689600_000_000_000L, batch["time"].Values<long>()[0]); }
        Assert.Equal(OperatorProbe.Start, probe.NextAt);
        Assert.Equal(Play(1, new()), Play(1, new() { SpeedUp = double.PositiveInfinity }));
    }

    [Fact]
    public void FromHar_allocates_the_handles_of_its_batches_alone_in_steady_state()
    {
        using var probe = new SourceProbe<Batch>(p => p.FromHar(Small, 1, new() { BatchRows = 5 }), guard: false);
        for (var i = 0; i < 50; i++) { probe.Next().Dispose(); }
        Assert.Equal(0, Allocations.Least(probe.Pool, () =>
        {
            for (var i = 0; i < 5; i++) { probe.Next().Dispose(); }
        }));
    }

    [Fact]
    public async Task The_real_recordings_give_the_published_windows()
    {
        var recordings = HarFolders.OpenReal(out var real);
        var training = await LabelledWindows(recordings, real ? HarRecordings.TrainingPeople : [1]);
        var test = await LabelledWindows(recordings, real ? HarRecordings.TestPeople : [7]);
        // generated: 2 windows within the first activity, 4 within the last
        Assert.Equal(real ? (7_136, 2_877) : (6, 0), (training, test));
    }

    private static List<(string Values, int Recording, long Time)> Play(int person, HarSourceOptions options)
    {
        using var probe = new SourceProbe<Batch>(p => p.FromHar(Small, person, options));
        var rows = new List<(string, int, long)>();
        while (probe.NextAt is not null)
        {
            using var batch = probe.Next();
            for (var row = 0; row < batch.Rows; row++)
            {
                var values = Enumerable.Range(0, 6).Select(c => batch.Channels[c].Values<float>()[row]);
                var label = batch["label"].IsValid(row) ? batch["label"].Values<int>()[row] : -1;
                rows.Add(($"{string.Join(' ', values)} {label}", batch["recording"].Values<int>()[row], batch["time"].Values<long>()[row]));
            }
        }
        return rows;
    }

    private static async Task<int> LabelledWindows(HarRecordings recordings, IEnumerable<int> people)
    {
        var labelled = 0;
        var pipeline = Pipeline.Define("windows", p =>
        {
            var flows = people.Select(person => p.FromHar(recordings, person, new() { BatchRows = 500 })
                .Window(128, 64, new() { Segment = "recording" }).Named($"window {person}")
                .MeanDeviation().Named($"features {person}")).ToArray();
            flows[0].Merge(flows.AsSpan(1)).ForEach("count", row => labelled += row["label"].IsValid(0) ? 1 : 0);
        });
        await using var run = pipeline.Start(new() { Pace = Pace.AsFastAsPossible });
        await run.Completion;

        var rows = people.Sum(person => recordings.Of(person).Sum(r => (long)r.Samples));
        var windows = run.Metrics.Blocks.Where(b => b.Block.StartsWith("window ", StringComparison.Ordinal)).ToList();
        Assert.Equal(rows, windows.Sum(b => b.RowsIn));
        Assert.Equal(rows, windows.Sum(b => b.Counter("rows-windowed") + b.RowsDropped.Values.Sum()));
        return labelled;
    }
}
