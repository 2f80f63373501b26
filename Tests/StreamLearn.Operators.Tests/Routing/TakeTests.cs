using StreamLearn.Simulation;

namespace StreamLearn.Operators.Tests;

public sealed class TakeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory, InlineData(1), InlineData(3)]
    public void It_passes_on_so_many_messages_and_is_closed_then(int count)
    {
        using var probe = OperatorProbe.Of<string, string>(f => f.Take(count));
        for (var i = 1; i <= count; i++)
        {
            Assert.True(probe.Ready);
            probe.Send($"{i}");
        }
        Assert.False(probe.Ready);
        Assert.Equal(Enumerable.Range(1, count).Select(i => $"{i}"), probe.TakeAll<string>());
        Assert.Null(probe.WakeAt);
    }

    [Fact]
    public void It_takes_at_least_one_and_says_how_many()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => OperatorProbe.Of<string, string>(f => f.Take(0)));
        using var probe = OperatorProbe.Of<string, string>(f => f.Take(7, "first"));
        Assert.Contains("first<br/>7", probe.Pipeline.ToMermaid(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_subscription_ends_when_what_was_wanted_of_it_is_taken()
    {
        var (transport, seen) = (new ScriptedTransport(), new List<string>());
        await using var run = Pipeline.Define("test", p => p.Subscribe(transport, "in", TextCodec.Default).Take(2).ForEach("see", seen.Add))
            .Start(new() { GuardMemory = true }, TestContext.Current.CancellationToken);
        for (var i = 1; i <= 5; i++) { transport.Deliver("in", $"{i}"); }
        await run.Completion.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal(["1", "2"], seen);
        Assert.Empty(transport.Violations);
        Assert.All(transport.Fates.Take(2), f => Assert.Equal(new(1, 0, 1), f));
        Assert.All(transport.Fates, f => Assert.Equal(f.Released, f.Acknowledged + f.Refused));
    }

    [Fact]
    public void In_a_simulation_the_subscription_ends_too_and_not_that_of_others()
    {
        using var world = new VirtualWorld();
        var (air, taken, all) = (world.Transport("air"), new List<string>(), new List<string>());
        var first = world.Add(Pipeline.Define("first", p => p.Subscribe(air, "x", TextCodec.Default).Take().ForEach("see", taken.Add)));
        var both = world.Add(Pipeline.Define("both", p =>
        {
            var texts = p.Subscribe(air, "x", TextCodec.Default);
            texts.Take().ForEach("see", taken.Add);
            texts.ForEach("all", all.Add);
        }));
        world.Add(Pipeline.Define("speaker", p => p
            .From("texts", 3, static (int count, OperatorContext context) => new Texts(count, context))
            .Publish(air, "x", TextCodec.Default)));

        world.RunFor(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        Assert.Equal(["0", "0"], taken);
        Assert.Equal(["0", "1", "2"], all);
        Assert.Equal(TimeSpan.Zero, first.EndedAt);
        Assert.Null(both.Failure);
    }

    private sealed class Texts(int count, OperatorContext context) : Source<string>
    {
        private readonly DateTimeOffset _start = context.Now;
        private int _made;
        public override DateTimeOffset? NextAt => _made < count ? _start + TimeSpan.FromSeconds(_made) : null;
        public override string Next() => $"{_made++}";
    }
}
