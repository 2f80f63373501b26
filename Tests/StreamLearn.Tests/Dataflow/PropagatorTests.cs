using System.Threading.Tasks.Dataflow;

namespace StreamLearn.Tests;

/// <summary>Pipelines in TPL Dataflow code, and TPL Dataflow blocks in pipelines.</summary>
public sealed class PropagatorTests
{
    private static readonly DataflowLinkOptions Completing = new() { PropagateCompletion = true };
    private static readonly ExecutionDataflowBlockOptions Bounded = new() { BoundedCapacity = 2 };

    [Fact]
    public async Task A_pipeline_is_a_block_in_a_chain_and_completion_passes_through_it()
    {
        var seen = new List<string>();
        var block = Define().AsPropagator<string, string>();
        var first = new TransformBlock<int, string>(i => $"{i}", Bounded);
        var last = new ActionBlock<string>(seen.Add, Bounded);
        first.LinkTo(block, Completing);
        block.LinkTo(last, Completing);
        for (var i = 0; i < 500; i++) { Assert.True(await first.SendAsync(i, Cancellation)); }
        first.Complete();
        await last.Completion.WaitAsync(Blocks.Patience, Cancellation);
        Assert.Equal(Enumerable.Range(0, 500).Select(i => $"<{i}>"), seen);
    }

    [Fact]
    public async Task A_failed_run_faults_the_block_and_what_is_linked_to_it()
    {
        var block = Define().AsPropagator<string, string>();
        var last = new ActionBlock<string>(_ => { }, Bounded);
        block.LinkTo(last, Completing);
        for (var i = 0; i < 100; i++)
        {
            if (!await block.SendAsync(i == 7 ? "bad" : $"{i}", Cancellation)) { break; }
        }
        var failure = await Assert.ThrowsAsync<BlockFailedException>(() => block.Completion.WaitAsync(Blocks.Patience));
        Assert.Equal(("chain", "mark", 8L), (failure.Pipeline, failure.Block, failure.Item));
        await Assert.ThrowsAnyAsync<Exception>(() => last.Completion.WaitAsync(Blocks.Patience));
        Assert.True(last.Completion.IsFaulted);
    }

    [Fact]
    public async Task An_upstream_fault_passes_through_the_block()
    {
        var block = Define().AsPropagator<string, string>();
        var first = new TransformBlock<int, string>(i => i < 3 ? $"{i}" : throw new InvalidOperationException("upstream"), Bounded);
        var last = new ActionBlock<string>(_ => { }, Bounded);
        first.LinkTo(block, Completing);
        block.LinkTo(last, Completing);
        for (var i = 0; i < 4; i++) { await first.SendAsync(i, Cancellation); }
        await Record.ExceptionAsync(() => last.Completion.WaitAsync(Blocks.Patience));
        Assert.True(last.Completion.IsFaulted);
        Assert.Contains("upstream", last.Completion.Exception!.Flatten().InnerExceptions.Select(e => e.Message));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Canceling_cancels_the_block_whether_or_not_somebody_takes_its_messages(bool linked)
    {
        using var stop = new CancellationTokenSource();
        var block = Define().AsPropagator<string, string>(cancellationToken: stop.Token);
        if (linked) { block.LinkTo(new ActionBlock<string>(_ => { }, Bounded), Completing); }
        for (var i = 0; i < 3; i++) { await block.SendAsync($"{i}", Cancellation); }
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => block.Completion.WaitAsync(Blocks.Patience));
        Assert.True(block.Completion.IsCanceled);
        Assert.False(await block.SendAsync("late", Cancellation).WaitAsync(Blocks.Patience, Cancellation));
    }

    [Fact]
    public void A_pipeline_of_another_shape_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Define().AsPropagator<string, Note>());
        Assert.Throws<ArgumentException>(() => Pipeline.Define("no-input", p => p.Numbers(1).Output("out")).AsPropagator<string, Batch>());
    }

    [Fact]
    public async Task A_foreign_block_takes_part_with_one_set_of_counters()
    {
        var seen = new List<int>();
        var run = await Blocks.RunAsync(
            p => p.Numbers(300).Through("foreign", static () => new TransformBlock<Batch, Batch>(b => b, Bounded)).Collect(seen));
        Assert.Equal(Enumerable.Range(0, 300), seen);
        Assert.Equal((300, 300), (run.Metrics["foreign"].ItemsIn, run.Metrics["foreign"].ItemsOut));
        Assert.Single(run.Metrics.Blocks, b => b.Block == "foreign");
    }

    [Fact]
    public async Task Draining_lets_a_foreign_block_give_out_what_it_holds()
    {
        var seen = new List<int>();
        var run = Blocks.Start(
            p => p.Numbers(int.MaxValue).Through("foreign", static () => new TransformManyBlock<Batch[], Batch>(b => b, Bounded) is var many
            ? DataflowBlock.Encapsulate(Linked(new BatchBlock<Batch>(10, new() { BoundedCapacity = 10 }), many), many)
            : null!).Buffer(1).Collect(seen));
        await Eventually.TrueAsync(() => run.Metrics["collect"].ItemsIn > 30);

        await run.DrainAsync(Cancellation).WaitAsync(Blocks.Patience);

        await run.EndAsync();
        Assert.Equal(Enumerable.Range(0, (int)run.Metrics["numbers"].ItemsOut), seen);

        static BatchBlock<Batch> Linked(BatchBlock<Batch> batches, ITargetBlock<Batch[]> target)
        {
            batches.LinkTo(target, Completing);
            return batches;
        }
    }

    [Fact]
    public async Task A_foreign_block_that_faults_or_stops_taking_fails_the_run_with_a_plain_cause()
    {
        var faulted = await Blocks.Start(p => p.FromSequence("words", Words).Through("foreign", static () =>
        {
            var first = new TransformBlock<string, string>(s => s == "5" ? throw new InvalidOperationException("five") : s, Bounded);
            var second = new TransformBlock<string, string>(s => s, Bounded);
            first.LinkTo(second, Completing);
            return DataflowBlock.Encapsulate(first, second);
        }).Discard()).FailAsync("foreign");
        Assert.Equal("five", faulted.InnerException!.Message);

        await Blocks.Start(p => p.FromSequence("words", Words).Through("foreign", static () =>
        {
            var block = new TransformBlock<string, string>(s => s, Bounded);
            block.Complete();
            return block;
        }).Discard()).FailAsync("foreign");

        static async IAsyncEnumerable<string> Words(
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            for (var i = 0; !cancellationToken.IsCancellationRequested; i++)
            {
                await Task.Yield();
                yield return $"{i}";
            }
        }
    }

    [Fact]
    public async Task Canceling_a_run_that_waits_for_a_foreign_block_ends_it()
    {
        var run = Blocks.Start(
            p => p.FromSequence("words", Forever).Through("stuck", static () => new TransformBlock<string, string>(async s =>
        {
            await new TaskCompletionSource().Task;
            return s;
        }, Bounded)).Discard());
        await Eventually.TrueAsync(() => run.Metrics["stuck"].ItemsIn >= 2);

        await run.DisposeAsync().AsTask().WaitAsync(Blocks.Patience);

        Assert.True(run.Completion.IsCanceled);

        static async IAsyncEnumerable<string> Forever(
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                await Task.Yield();
                yield return "x";
            }
        }
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_foreign_block_that_takes_nothing_more_as_the_run_is_canceled_does_not_fail_it(bool ends)
    {
        using var stop = new CancellationTokenSource();
        var run = Blocks.Start(
            p => p.Input<string>("in").Through("ends", () => new EndsInOffer(stop, ends)).Discard(), cancellationToken: stop.Token);
        await run.SendAsync("in", "x");
        var failure = await Record.ExceptionAsync(() => run.Completion.WaitAsync(Blocks.Patience));
        Assert.IsAssignableFrom<OperationCanceledException>(failure);
    }

    private static Pipeline Define() => Pipeline.Define("chain", p => p.Input<string>("in").Buffer(2)
        .Via("mark", 0, static (int _, OperatorContext _, IOutput<string> output) => new Mark(output)).Buffer(2).Output("out"));

    private sealed class Mark(IOutput<string> output) : Operator<string>
    {
        public override void Process(string input) =>
            output.Emit(input == "bad" ? throw new InvalidOperationException("bad word") : $"<{input}>");
    }

    /// <summary>Cancels the run as it is offered a message, and declines it for good; it then ends, or never does.</summary>
    private sealed class EndsInOffer(CancellationTokenSource stop, bool ends) : IPropagatorBlock<string, string>
    {
        private readonly IPropagatorBlock<string, string> _inner = new BufferBlock<string>();
        public Task Completion { get; } = ends ? Task.CompletedTask : new TaskCompletionSource().Task;

        public DataflowMessageStatus OfferMessage(
            DataflowMessageHeader messageHeader, string messageValue, ISourceBlock<string>? source, bool consumeToAccept)
        {
            stop.Cancel();
            _inner.Complete();
            return DataflowMessageStatus.DecliningPermanently;
        }

        public void Complete() => _inner.Complete();
        public void Fault(Exception exception) => _inner.Fault(exception);
        public IDisposable LinkTo(ITargetBlock<string> target, DataflowLinkOptions linkOptions) => _inner.LinkTo(target, linkOptions);

        public string? ConsumeMessage(DataflowMessageHeader messageHeader, ITargetBlock<string> target, out bool messageConsumed) =>
            _inner.ConsumeMessage(messageHeader, target, out messageConsumed);

        public bool ReserveMessage(DataflowMessageHeader messageHeader, ITargetBlock<string> target) =>
            _inner.ReserveMessage(messageHeader, target);

        public void ReleaseReservation(DataflowMessageHeader messageHeader, ITargetBlock<string> target) =>
            _inner.ReleaseReservation(messageHeader, target);
    }
}
