using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace StreamLearn.Tests;

public sealed class InstrumentsTests
{
    [Fact]
    public async Task A_listener_sees_every_block_and_edge_of_a_live_run_by_its_tags()
    {
        var call = TimeSpan.FromMilliseconds(2);        // a call of the first block, on a clock that nothing else moves
        var (gate, seen, clock) = (new Gate(), new ConcurrentDictionary<string, double>(), new ManualTimeProvider());
        var run = Pipeline.Define("metered", p => p.Numbers(10).Block("drop", new()
        {
            Process = (made, batch) =>
            {
                clock.Advance(call);
                if (Blocks.Number(batch) < 2) { made.Context.Drop(batch, "early"); }
                else { made.Main.Emit(batch); }
            },
        }).Buffer(1).ForEach("slow", _ => gate.Pass())).Start(new() { TimeProvider = clock });
        await gate.Reached;
        var (taken, busy) = (0L, TimeSpan.Zero);
        await Eventually.TrueAsync(() =>        // one works, one is queued, quick calls gathered a few outputs, and nothing moves
        {
            (taken, busy) = (run.Metrics["drop"].ItemsIn, run.Metrics["drop"].Busy);
            seen.Clear();
            Observe(seen);
            return run.Metrics.Edges[1].Queued == 1 && taken >= 5 && taken == run.Metrics["drop"].ItemsIn && busy == taken * call;
        });
        Assert.Equal(taken, seen["streamlearn.block.items_in block=drop pipeline=metered run=1"]);
        Assert.Equal(taken, seen["streamlearn.block.rows_in block=drop pipeline=metered run=1"]);
        Assert.Equal(taken - 2, seen["streamlearn.block.items_out block=drop pipeline=metered run=1"]);
        Assert.Equal(2, seen["streamlearn.block.drops block=drop pipeline=metered reason=early run=1"]);
        Assert.Equal(1, seen["streamlearn.edge.depth edge=drop→slow pipeline=metered run=1"]);
        Assert.Equal(256, seen["streamlearn.edge.bytes edge=drop→slow pipeline=metered run=1"]);
        Assert.Equal(0, seen["streamlearn.block.errors block=slow pipeline=metered run=1"]);
        Assert.Equal(busy.TotalSeconds, seen["streamlearn.block.busy block=drop pipeline=metered run=1"], 1e-9);
        Assert.True(seen.ContainsKey("streamlearn.block.blocked block=drop pipeline=metered run=1"));

        var waited = TimeSpan.FromSeconds(3);
        clock.Advance(waited);
        gate.Open();
        await run.EndAsync();
        seen.Clear();
        Observe(seen);
        Assert.DoesNotContain(seen.Keys, k => k.Contains("metered", StringComparison.Ordinal));
        Assert.Equal(10 * call, run.Metrics["drop"].Busy);
        Assert.InRange(run.Metrics["drop"].Blocked, waited, 2 * waited);
        Assert.InRange(run.Metrics["slow"].Busy, waited, 2 * waited);
    }

    [Fact]
    public async Task Two_runs_of_one_name_have_tags_of_their_own_and_a_later_one_takes_a_free_number()
    {
        PipelineRun Start() => Pipeline.Define("twins", p => p.Input<Batch>("in").Discard()).Start();
        string[] Numbers()
        {
            var seen = new ConcurrentDictionary<string, double>();
            Observe(seen);
            return [.. seen.Keys.Where(k => k.Contains("items_in", StringComparison.Ordinal) && k.Contains("block=in pipeline=twins ",
                StringComparison.Ordinal)).Select(k => k[^5..]).Order(StringComparer.Ordinal)];
        }

        var (first, second) = (Start(), Start());
        Assert.Equal(["run=1", "run=2"], Numbers());
        await first.DrainAsync(Cancellation);
        Assert.Equal(["run=2"], Numbers());
        var third = Start();
        Assert.Equal(["run=1", "run=2"], Numbers());

        await second.DrainAsync(Cancellation);
        await third.DrainAsync(Cancellation);
    }

    [Fact]
    public async Task A_run_and_its_publications_are_activities_of_who_started_it()
    {
        var (ended, transport) = (new ConcurrentQueue<Activity>(), new ScriptedTransport());
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "StreamLearn",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var starter = new Activity("the program's").Start();

        PipelineRun Start(string name, int fails) => Pipeline.Define(name, p => p.Numbers(3)
            .Block("fail", Script.Throws(batch => Blocks.Number(batch) == fails, "two"))
            .Publish(transport, "numbers", NumberCodec.Default)).Start();

        var run = Start("traced", -1);
        Assert.Same(starter, Activity.Current);
        await run.EndAsync();
        await Start("test", 2).FailAsync("fail");

        var own = Assert.Single(ended, a => a.OperationName == "run traced");
        Assert.Equal((starter.SpanId, ActivityStatusCode.Unset), (own.ParentSpanId, own.Status));
        Assert.Equal(Enumerable.Repeat(("publish numbers", ActivityKind.Producer), 3),
            ended.Where(a => a.ParentSpanId == own.SpanId).Select(a => (a.OperationName, a.Kind)));
        var failed = Assert.Single(ended, a => a.OperationName == "run test" && a.ParentSpanId == starter.SpanId);
        Assert.Equal(ActivityStatusCode.Error, failed.Status);
        Assert.Contains(failed.Events, e => e.Name == "exception");
    }

    [Fact]
    public void A_tally_counts_from_many_threads()
    {
        var tally = new Tally();
        Parallel.For(0, 8, t =>
        {
            for (var i = 0; i < 1000; i++) { tally.Add($"name {(t + i) % 5}", 1); }
        });
        Assert.Equal(8000, tally.Counts().Values.Sum());
        Assert.Equal(1600, tally["name 3"]);
        Assert.Equal(0, tally["absent"]);
        tally.Set("gauge", -1.5);
        Assert.Equal(-1.5, tally.Values()["gauge"]);
    }

    private static void Observe(ConcurrentDictionary<string, double> seen)
    {
        using var listener = new MeterListener();
        listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == "StreamLearn") { listener.EnableMeasurementEvents(instrument); }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => seen[Key(instrument, tags)] = value);
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => seen[Key(instrument, tags)] = value);
        listener.Start();
        listener.RecordObservableInstruments();
    }

    private static string Key(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        $"{instrument.Name} "
            + string.Join(' ', tags.ToArray().OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => $"{t.Key}={t.Value}"));
}
