namespace StreamLearn.Tests;

/// <summary>What a transport tells of its connections, in a pipeline: as data, as what steers, and at the end of a run.</summary>
public sealed class ConnectionsTests
{
    private static readonly ConnectionChange Back = new() { Transport = "scripted", Session = "s", IsConnected = true };
    private static readonly ConnectionChange Lost = Back with { IsConnected = false, Reason = "gone" };

    [Fact]
    public async Task A_transport_without_connections_tells_nothing_and_ends_when_nobody_listens_any_more()
    {
        await using ITransport transport = new InProcessTransport();
        using var end = new CancellationTokenSource();
        await using var changes = transport.ConnectionsAsync(end.Token).GetAsyncEnumerator(CancellationToken.None);
        var next = changes.MoveNextAsync().AsTask();
        Assert.False(next.IsCompleted);
        await end.CancelAsync();
        Assert.False(await next.WaitAsync(Blocks.Patience, Cancellation));
    }

    [Fact]
    public async Task Changes_are_data_and_those_told_before_a_drain_are_processed()
    {
        var (transport, seen, some) = (new ScriptedTransport(), new List<ConnectionChange>(), new TaskCompletionSource());
        var run = Blocks.Start(p => p.Connections(transport).ForEach("see", c =>
        {
            seen.Add(c);
            if (seen.Count == 2) { some.SetResult(); }
        }));
        transport.Tell(Lost);
        transport.Tell(Back);
        await some.Task.WaitAsync(Blocks.Patience, Cancellation);

        await run.DrainAsync(Cancellation).WaitAsync(Blocks.Patience, Cancellation);

        await run.EndAsync();
        Assert.Equal([Lost, Back], seen);
        Assert.Equal(2, run.Metrics["connections scripted"].ItemsOut);
    }

    [Fact]
    public async Task Changes_steer_a_block_ahead_of_its_data()
    {
        var (transport, seen) = (new ScriptedTransport(), new List<int>());
        var run = Blocks.Start(p => p.Numbers(20).WhileConnected().ControlledBy(p.Connections(transport)).Collect(seen));
        transport.Tell(Lost);
        transport.Tell(Back with { Session = "other" });
        await run.EndAsync();
        Assert.Equal(Enumerable.Range(0, 20), seen);
    }

    [Theory, InlineData("apart"), InlineData("merged"), InlineData("steering"), InlineData("in process")]
    public async Task A_run_ends_with_its_sources_though_connections_are_still_told(string kind)
    {
        var (transport, seen) = (new ScriptedTransport(), new List<int>());
        transport.Tell(Back);

        await Blocks.RunAsync(p =>
        {
            var numbers = p.Numbers(50);
            switch (kind)
            {
                case "merged":
                    p.Connections(transport).Via("count", "", static (string _, OperatorContext context, IOutput<Batch> output) =>
                        new Counting(context, output)).Merge(numbers).Collect(seen);
                    break;
                case "steering":
                    numbers.WhileConnected().ControlledBy(p.Connections(transport)).Collect(seen);
                    break;
                default:
                    p.Connections(kind == "apart" ? transport : new InProcessTransport()).Discard();
                    numbers.Collect(seen);
                    break;
            }
        });
        Assert.Equal(Enumerable.Range(0, 50), seen.Where(n => n >= 0));
    }

    [Fact]
    public async Task Connections_are_told_until_the_last_other_block_has_ended()
    {
        var (transport, gate, seen) = (new ScriptedTransport(), new Gate(), new TaskCompletionSource());
        var run = Blocks.Start(p =>
        {
            p.Connections(transport).ForEach("see", _ => seen.SetResult());
            p.Numbers(1).ForEach("slow", _ => gate.Pass());
        });
        await gate.Reached;
        await Eventually.TrueAsync(() => run.Metrics["numbers"].ItemsOut == 1);

        transport.Tell(Lost);

        await seen.Task.WaitAsync(Blocks.Patience, Cancellation);
        gate.Open();
        await run.EndAsync();
    }

    [Fact]
    public async Task A_pipeline_of_nothing_else_goes_on_until_it_is_drained()
    {
        var (transport, seen) = (new ScriptedTransport(), new SemaphoreSlim(0));
        var run = Blocks.Start(p => p.Connections(transport).ForEach("see", _ => seen.Release()));
        for (var i = 0; i < 3; i++)
        {
            transport.Tell(i % 2 == 0 ? Lost : Back);
            Assert.True(await seen.WaitAsync(Blocks.Patience, Cancellation));
        }
        Assert.False(run.Completion.IsCompleted);
        await run.DrainAsync(Cancellation).WaitAsync(Blocks.Patience, Cancellation);
        await run.EndAsync();
    }

    [Fact]
    public async Task A_canceled_run_and_one_that_fails_do_not_wait_for_connections()
    {
        var transport = new ScriptedTransport();
        using var end = new CancellationTokenSource();
        var canceled = Blocks.Start(p => p.Connections(transport).Discard(), cancellationToken: end.Token);
        await end.CancelAsync();
        Assert.IsAssignableFrom<OperationCanceledException>(await canceled.SettleAsync());
        var failing = Blocks.Start(p => p.Connections(transport).ForEach("throw", _ => throw new InvalidOperationException("told")));
        transport.Tell(Lost);
        await failing.FailAsync("throw");
    }

    [Fact]
    public void The_newest_change_of_a_session_replaces_its_own_and_no_others()
    {
        IReplaceable lost = Lost, back = Back, other = Back with { Session = "t" }, elsewhere = Back with { Transport = "u" };
        Assert.Equal(lost.ReplacementKey, back.ReplacementKey);
        Assert.Equal(3, new[] { back, other, elsewhere }.Select(c => c.ReplacementKey).Distinct().Count());
    }

    [Fact]
    public void The_block_prints_its_transport_and_promises_nothing()
    {
        var pipeline = Pipeline.Define("test", p => p.Connections(new InProcessTransport("air")).Discard());
        Assert.Equal(NodeKind.Connections, pipeline.Nodes[0].Kind);
        Assert.Contains("connections air", pipeline.ToMermaid(), StringComparison.Ordinal);
        Assert.Contains(
            "connections air: → ConnectionChange; delivery: nothing to acknowledge", pipeline.Explain(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_change_is_seven_words_of_a_recording_and_comes_back_from_them()
    {
        foreach (var change in new[]
        {
            Lost with { Reason = "no answer\nin time: 50 %", Subscription = "" },
            Back with { SessionKept = true, Connects = 12_345_678_901 },
            Back with { Subscription = "a/+ b" },
        })
        {
            var words = ConnectionText.Of(change).Split(' ');
            Assert.Equal(ConnectionText.Words, words.Length);
            Assert.True(ConnectionText.TryRead(words, out var read));
            Assert.Equal(change, read);
            Assert.DoesNotContain('\n', ConnectionText.Of(change));
        }
        Assert.False(ConnectionText.TryRead(["gone", "t", "s", "publishing", "", "1", ""], out _));
        Assert.False(ConnectionText.TryRead(["lost", "t", "s", "publishing", "", "-1", ""], out _));
        Assert.False(ConnectionText.TryRead(["lost", "t", "s", "publishing", "", ""], out _));
    }
}

/// <summary>Says −1, −2 … for changes.</summary>
internal sealed class Counting(OperatorContext context, IOutput<Batch> output) : Operator<ConnectionChange>
{
    private int _count;
    public override void Process(ConnectionChange input) => output.Emit(Blocks.Number(context.Pool, --_count));
}

/// <summary>Passes on while there is a connection; it waits for the first.</summary>
internal sealed class WhileConnected(IOutput<Batch> output) : Operator<Batch>, IControlledBy<ConnectionChange>
{
    private bool _isConnected;
    public override bool Ready => _isConnected;
    public override void Process(Batch input) => output.Emit(input);
    public void Control(ConnectionChange message) => _isConnected = message.IsConnected;
}

internal static class ConnectionsExtensions
{
    internal static Flow<Batch> WhileConnected(this Flow<Batch> flow) => flow.Via(
        "while-connected", "", static (string _, OperatorContext _, IOutput<Batch> output) => new WhileConnected(output));
}
