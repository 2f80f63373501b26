namespace StreamLearn.Tests;

/// <summary>What a source declares is what it sends: blocks are checked against it before the run.</summary>
public sealed class DeclaredSchemaTests
{
    private static readonly Schema Declared = new(Field.Channel("x", Unit.StandardGravity));
    private static readonly Schema Sent = new(Field.Channel("z", Unit.One));
    private const string Refusal = "expected the declared columns x float32 [gn], got z float32 [1]";

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_source_or_sequence_that_sends_other_columns_fails_the_run(bool isSequence)
    {
        var pool = new BatchPool();
        Source<Batch> Source(OperatorContext context)
        {
            pool = context.Pool;
            return new One(context, Sent);
        }

        var failure = await Assert.ThrowsAsync<BlockFailedException>(() => RunAsync(p => (isSequence
            ? p.FromSequence("rows", _ => Rows(pool), Declared)
            : p.From("rows", 1, (int _, OperatorContext context) => Source(context), Declared)).Discard()));
        Assert.Equal(("rows", Refusal), (failure.Block, failure.InnerException!.Message));
        Assert.Equal(0, pool.RentedBatches);
    }

    [Fact]
    public async Task An_input_refuses_other_columns_and_goes_on()
    {
        var seen = new List<int>();
        var pipeline = Pipeline.Define("p", p => p.Input<Batch>("rows", Declared).ForEach("seen", b => seen.Add(b.Rows)));
        await using var run = pipeline.Start(new() { GuardMemory = true }, Cancellation);
        var refusal = await Assert.ThrowsAsync<SchemaException>(async () =>
            await run.SendAsync("rows", run.Pool.Rent(Sent, 1), Cancellation));
        await run.SendAsync("rows", run.Pool.Rent(new([.. Declared.Fields]), 2), Cancellation);
        await run.DrainAsync(Cancellation);
        Assert.Equal(Refusal, refusal.Message);
        Assert.Equal([2], seen);
        Assert.Equal(0, run.Pool.RentedBatches);
    }

    [Fact]
    public async Task An_input_refuses_a_batch_of_more_rows_than_declared_and_a_source_that_sends_one_fails_the_run()
    {
        var seen = new List<int>();
        await using var run = Pipeline.Define("p", p => p.Input<Batch>("rows", maxRows: 2).ForEach("seen", b => seen.Add(b.Rows)))
            .Start(new() { GuardMemory = true }, Cancellation);

        var refusal = await Assert.ThrowsAsync<SchemaException>(async () =>
            await run.SendAsync("rows", run.Pool.Rent(Declared, 3), Cancellation));
        await run.SendAsync("rows", run.Pool.Rent(Declared, 2), Cancellation);
        await run.DrainAsync(Cancellation);

        Assert.Equal("expected at most the declared 2 rows in a batch of 'rows', got 3", refusal.Message);
        Assert.Equal([2], seen);
        Assert.Equal(0, run.Pool.RentedBatches);
        var pool = new BatchPool();
        var failure = await Assert.ThrowsAsync<BlockFailedException>(() => RunAsync(p =>
            p.FromSequence("many", _ => Rows(pool), maxRows: 0).Discard()));
        Assert.StartsWith("expected at most the declared 0 rows", failure.InnerException!.Message, StringComparison.Ordinal);
        Assert.Equal(0, pool.RentedBatches);
    }

    [Theory]
    [InlineData(false, false, "emitted columns z float32 [1], its options declare x float32 [gn] (IBlockOptions.Output)")]
    [InlineData(true, false, null)]
    [InlineData(true, true, "emitted a batch of 3 rows, more than the 2 that its options declare (IBlockOptions.MaxRows)")]
    public async Task A_block_that_emits_other_columns_or_more_rows_than_it_declares_fails_the_run(
        bool declares, bool isLarge, string? expected)
    {
        var failure = await Record.ExceptionAsync(() => RunAsync(p =>
        {
            var rows = p.From("rows", 1, (int _, OperatorContext context) => new One(context, Declared), Declared);
            var other = declares ? (object)new Other(2) : new Script();
            rows.Via("other", other, (object _, OperatorContext context, IOutput<Batch> output) =>
                new Scripted(new()
                {
                    Process = (call, batch) =>
                    {
                        batch.Dispose();
                        call.Main.Emit(call.Context.Pool.Rent(Sent, isLarge ? 3 : 2));
                    },
                }, context, output, null)).Discard();
        }));
        Assert.Equal(expected, failure?.InnerException!.Message);
    }

    [Fact]
    public void What_the_options_throw_as_columns_are_looked_at_is_a_problem_of_the_definition()
    {
        var failure = Assert.Throws<PipelineDefinitionException>(() => Pipeline.Define("p", p => p.Input<Batch>("rows", Declared)
            .Via("other", new Other(Twice: true), (Other _, OperatorContext context, IOutput<Batch> output) =>
                new Scripted(new(), context, output, null)).Discard()));
        Assert.Contains("block 'other': two columns are named 'x'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public Task A_subscription_knows_the_columns_of_its_codec_and_drops_batches_without_rows() => SubscribedAsync(
        static (p, transport) => p.Subscribe(transport, "rows", new FirstByte()), [1, 2], "empty");

    [Fact]
    public Task A_subscription_drops_other_columns_and_goes_on() => SubscribedAsync(
        static (p, transport) => p.Subscribe<Batch>(transport, "rows", "first-byte", static (Received m, BatchPool pool) =>
            pool.Rent(m.Payload.FirstSpan[0] == 0 ? Sent : Declared, m.Payload.FirstSpan[0] + 1), schema: Declared), [2, 3], "schema");

    private static async Task SubscribedAsync(Func<PipelineBuilder, ITransport, Flow<Batch>> subscribe, int[] expected, string dropped)
    {
        var (transport, seen) = (new InProcessTransport(), new List<int>());
        var pipeline = Pipeline.Define("p", p => subscribe(p, transport).ForEach("seen", b => seen.Add(b.Rows)));
        Assert.Equal(Declared, pipeline.Nodes[0].Schema);
        await using var run = pipeline.Start(new() { GuardMemory = true }, Cancellation);
        foreach (var rows in new byte[] { 0, 1, 2 }) { await transport.PublishAsync("rows", new([rows]), default, CancellationToken.None); }
        await run.DrainAsync(Cancellation);
        Assert.Equal(expected, seen);
        Assert.Equal(1, run.Metrics["subscribe rows"].Drops[dropped]);
        Assert.Equal(0, run.Pool.RentedBatches);
    }

    private static async Task RunAsync(Action<PipelineBuilder> define)
    {
        await using var run = Pipeline.Define("p", define).Start(new() { GuardMemory = true }, Cancellation);
        await run.Completion;
    }

    private static async IAsyncEnumerable<Batch> Rows(BatchPool pool)
    {
        await Task.CompletedTask;
        yield return pool.Rent(Sent, 1);
    }

    private sealed record Other(int Rows = 1, bool Twice = false) : IBlockOptions
    {
        public int? MaxRows(int? input) => Rows;
        public Schema Output(Schema input) => Twice ? new([.. input.Fields, .. input.Fields]) : Sent;
    }

    private sealed class FirstByte : ICodec<Batch>
    {
        public string Name => "first-byte/1";
        public Schema Schema => Declared;
        public void Encode(Batch value, IBufferWriter<byte> buffer) => buffer.Write([(byte)value.Rows]);

        public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, out Batch value)
        {
            value = pool.Rent(Declared, bytes.FirstSpan[0]);
            return true;
        }
    }

    private sealed class One(OperatorContext context, Schema columns) : Source<Batch>
    {
        private bool _made;
        public override DateTimeOffset? NextAt => _made ? null : context.Now;

        public override Batch Next()
        {
            _made = true;
            return context.Pool.Rent(columns, 1);
        }
    }
}
