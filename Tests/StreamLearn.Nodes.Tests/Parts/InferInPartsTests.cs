namespace StreamLearn.Nodes.Tests;

/// <summary>A block in parts: answers of one node, whatever becomes of the workers.</summary>
public sealed class InferInPartsTests
{
    [Theory, InlineData(0), InlineData(2.5)]
    public void Inputs_get_the_bits_of_one_node_in_order_though_results_come_in_another(double ownRate)
    {
        using var fleet = new PartFleet(With(PartFleet.Block with { OwnRate = ownRate }));
        for (var i = 0; i < 3; i++) { fleet.Feed(i); }
        var tasks = fleet.Tasks();
        fleet.Head.Advance(TimeSpan.Zero);
        Assert.False(fleet.Head.Ready);
        Assert.Equal(6, tasks.Count);
        foreach (var task in tasks.Reverse()) { fleet.Head.Control(fleet.Result(task)); }
        for (var i = 0; i < 3; i++) { Assert.Equal(fleet.Whole(i), fleet.Answer()); }
        fleet.Head.ExpectNothing();
        Assert.True(fleet.Head.Ready);
        Assert.Equal((6, ownRate > 0 ? 3 : 0), (fleet.Head.Metrics.Counter("parts-answered"), fleet.Head.Metrics.Counter("parts-here")));
    }

    /// <summary>8 lines by rates of 3 and 1.</summary>
    [Fact]
    public void Lines_are_dealt_by_rate_with_the_halo_that_each_needs()
    {
        using var fleet = new PartFleet();
        fleet.Feed(0);
        var tasks = fleet.Tasks();
        Assert.Equal([("left", new IndexRange(0, 6)), ("right", new(6, 8))], tasks.Select(static t => (t.Worker, t.Lines)));
        Assert.Equal([2 * 15 * 5, 2 * 7 * 5], tasks.Select(static t => t.Values.Length));       // lines 0 to 14, and 9 to 15
        Assert.All(tasks, static t => Assert.Equal((5L, 1L, 1, 7, 1), (t.Epoch, t.Sequence, t.First, t.End, t.Rows)));
    }

    [Fact]
    public void Lines_of_a_lost_worker_go_to_the_other_and_its_late_result_counts_for_nothing()
    {
        using var fleet = new PartFleet();
        fleet.Feed(0);
        fleet.Feed(1);
        var tasks = fleet.Tasks();
        foreach (var task in tasks.Where(static t => t.Worker == "right")) { fleet.Head.Control(fleet.Result(task)); }
        fleet.Head.ExpectNothing();

        fleet.Head.Advance(PartFleet.Options.Deadline);
        var moved = fleet.Tasks();
        fleet.Head.Control(fleet.Result(tasks[0]));

        Assert.Equal([("right", 1L, new IndexRange(0, 6)), ("right", 2, new(0, 6))],
            moved.Select(static t => (t.Worker, t.Sequence, t.Lines)));
        Assert.Equal(1, fleet.Head.Metrics.Drops["late"]);
        foreach (var task in moved) { fleet.Head.Control(fleet.Result(task)); }
        Assert.Equal([fleet.Whole(0), fleet.Whole(1)], [fleet.Answer(), fleet.Answer()]);
        fleet.Head.Control(fleet.Result(tasks[2]));
        Assert.Equal((2, 1, 2),
            (fleet.Head.Metrics.Drops["late"], fleet.Head.Metrics.Counter("workers-lost"), fleet.Head.Metrics.Counter("parts-moved")));

        fleet.Feed(2);
        Assert.Equal(["right"], fleet.Tasks().Select(static t => t.Worker));
        fleet.Head.Advance(PartFleet.Options.RetryAfter - PartFleet.Options.Deadline - TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public void A_lost_worker_is_tried_again_after_some_time_and_at_once_when_it_says_hello()
    {
        using var fleet = new PartFleet();
        fleet.Feed(0);
        fleet.Head.Advance(PartFleet.Options.Deadline);
        fleet.Head.Advance(PartFleet.Options.Deadline);       // nobody answers: all is computed here
        fleet.Tasks();
        Assert.Equal(fleet.Whole(0), fleet.Answer());

        fleet.Feed(1);
        Assert.Empty(fleet.Tasks());
        fleet.Head.Advance(TimeSpan.Zero);
        Assert.Equal(fleet.Whole(1), fleet.Answer());

        fleet.Head.Control(Says("right", PresenceKind.Hello));
        fleet.Feed(2);
        Assert.Equal(["right"], Served(fleet));

        fleet.Head.Advance(PartFleet.Options.RetryAfter);
        fleet.Feed(3);
        Assert.Equal(["left", "right"], Served(fleet));

        fleet.Head.Control(Says("left", PresenceKind.Leave));
        fleet.Head.Advance(10 * PartFleet.Options.RetryAfter);
        fleet.Feed(4);
        Assert.Equal(["right"], Served(fleet));
        Assert.Equal([fleet.Whole(2), fleet.Whole(3), fleet.Whole(4)], [fleet.Answer(), fleet.Answer(), fleet.Answer()]);
    }

    [Fact]
    public void A_worker_that_leaves_hands_its_lines_over_at_once()
    {
        using var fleet = new PartFleet();
        fleet.Feed(0);
        fleet.Tasks();
        fleet.Head.Control(Says("left", PresenceKind.Leave));
        Assert.Equal(("right", new IndexRange(0, 6)), fleet.Tasks().Select(static t => (t.Worker, t.Lines)).Single());
    }

    [Fact]
    public void A_result_that_comes_twice_counts_once()
    {
        using var fleet = new PartFleet();
        fleet.Feed(0);
        var tasks = fleet.Tasks();
        foreach (var task in tasks.Concat(tasks)) { fleet.Head.Control(fleet.Result(task)); }
        Assert.Equal(fleet.Whole(0), fleet.Answer());
        fleet.Head.ExpectNothing();
        Assert.Equal(2, fleet.Head.Metrics.Drops["duplicate"]);
    }

    [Fact]
    public void A_worker_with_another_version_refuses_with_the_reason_and_the_other_computes()
    {
        using var fleet = new PartFleet();
        var version = PartFleet.Version(1);
        fleet.Head.Control(version);
        fleet.Workers[1].Control(version);
        fleet.Feed(0);
        var results = fleet.Tasks().Select(fleet.Result).ToList();
        Assert.Equal(["version", null], results.Select(static r => r.Refusal));
        Assert.Equal(1, fleet.Workers[0].Metrics.Drops["version"]);
        foreach (var result in results) { fleet.Head.Control(result); }
        fleet.Head.Control(fleet.Result(fleet.Tasks().Single()));
        Assert.Equal(fleet.Whole(0, version), fleet.Answer());
        Assert.Equal(1, fleet.Head.Metrics.Counter("parts-refused"));
    }

    /// <summary>The second input has the new version, and its workers too; lines of the first one are refused then, and computed here by
    /// the version that it came with.</summary>
    [Fact]
    public void An_input_is_answered_by_the_version_that_was_there_when_it_came()
    {
        using var fleet = new PartFleet();
        fleet.Feed(0);
        var first = fleet.Tasks();
        var version = PartFleet.Version(2);
        foreach (var probe in fleet.Workers.Append(fleet.Head)) { probe.Control(version); }
        fleet.Feed(1);
        foreach (var task in first) { fleet.Head.Control(fleet.Result(task)); }
        Assert.Equal(fleet.Whole(0), fleet.Answer());
        Assert.Equal(["left", "right"], Served(fleet));         // nobody is lost
        Assert.Equal(fleet.Whole(1, version), fleet.Answer());
    }

    [Fact]
    public void What_is_wrong_is_dropped_with_its_reason_and_the_input_still_answered()
    {
        using var fleet = new PartFleet();
        fleet.Feed(0);
        var results = fleet.Tasks().Select(fleet.Result).ToList();
        var right = results[0];
        PartResult[] wrong =
        [
            right with { Device = "other" }, right with { Worker = "nobody" }, right with { SchemaHash = 1 }, right with { Epoch = 4 },
            right with { Sequence = 2 }, right with { Sequence = 0 }, right with { Version = new(0, 9) }, right with { Rows = 2 },
            right with { Values = [.. right.Values, 0] }, right with { Lines = new(0, 5) },
        ];
        foreach (var result in wrong.Concat(results)) { fleet.Head.Control(result); }
        Assert.Equal(fleet.Whole(0), fleet.Answer());
        Assert.Equal("duplicate 1, epoch 1, other-device 1, other-worker 1, schema 1, shape 2, unknown 2, version 1",
            string.Join(", ", fleet.Head.Metrics.Drops.OrderBy(static d => d.Key, StringComparer.Ordinal)
                .Select(static d => $"{d.Key} {d.Value}")));
    }

    [Fact]
    public void A_worker_says_why_it_refuses_a_task()
    {
        using var fleet = new PartFleet();
        fleet.Feed(0);
        var task = fleet.Tasks()[0];

        Assert.Equal("schema", fleet.Result(task with { SchemaHash = 1 }).Refusal);
        Assert.Equal("version", fleet.Result(task with { Version = new(1, 0) }).Refusal);
        foreach (var (first, end) in new[] { (-1, 7), (1, 1), (7, 1), (1, 8), (9, 10), (0, int.MaxValue), (int.MinValue, 1) })
        {
            Assert.Equal("layers", fleet.Result(task with { First = first, End = end }).Refusal);
        }

        foreach (var lines in new IndexRange[] { new(-1, 6), new(6, 6), new(0, 9), new(int.MinValue, int.MaxValue) })
        {
            Assert.Equal("lines", fleet.Result(task with { Lines = lines }).Refusal);
        }

        Assert.Equal("shape", fleet.Result(task with { Rows = 0 }).Refusal);
        Assert.Equal("shape", fleet.Result(task with { Rows = 5, Values = [.. Enumerable.Repeat(0f, 5 * task.Values.Length)] }).Refusal);
        Assert.Equal("shape", fleet.Result(task with { Values = task.Values.RemoveAt(0) }).Refusal);
        fleet.Workers[0].Send(task with { Worker = "right" });
        fleet.Workers[0].ExpectNothing();
    }

    [Fact]
    public void At_the_end_of_the_stream_what_nobody_answered_is_computed_here()
    {
        using var fleet = new PartFleet();
        fleet.Feed(0);
        fleet.Feed(1);
        fleet.Tasks();
        Assert.True(fleet.Head.AwaitingReplies);
        fleet.Head.Complete();
        Assert.Equal([fleet.Whole(0), fleet.Whole(1)], [fleet.Answer(), fleet.Answer()]);
        Assert.False(fleet.Head.AwaitingReplies);
    }

    [Fact]
    public void Rows_without_a_number_for_an_answer_are_dropped_and_the_others_keep_their_times()
    {
        using var fleet = new PartFleet();
        var images = PartFleet.Images(fleet.Head, 1);
        images["a"].Writable<float>()[..80].Fill(3e38f);
        var large = PartFleet.Version(1) with { Values = [.. PartFleet.Network.Initial.Values.Select(static v => 100 * v)] };
        foreach (var probe in fleet.Workers.Append(fleet.Head)) { probe.Control(large); }
        fleet.Head.Send(images);
        foreach (var task in fleet.Tasks()) { fleet.Head.Control(fleet.Result(task)); }
        using var answers = fleet.Head.Expect<Batch>();
        Assert.Equal([1000L + 159], answers["time"].Values<long>().ToArray());
        Assert.Equal(80, fleet.Head.Metrics.RowsDropped["non-finite"]);
    }

    [Fact]
    public void Lines_that_a_worker_gives_and_that_are_no_numbers_are_computed_by_the_head()
    {
        using var fleet = new PartFleet();
        fleet.Feed(0);
        foreach (var task in fleet.Tasks())
        {
            var result = fleet.Result(task);
            fleet.Head.Control(task.Worker == "left" ? result with { Values = [.. result.Values.Select(static _ => float.NaN)] } : result);
        }
        Assert.Equal(fleet.Whole(0), fleet.Answer());
        Assert.Equal(1, fleet.Head.Metrics.Counter("parts-here"));
    }

    /// <summary>Tasks and results are lost, doubled and put off at random; workers say hello and leave.</summary>
    [Fact]
    public void Whatever_is_lost_doubled_or_late_each_input_is_answered_once_in_order_with_the_right_bits()
    {
        var (lost, late) = (0L, 0L);
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new RandomStream(seed, "faults");
            using var fleet = new PartFleet(
                With(PartFleet.Block with { OwnRate = seed % 3 }) with { RetryAfter = TimeSpan.FromMilliseconds(150) });
            var (fed, answered, held) = (0, 0, new List<PartTask>());
            while (answered < 8)
            {
                if (fed < 8 && fleet.Head.Ready && random.NextInt32(2) == 0) { fleet.Feed(fed++); }
                held.AddRange(fleet.Tasks().Where(_ => random.NextInt32(4) > 0));
                if (held.Count > 0 && random.NextInt32(3) > 0)
                {
                    var task = held[random.NextInt32(held.Count)];
                    if (random.NextInt32(5) > 0) { held.Remove(task); }
                    fleet.Head.Control(fleet.Result(task));
                }

                if (random.NextInt32(20) == 0) { fleet.Head.Control(Says(PartFleet.Names[random.NextInt32(2)], PresenceKind.Leave)); }
                if (random.NextInt32(20) == 0) { fleet.Head.Control(Says(PartFleet.Names[random.NextInt32(2)], PresenceKind.Hello)); }
                fleet.Head.Advance(TimeSpan.FromMilliseconds(random.NextInt32(40)));
                while (fleet.Head.Count() > 0) { Assert.Equal(fleet.Whole(answered++), fleet.Answer()); }
            }

            foreach (var task in held) { fleet.Head.Control(fleet.Result(task)); }
            fleet.Head.ExpectNothing();
            Assert.Equal(8, fed);
            lost += fleet.Head.Metrics.Counter("workers-lost");
            late += fleet.Head.Metrics.Drops.GetValueOrDefault("late") + fleet.Head.Metrics.Drops.GetValueOrDefault("duplicate");
        }

        Assert.True(lost > 60 && late > 60, $"{lost} lost and {late} late: the faults were too few");
    }

    [Fact]
    public void Damaged_messages_are_refused()
    {
        using var fleet = new PartFleet();
        fleet.Feed(0);
        var task = fleet.Tasks()[1] with { Values = [1, -2.5f], Rows = 1 };
        Frames.Refuses(NodesCodecs.PartTasks, task);
        Frames.Refuses(NodesCodecs.PartTasks, task with { By = PartCut.Channels });
        var refusal = fleet.Result(task);
        Assert.Equal("shape", refusal.Refusal);
        Frames.Refuses(NodesCodecs.PartResults, refusal);
        Frames.Refuses(NodesCodecs.PartResults, refusal with { Refusal = null, Values = [float.NaN] });
    }

    [Fact]
    public void Options_out_of_range_are_refused_before_anything_runs()
    {
        void Throws(InferPartsOptions options) => Assert.ThrowsAny<ArgumentException>(() => new PartFleet(options));

        Throws(With());
        Throws(With(PartFleet.Block with { End = 8 }));
        Throws(With(PartFleet.Block with { First = 7 }));
        Throws(With(PartFleet.Block with { By = PartCut.Channels }));
        Throws(With(PartFleet.Block with { By = PartCut.Channels, First = 7, End = 8 }));
        Throws(With(PartFleet.Block with { Workers = [] }));
        Throws(With(PartFleet.Block with { Workers = [("left", 1), ("left", 1)] }));
        Throws(With(PartFleet.Block, PartFleet.Block with { First = 6 }));
        var many = PartFleet.Block with { End = 3, Workers = [.. Enumerable.Range(0, 33).Select(static i => ($"{i}", 1.0))] };
        Throws(With(many, many with { First = 3, End = 7, Workers = [.. many.Workers.Select(static w => (w.Name + "b", 1.0))] }));
        Throws(PartFleet.Options with { Start = new() { Version = 0, SchemaHash = 1, Values = [0] } });
        Assert.ThrowsAny<ArgumentException>(() => PartFleet.Options with { InFlight = 17 });
        Assert.ThrowsAny<ArgumentException>(() => PartFleet.Options with { Deadline = TimeSpan.Zero });
        Assert.ThrowsAny<ArgumentException>(() => PartFleet.Block with { OwnRate = double.NaN });
        Assert.ThrowsAny<ArgumentException>(() => PartFleet.Block with { Workers = [("w", 0)] });
        Assert.Equal(PartFleet.Options, With(PartFleet.Block with { Workers = [(PartFleet.Names[0], 3), (PartFleet.Names[1], 1)] }));
    }

    private static InferPartsOptions With(params ReadOnlySpan<PartBlock> blocks) => PartFleet.Options with { Blocks = [.. blocks] };

    private static List<string> Served(PartFleet fleet)
    {
        var tasks = fleet.Tasks();
        foreach (var task in tasks) { fleet.Head.Control(fleet.Result(task)); }
        return [.. tasks.Select(static t => t.Worker)];
    }

    private static Presence Says(string worker, PresenceKind kind) => new() { Device = worker, Epoch = 1, Kind = kind };
}
