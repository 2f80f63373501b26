namespace StreamLearn.Simulation.Tests;

/// <summary>A device whose time never moves on stops, and the world goes on.</summary>
public sealed class StandstillTests
{
    [Fact]
    public void A_source_whose_time_stands_still_stops_its_device_and_not_the_world() => Stops(
        "same", p => p.From("same", 0, static (int _, OperatorContext context) => new Still(context.Now)));

    [Fact]
    public void A_block_that_asks_to_be_woken_at_once_for_ever_stops_its_device_and_not_the_world() => Stops("awake", p => p.Count(1, Ms(1))
        .Via("awake", 0, static (int _, OperatorContext context, IOutput<Num> output) => new Awake(context, output)));

    private static void Stops(string block, Func<PipelineBuilder, Flow<Num>> build)
    {
        using var world = new VirtualWorld();
        List<Seen> seen = [];
        var still = world.Add(Pipeline.Define("still", p => build(p).Discard()));
        world.Add(Pipeline.Define("other", p => p.Count(3, Ms(1)).Watch("watch", seen)));
        world.RunFor(Ms(100), Cancellation);
        Assert.Equal(3, seen.Count);
        Assert.Equal(block, still.Failure!.Block);
        Assert.Contains("at one moment of virtual time", still.Failure.Message, StringComparison.Ordinal);
    }

    private sealed class Still(DateTimeOffset at) : Source<Num>
    {
        public override DateTimeOffset? NextAt => at;
        public override Num Next() => new(1);
    }

    private sealed class Awake : Operator<Num>
    {
        private readonly OperatorContext _context;
        private readonly IOutput<Num> _output;

        internal Awake(OperatorContext context, IOutput<Num> output)
        {
            (_context, _output) = (context, output);
            context.WakeAt(context.Now);
        }

        public override void Process(Num input) => _output.Emit(input);
        public override void WakeUp() => _context.WakeAt(_context.Now);
    }
}
