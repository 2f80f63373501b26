namespace StreamLearn.Simulation.Tests;

/// <summary>A block that always has something to do for itself still takes what comes, and ends when that ends.</summary>
public sealed class EndlessWakeUpTests
{
    [Fact]
    public void Waiting_messages_go_before_the_next_wake_up_and_the_end_before_both()
    {
        using var world = new VirtualWorld();
        List<Seen> seen = [];
        var device = world.Add(
            Pipeline.Define("device", p => p.Count(40, Ms(1)).Via("busy", 0, static (int _, OperatorContext context, IOutput<Num> output) =>
                new Busy(context, output)).Watch("watch", seen)),
            new() { MultiplyAddsPerSecond = 1e6 });

        world.RunToEnd(Cancellation);

        Assert.Equal(40, seen.Count);
        // one a hundred milliseconds, 16 messages between two of them
        Assert.InRange(device.Metrics["busy"].Counter("woken"), 3, 5);
        Assert.True(device.EndedAt < Ms(600));
    }

    /// <summary>Works a tenth of a second at every wake-up, and asks for the next at once.</summary>
    private sealed class Busy : Operator<Num>
    {
        private readonly OperatorContext _context;
        private readonly IOutput<Num> _output;

        internal Busy(OperatorContext context, IOutput<Num> output)
        {
            (_context, _output) = (context, output);
            context.WakeAt(context.Now);
        }

        public override void Process(Num input) => _output.Emit(input);

        public override void WakeUp()
        {
            _context.Record("woken");
            _context.Charge(100_000);
            _context.WakeAt(_context.Now);
        }
    }
}
