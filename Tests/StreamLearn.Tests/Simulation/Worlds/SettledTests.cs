namespace StreamLearn.Simulation.Tests;

/// <summary>A device whose rows have ended may still await answers over its link.</summary>
public sealed class SettledTests
{
    [Fact]
    public void Complete_is_put_off_until_the_answers_have_come()
    {
        using var world = new VirtualWorld(new() { GuardMemory = true });
        var (questions, answers, seen) = (world.Transport("questions"), world.Transport("answers"), new List<Seen>());
        world.Add(Pipeline.Define("edge", p => p.Subscribe(questions, "q", NumCodec.Plain)
            .Map<Num, Steer>("answer", (item, _) => new Steer(item.Value, $"{(char)('a' + item.Value)}"))
            .Publish(answers, "a", SteerCodec.Plain)));

        var device = world.Add(Pipeline.Define("device", p =>
        {
            var asked = p.Count(3, Ms(10)).Via("asks", 3, static (int count, OperatorContext context, IOutput<Num> output) =>
                new Asking(count, output)).ControlledBy(p.Subscribe(answers, "a", SteerCodec.Plain));
            asked.Publish(questions, "q", NumCodec.Plain);
            asked.Watch("watch", seen);
        }), link: new() { Delay = Ms(100) });
        world.RunToEnd(Cancellation);

        Assert.Null(device.Failure);
        Assert.Equal([(Ms(0), 0L), (Ms(10), 1), (Ms(20), 2), (Ms(220), 103)], seen.Select(s => (s.At, s.Value)));
    }

    [Fact]
    public void After_its_end_a_block_gets_control_messages_until_it_is_settled()
    {
        using var world = new VirtualWorld(new() { GuardMemory = true });
        var (questions, answers, seen) = (world.Transport("questions"), world.Transport("answers"), new List<Seen>());
        world.Add(Pipeline.Define("edge", p => p.Subscribe(questions, "q", NumCodec.Plain)
            .Map<Num, Steer>("answer", (item, _) => new Steer(item.Value, "a")).Publish(answers, "a", SteerCodec.Plain)));
        var device = world.Add(Pipeline.Define("device", p => Leave(p, null, p.Subscribe(answers, "a", SteerCodec.Plain), seen)
            .Publish(questions, "q", NumCodec.Plain)), link: new() { Delay = Ms(100) });
        world.RunToEnd(Cancellation);
        Assert.Null(device.Failure);
        Assert.Equal([(Ms(0), 0L), (Ms(10), 1), (Ms(10), 100), (Ms(210), 200)], seen.Select(s => (s.At, s.Value)));
    }

    [Fact]
    public void After_its_end_a_block_is_woken_and_may_give_the_answers_up()
    {
        using var world = new VirtualWorld(new() { GuardMemory = true });
        var (answers, seen) = (world.Transport("answers"), new List<Seen>());
        var device = world.Add(Pipeline.Define("device", p =>
            Leave(p, Ms(50), p.Subscribe(answers, "a", SteerCodec.Plain), seen).Discard()));
        world.RunToEnd(Cancellation);
        Assert.Null(device.Failure);
        Assert.Equal(Ms(60), device.EndedAt);
        Assert.Equal([(Ms(10), 100L), (Ms(60), 300)], seen.Skip(2).Select(s => (s.At, s.Value)));
    }

    [Theory, InlineData(50, 1, 1, 60, 300), InlineData(null, 2, 70, 70, 100)]
    public void A_block_that_waits_after_its_end_gets_a_pending_wake_up_and_ends_with_its_control_input(
        int? patience, int steering, int period, int ended, long last)
    {
        using var world = new VirtualWorld(new() { GuardMemory = true });
        var seen = new List<Seen>();
        var device = world.Add(Pipeline.Define("device", p => Leave(p, patience is { } ms ? Ms(ms) : null,
            p.Count(steering, Ms(period), "steering").Map<Num, Steer>("steer", (_, _) => null), seen).Discard()));
        world.RunToEnd(Cancellation);
        Assert.Null(device.Failure);
        Assert.Equal((Ms(ended), last), (device.EndedAt, seen[^1].Value));
    }

    [Fact]
    public void A_drain_ends_a_block_that_waits_after_its_end()
    {
        using var world = new VirtualWorld(new() { GuardMemory = true });
        var (answers, seen) = (world.Transport("answers"), new List<Seen>());
        var device = world.Add(Pipeline.Define("device", p => Leave(p, null, p.Subscribe(answers, "a", SteerCodec.Plain), seen).Discard()));
        world.RunFor(TimeSpan.FromHours(1), Cancellation);
        Assert.Null(device.EndedAt);
        world.Drain(Cancellation);
        Assert.Equal(TimeSpan.FromHours(1), device.EndedAt);
    }

    [Fact]
    public void Each_message_leaves_by_the_one_of_three_outputs_that_it_was_given_to()
    {
        using var world = new VirtualWorld(new() { GuardMemory = true });
        List<Seen>[] seen = [[], [], []];
        world.Add(Pipeline.Define("device", p =>
        {
            var (a, b, c) = p.Count(9, Ms(1)).Via("part", "", static (string _, OperatorContext _, IOutput<Num> a, IOutput<Num> b,
                IOutput<Num> c) => new PartingInThree([a, b, c]));
            a.Watch("a", seen[0]);
            b.Watch("b", seen[1]);
            c.Watch("c", seen[2]);
        }));
        world.RunToEnd(Cancellation);

        Assert.Equal([[0L, 3, 6], [1, 4, 7], [2, 5, 8]], seen.Select(s => s.Select(n => n.Value).ToArray()));
    }

    private static Flow<Num> Leave(PipelineBuilder p, TimeSpan? patience, Flow<Steer> answers, List<Seen> seen)
    {
        var leaves = p.Count(2, Ms(10)).Via("leaves", patience ?? TimeSpan.Zero,
            static (TimeSpan patience, OperatorContext context, IOutput<Num> output) => new Leaving(patience, context, output))
            .ControlledBy(answers);
        leaves.Watch("watch", seen);
        return leaves;
    }

    /// <summary>Asks at its end; says when the answer comes, or when it is tired of waiting.</summary>
    private sealed class Leaving(TimeSpan patience, OperatorContext context, IOutput<Num> output) : Operator<Num>, IControlledBy<Steer>
    {
        private bool _waits;
        public override bool AwaitingReplies => _waits;
        public override void Process(Num input) => output.Emit(input);

        public void Control(Steer message)
        {
            if (message.Value != 100) { return; }
            _waits = false;
            output.Emit(new(200));
        }

        public override void WakeUp()
        {
            _waits = false;
            output.Emit(new(300));
        }

        public override void Complete()
        {
            _waits = true;
            output.Emit(new(100));
            if (patience > TimeSpan.Zero) { context.WakeAt(context.Now + patience); }
        }
    }

    private sealed class PartingInThree(IOutput<Num>[] outputs) : Operator<Num>
    {
        public override void Process(Num input) => outputs[input.Value % 3].Emit(input);
    }

    /// <summary>Asks as it is told, and at the end says how many answers it got.</summary>
    private sealed class Asking(int count, IOutput<Num> output) : Operator<Num>, IControlledBy<Steer>
    {
        private int _answers;
        public override bool AwaitingReplies => _answers != count;
        public override void Process(Num input) => output.Emit(input);
        public void Control(Steer message) => _answers++;
        public override void Complete() => output.Emit(new(100 + _answers));
    }
}
