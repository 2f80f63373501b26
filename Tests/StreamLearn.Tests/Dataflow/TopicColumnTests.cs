namespace StreamLearn.Tests;

/// <summary>Levels of topics become columns; retention and properties are seen where they matter.</summary>
public sealed class TopicColumnTests
{
    private const string Filter = "plant/+/+/vibration";
    private const string Named = "plant/{site}/{pump}/vibration";

    [Fact]
    public async Task Levels_become_codes_in_order_of_appearance_and_can_be_read()
    {
        var transport = new ScriptedTransport();
        List<(int Number, int Site, int Pump, string Text)> seen = [];
        Send(transport, "plant/north/p7/vibration", "plant/south/p7/vibration", "plant/north/p2/vibration", "plant//p7/vibration");

        var run = await Blocks.RunAsync(p => p.Subscribe(transport, Named, NumberCodec.Default)
            .Block("read", Script.Passing((call, batch) =>
            {
                var (site, pump) = (batch["site"].Values<int>()[0], batch["pump"].Values<int>()[0]);
                seen.Add((Blocks.Number(batch), site, pump, call.Context.LevelText("site", site)));
                Assert.Throws<ArgumentOutOfRangeException>(() => call.Context.LevelText("site", 99));
            })).Discard());
        Assert.Equal([(0, 0, 0, "north"), (1, 1, 0, "south"), (2, 0, 1, "north"), (3, 2, 0, "")], seen);
        Assert.Equal(["north", "south", ""], run.LevelTexts("site"));
        Assert.Equal(["p7", "p2"], run.LevelTexts("pump"));
        Assert.Throws<ArgumentException>(() => run.LevelTexts("line"));
        Assert.All(transport.Fates, f => Assert.Equal(new(1, 0, 1), f));
    }

    [Fact]
    public async Task Known_texts_have_their_codes_and_a_bound_holds()
    {
        var transport = new ScriptedTransport();
        List<int> pumps = [];
        Send(transport, "plant/a/p3/vibration", "plant/b/p9/vibration", "plant/c/p1/vibration", "plant/c/p2/vibration");

        var run = await Blocks.RunAsync(p =>
        {
            p.Level(new("pump") { Known = ["p1", "p2", "p3"], MaxTexts = 3 });
            p.Subscribe(transport, Named, NumberCodec.Default).ForEach("end", b => pumps.Add(b["pump"].Values<int>()[0]));
        });
        Assert.Equal([2, 0, 1], pumps);
        Assert.Equal(1, run.Metrics[$"subscribe {Named}"].Drops["level-bound"]);
        Assert.Equal(["a", "c"], run.LevelTexts("site"));       // a message that is dropped gives no codes
        Assert.All(transport.Fates, f => Assert.Equal(new(1, 0, 1), f));
    }

    [Fact]
    public async Task A_text_that_is_too_long_counts_as_one_too_many()
    {
        var transport = new ScriptedTransport();
        Send(transport, $"plant/{new string('x', 257)}/p/vibration", $"plant/{new string('x', 256)}/p/vibration");
        var run = await Blocks.RunAsync(p => p.Subscribe(transport, Named, NumberCodec.Default).Discard());
        Assert.Equal(1, run.Metrics[$"subscribe {Named}"].Drops["level-bound"]);
        Assert.Single(run.LevelTexts("site"));
    }

    [Fact]
    public async Task Subscriptions_of_one_pipeline_agree_on_codes_and_runs_begin_anew()
    {
        var transport = new ScriptedTransport();
        var pipeline = Pipeline.Define("two", p =>
            p.Subscribe(transport, "a/{pump}", NumberCodec.Default)
                .Merge(p.Subscribe(transport, "b/{pump}", NumberCodec.Default)).Output("all"));
        var run = pipeline.Start(new() { GuardMemory = true }, Cancellation);
        transport.Deliver("a/+", "1", "a/p1");
        Assert.Equal((1, 0), await Next(run));
        transport.Deliver("b/+", "2", "b/p2");
        Assert.Equal((2, 1), await Next(run));
        transport.Deliver("b/+", "3", "b/p1");
        Assert.Equal((3, 0), await Next(run));
        await run.DisposeAsync();

        Assert.Equal(["p1", "p2"], run.LevelTexts("pump"));
        await using var again = pipeline.Start(null, Cancellation);
        Assert.Empty(again.LevelTexts("pump"));
    }

    [Fact]
    public void A_declared_schema_has_the_levels_behind_it()
    {
        var transport = new ScriptedTransport();
        var pipeline = Pipeline.Define("schema", p =>
            p.Subscribe(transport, Named, NumberCodec.Default, schema: Batches.Channels(1)).Discard());
        Assert.Equal("c0 float32 [1], site int32 [1], pump int32 [1]", pipeline.Nodes[0].Schema!.ToString());
        Assert.Throws<ArgumentException>(() => Pipeline.Define("clash", p =>
            p.Subscribe(transport, "a/{c0}", NumberCodec.Default, schema: Batches.Channels(1)).Discard()));
    }

    [Fact]
    public async Task A_column_with_a_levels_name_drops_the_message()
    {
        var transport = new ScriptedTransport();
        transport.Deliver("a/+", "1", "a/b");
        transport.End("a/+");
        var run = await Blocks.RunAsync(p => p.Subscribe(transport, "a/{c0}", NumberCodec.Default).Discard());
        Assert.Equal(1, run.Metrics["subscribe a/{c0}"].Drops["schema"]);
    }

    [Fact]
    public void Levels_are_part_of_a_pipelines_value_and_checked()
    {
        var transport = new ScriptedTransport();
        Pipeline Of(TopicLevel? level) => Pipeline.Define("levels", p =>
        {
            p.Subscribe(transport, "a/{pump}", NumberCodec.Default).Discard();
            if (level is not null) { p.Level(level); }
        });

        Assert.Equal(Of(new("pump") { Known = ["a"] }), Of(new("pump") { Known = ["a"] }));
        Assert.NotEqual(Of(new("pump") { Known = ["a"] }), Of(new("pump") { Known = ["b"] }));
        Assert.NotEqual(Of(null), Of(new("pump") { MaxTexts = 7 }));
        Assert.Contains("no subscription has a level 'line'",
            Assert.Throws<PipelineDefinitionException>(() => Of(new("line"))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Of(new("pump") { Known = ["a", "a"] }));
        Assert.Throws<ArgumentException>(() => Of(new("pump") { Known = ["a", "b"], MaxTexts = 1 }));
        Assert.Throws<ArgumentException>(() => Of(new("pump") { MaxTexts = 0 }));
        Assert.Contains("declared twice", Assert.Throws<PipelineDefinitionException>(() => Pipeline.Define("twice", p =>
        {
            p.Subscribe(transport, "a/{pump}", NumberCodec.Default).Discard();
            p.Level(new("pump") { MaxTexts = 2 });
            p.Level(new("pump") { MaxTexts = 3 });
        })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retained_messages_are_flagged_and_can_be_skipped()
    {
        var transport = new ScriptedTransport();
        List<int> taken = [], fresh = [];
        foreach (var filter in new[] { "all", "fresh" })
        {
            transport.Deliver(filter, "1", retained: true);
            transport.Deliver(filter, "2");
            transport.End(filter);
        }
        var run = await Blocks.RunAsync(p =>
        {
            p.Subscribe(transport, "all", NumberCodec.Default).Collect(taken);
            p.Subscribe(transport, "fresh", NumberCodec.Default, new() { SkipRetained = true }).Collect(fresh, "collect fresh");
        });
        Assert.Equal([1, 2], taken);
        Assert.Equal([2], fresh);
        Assert.Equal(1, run.Metrics["subscribe fresh"].Drops["retained"]);
        Assert.All(transport.Fates, f => Assert.Equal(new(1, 0, 1), f));
    }

    [Fact]
    public async Task In_process_what_was_kept_is_retained_and_what_comes_is_not()
    {
        var transport = new InProcessTransport();
        var properties = new MessageProperties { ContentType = "text/plain" };
        var options = new PublishOptions(new("test", 0), Retain: true) { Properties = properties };
        await transport.PublishAsync("kept", default, options, default);
        var messages = transport.SubscribeAsync("kept", new(), default).GetAsyncEnumerator(default);
        await transport.PublishAsync("kept", default, options, default);

        foreach (var retained in new[] { true, false })
        {
            Assert.True(await messages.MoveNextAsync());
            Assert.Equal((retained, properties), (messages.Current.IsRetained, messages.Current.Properties));
            messages.Current.Dispose();
        }
        await messages.DisposeAsync();
        await transport.DisposeAsync();
    }

    [Fact]
    public async Task A_decoder_sees_topic_properties_and_retention()
    {
        var transport = new ScriptedTransport();
        List<string> seen = [];
        var properties = new MessageProperties { User = [new("unit", "g"), new("unit", "kg")], CorrelationData = new byte[] { 7 } };
        transport.Deliver("a/#", "1", "a/b", retained: true, properties);
        transport.Deliver("a/#", "2", "a/c");
        transport.Deliver("a/#", "no", "a/d");
        transport.End("a/#");

        var run = await Blocks.RunAsync(p => p.Subscribe<Batch>(transport, "a/#", "seen/1", (message, pool) =>
        {
            seen.Add($"{message.Topic} {message.IsRetained} {message.Properties?["unit"]} {message.Properties?["none"]} "
                + message.Properties?.CorrelationData.Length);
            return NumberCodec.Default.TryDecode(message.Payload, pool, out var value) ? value : null;
        }).Discard());
        Assert.Equal(["a/b True g  1", "a/c False   ", "a/d False   "], seen);
        Assert.Equal(1, run.Metrics["subscribe a/#"].Drops["malformed"]);
    }

    [Fact]
    public async Task What_is_published_says_codec_tags_and_epoch()
    {
        var transport = new ScriptedTransport();
        await Blocks.RunAsync(p => p.Numbers(2).Publish(transport, "out", NumberCodec.Default), new() { Epoch = 5 });
        var options = transport.Options[1];
        Assert.Equal((new("test/publish out", 1, 5), "number/1"), (options.Origin, options.Codec));
        Assert.Equal(new(SchemaHash: Batches.Channels(1).Hash), options.Tags);
    }

    [Fact]
    public void A_batch_is_tagged_with_its_schema_and_the_time_of_its_last_row()
    {
        var pool = new BatchPool();
        Schema timed = new(Field.Time(), Field.Channel("x", Unit.One)), odd = new(new Field("time", ColumnType.Float32, Unit.One));
        using var batch = Batches.Of(pool, timed, new long[] { 5, 9 }, new float[] { 1, 2 });
        using var empty = pool.Rent(timed, 0);
        using var untimed = Batches.Of(pool, odd, new float[] { 1 });
        Assert.Equal(new(SchemaHash: timed.Hash, EventTime: 9), batch.Tags);
        Assert.Equal(new(SchemaHash: timed.Hash), empty.Tags);
        Assert.Equal(new(SchemaHash: odd.Hash), untimed.Tags);
    }

    private static async Task<(int Number, int Pump)> Next(PipelineRun run)
    {
        await foreach (var batch in run.ReadAllAsync<Batch>("all", Cancellation))
        {
            var next = (Blocks.Number(batch), batch["pump"].Values<int>()[0]);
            batch.Dispose();
            return next;
        }
        throw new InvalidOperationException("the run ended");
    }

    private static void Send(ScriptedTransport transport, params string[] topics)
    {
        for (var i = 0; i < topics.Length; i++) { transport.Deliver(Filter, $"{i}", topics[i]); }
        transport.End(Filter);
    }
}
