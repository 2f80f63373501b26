namespace StreamLearn.Testing.Tests;

public sealed class OperatorContractTests
{
    private static readonly Schema Rows = Batches.Channels(1);

    [Fact]
    public void An_operator_that_passes_everything_on_keeps_it() => Check((batch, output) => output.Emit(batch));

    [Fact]
    public void A_batch_that_is_forgotten_is_a_leak() =>
        Assert.Contains("batches still rented: 2", Broken((_, _) => { }), StringComparison.Ordinal);

    [Fact]
    public void A_batch_that_is_given_away_twice_is_found()
    {
        var message = Broken((batch, output) =>
        {
            batch.Dispose();
            output.Emit(batch);
        });
        Assert.StartsWith("block 'acting', call 1: ", message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_outputs_than_declared_are_found()
    {
        var message = Broken((batch, output) =>
        {
            output.Emit(batch.Retain());
            output.Emit(batch);
        });
        Assert.Contains("MaxOutputsPerCall", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Outputs_that_differ_between_runs_are_found()
    {
        var calls = 0;
        var message = Broken((batch, output) =>
        {
            var own = batch.ToWritable();
            own["c0"].Writable<float>()[0] = calls++;
            output.Emit(own);
        });
        Assert.Equal(
            "block 'acting' emits other messages for the same calls: message 1, alone | with another branch: "
                + "column 'c0', row 0: 0x0 | 0x40000000",
            message);
    }

    [Fact]
    public void Writing_what_another_block_has_too_is_found()
    {
        var message = Broken((batch, output) =>
        {
            batch["c0"].Writable<float>()[0] = 7;
            output.Emit(batch);
        });
        Assert.Contains("the batch is shared with another owner: call ToWritable() before writing", message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_held_when_a_run_ends_in_the_middle_has_to_be_given_back()
    {
        var thrown = Assert.Throws<OperatorContractException>(() => OperatorContract.Check(
            () => OperatorProbe.Of<Batch, Batch>(f => f.Via("holding", new HoldingOptions()), Rows),
            pool => [Batches.OfChannels(pool, [1]), Batches.OfChannels(pool, [2])]));
        Assert.Contains("'holding' ended with batches still rented: 1", thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "every-nth' gives other results after a restart: block 'every-nth' emits other messages")]
    [InlineData(true, "2 messages in one go, 0 restarted after each call. Save the state that it keeps across calls (IStateful)")]
    public void State_that_is_not_saved_is_found(bool byScript, string expected)
    {
        var thrown = Assert.Throws<OperatorContractException>(() => CheckCounting(Keeping.Nothing, byScript));
        Assert.Contains(expected, thrown.Message, StringComparison.Ordinal);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void State_that_is_saved_or_declared_keeps_the_contract(bool byScript)
    {
        CheckCounting(Keeping.Saved, byScript);
        CheckCounting(Keeping.Declared, byScript);
    }

    [Fact]
    public void State_that_is_not_saved_is_found_inside_PerKey_and_where_a_test_expects_it()
    {
        var rows = new Schema(new Field("device", ColumnType.Int32, Unit.One), Field.Channel("c0", Unit.One));
        OperatorProbe Keyed(Keeping keeping) =>
            OperatorProbe.Of<Batch, Batch>(f => f.PerKey("device", inner => Counting(inner, keeping)), rows);
        void Check(Keeping keeping) => OperatorContract.Check(() => Keyed(keeping), pool =>
            [.. Enumerable.Range(0, 4).Select(_ => Batches.Of(pool, rows, new[] { 1, 2 }, new[] { 0f, 0f }))]);

        Assert.Throws<OperatorContractException>(() => Check(Keeping.Nothing));
        Check(Keeping.Saved);
        Check(Keeping.Declared);
        var expecting = Assert.Throws<OperatorContractException>(() => OperatorContract.CheckScript(
            () => OperatorProbe.Of<Batch, Batch>(f => Counting(f, Keeping.Nothing), Rows), probe =>
            {
                SendOne(probe);
                probe.ExpectNothing();
                SendOne(probe);
                probe.Expect<Batch>();
            }));
        Assert.Contains("gives other results after a restart: expected a Batch on port 0", expecting.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_block_that_draws_random_numbers_keeps_the_contract() => OperatorContract.Check(
        () => OperatorProbe.Of<Batch, Batch>(f => f.Via("drawing", new object(),
            static (object _, OperatorContext context, IOutput<Batch> output) => new Drawing(context, output)), Rows),
        pool => [Batches.OfChannels(pool, [1]), Batches.OfChannels(pool, [2]), Batches.OfChannels(pool, [3])]);

    [Fact]
    public void A_block_that_stays_closed_asks_for_a_script()
    {
        OperatorProbe Make() => OperatorProbe.Of<Batch, Batch>(f => f.Via("closing", new ClosingOptions()), Rows);
        var thrown = Assert.Throws<OperatorContractException>(() => OperatorContract.Check(
            Make, pool => [Batches.OfChannels(pool, [1]), Batches.OfChannels(pool, [2])]));
        Assert.Contains("no wake-up opens it", thrown.Message, StringComparison.Ordinal);
        OperatorContract.CheckScript(Make, probe =>
        {
            probe.Send(Batches.OfChannels(probe.Pool, [1]));
            Assert.False(probe.Ready);
            Assert.Equal(1, probe.Expect<Batch>().Rows);
        });
    }

    [Fact]
    public void A_batch_that_a_closed_block_refuses_is_disposed_so_that_the_refusal_is_seen()
    {
        var probe = OperatorProbe.Of<Batch, Batch>(f => f.Via("closing", new ClosingOptions()), Rows);
        probe.Send(Batches.OfChannels(probe.Pool, [1]));
        var thrown = Assert.Throws<InvalidOperationException>(() => probe.Send(Batches.OfChannels(probe.Pool, [2])));
        Assert.Contains("closed to data", thrown.Message, StringComparison.Ordinal);
        probe.Dispose();
    }

    [Fact]
    public void Messages_that_are_not_batches_are_compared_by_value_or_as_told()
    {
        OperatorProbe Make() => OperatorProbe.Of<Batch, int[]>(
            f => f.Via("sizes", new object(), static (object _, OperatorContext _, IOutput<int[]> output) => new Sizes(output)), Rows);
        static IEnumerable<object> Messages(BatchPool pool) => [Batches.OfChannels(pool, [1])];
        var thrown = Assert.Throws<OperatorContractException>(() => OperatorContract.Check(Make, Messages));
        Assert.Contains("System.Int32[] | System.Int32[]", thrown.Message, StringComparison.Ordinal);
        OperatorContract.Check(Make, Messages, same: (a, b) => ((int[])a).SequenceEqual((int[])b));
        Assert.Throws<ArgumentException>(() => OperatorContract.Check(Make, _ => []));
    }

    [Fact]
    public void An_expectation_that_fails_says_what_is_there()
    {
        using var probe = Probe((batch, output) => output.Emit(batch));
        probe.Send(Batches.OfChannels(probe.Pool, [1]));
        var type = Assert.Throws<OperatorContractException>(() => probe.Expect<Silent>());
        var port = Assert.Throws<OperatorContractException>(() => probe.Expect<Batch>(port: 1));
        var nothing = Assert.Throws<OperatorContractException>(probe.ExpectNothing);
        Assert.Equal("expected a Silent on port 0, got Batch; port 0 has Batch; block 'acting' asks for no wake-up", type.Message);
        Assert.StartsWith("expected a Batch on port 1, got nothing; ", port.Message, StringComparison.Ordinal);
        Assert.StartsWith("expected no output; port 0 has Batch", nothing.Message, StringComparison.Ordinal);
        Assert.Equal(1, probe.Expect<Batch>().Rows);
        probe.ExpectNothing();
    }

    [Fact]
    public void A_periodic_timer_rings_each_time_it_is_due()
    {
        var clock = new ManualTimeProvider();
        var rings = new List<DateTimeOffset>();
        using var timer = clock.CreateTimer(_ => rings.Add(clock.GetUtcNow()), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal([1, 3, 5], rings.Select(r => (r - OperatorProbe.Start).TotalSeconds));
    }

    private static OperatorProbe Probe(Action<Batch, IOutput<Batch>> act) =>
        OperatorProbe.Of<Batch, Batch>(f => f.Via("acting", new ActingOptions(act)), Rows);

    private static void Check(Action<Batch, IOutput<Batch>> act) => OperatorContract.Check(
        () => Probe(act), pool => [Batches.OfChannels(pool, [1, 2]), Batches.OfChannels(pool, [3])]);

    private static string Broken(Action<Batch, IOutput<Batch>> act) => Assert.Throws<OperatorContractException>(() => Check(act)).Message;

    private sealed record ActingOptions(Action<Batch, IOutput<Batch>> Act) : IOperatorOptions<Batch, Batch, Acting>
    {
        public Acting Create(OperatorContext context, IOutput<Batch> output) => new(Act, output);
    }

    private sealed class Acting(Action<Batch, IOutput<Batch>> act, IOutput<Batch> output) : Operator<Batch>
    {
        public override void Process(Batch input) => act(input, output);
    }

    private static Flow<Batch> Counting(Flow<Batch> flow, Keeping keeping) => flow.Via("every-nth", new CountingOptions(keeping),
        static (CountingOptions options, OperatorContext _, IOutput<Batch> output) =>
            options.Keeping == Keeping.Saved ? new SavedEverySecond(output) : new EverySecond(output));

    private static void CheckCounting(Keeping keeping, bool byScript)
    {
        OperatorProbe Make() => OperatorProbe.Of<Batch, Batch>(f => Counting(f, keeping), Rows);
        if (!byScript)
        {
            OperatorContract.Check(Make, pool => [.. Enumerable.Range(0, 4).Select(i => Batches.OfChannels(pool, [i]))]);
            return;
        }
        OperatorContract.CheckScript(Make, probe =>
        {
            for (var i = 0; i < 4; i++) { SendOne(probe); }
        });
    }

    private static void SendOne(OperatorProbe probe) => probe.Send(Batches.OfChannels(probe.Pool, [1]));
    private enum Keeping { Nothing, Saved, Declared }

    private sealed record CountingOptions(Keeping Keeping) : IBlockOptions
    {
        public string? State => Keeping == Keeping.Declared ? "a count" : null;
    }

    /// <summary>Passes on the second of two.</summary>
    private class EverySecond(IOutput<Batch> output) : Operator<Batch>
    {
        protected int Count { get; set; }

        public override void Process(Batch input)
        {
            Count = (Count + 1) % 2;
            if (Count == 0) { output.Emit(input); }
            else { input.Dispose(); }
        }
    }

    private sealed class SavedEverySecond(IOutput<Batch> output) : EverySecond(output), IStateful
    {
        public string StateFormat => "counting/1";
        public void State(ref StateStream s) => Count = s.Value(Count, 0, 1);
    }

    /// <summary>Draws as it is made, and in each call.</summary>
    private sealed class Drawing(OperatorContext context, IOutput<Batch> output) : Operator<Batch>
    {
        private readonly double _first = context.Random.NextDouble();

        public override void Process(Batch input)
        {
            var own = input.ToWritable();
            own["c0"].Writable<float>()[0] = (float)(_first + context.Random.NextDouble());
            output.Emit(own);
        }
    }

    private sealed record HoldingOptions : IOperatorOptions<Batch, Batch, Holding>
    {
        public Holding Create(OperatorContext context, IOutput<Batch> output) => new(output);
    }

    /// <summary>Gives the last batch at the end, and forgets it where the end does not come.</summary>
    private sealed class Holding(IOutput<Batch> output) : Operator<Batch>
    {
        private Batch? _held;

        public override void Process(Batch input)
        {
            _held?.Dispose();
            _held = input;
        }

        public override void Complete() => output.Emit(_held!);
    }

    private sealed record ClosingOptions : IOperatorOptions<Batch, Batch, Closing>, IBlockOptions
    {
        public string State => "whether it is closed";
        public Closing Create(OperatorContext context, IOutput<Batch> output) => new(output);
    }

    private sealed class Closing(IOutput<Batch> output) : Operator<Batch>
    {
        private bool _closed;
        public override bool Ready => !_closed;

        public override void Process(Batch input)
        {
            _closed = true;
            output.Emit(input);
        }
    }

    private sealed class Sizes(IOutput<int[]> output) : Operator<Batch>
    {
        public override void Process(Batch input)
        {
            output.Emit([input.Rows]);
            input.Dispose();
        }
    }
}
