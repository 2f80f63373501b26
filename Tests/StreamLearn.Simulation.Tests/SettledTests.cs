using static StreamLearn.Simulation.Tests.Wiring;

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

        world.RunToEnd(TestContext.Current.CancellationToken);

        Assert.Null(device.Failure);
        Assert.Equal([(Ms(0), 0L), (Ms(10), 1), (Ms(20), 2), (Ms(220), 103)], seen.Select(s => (s.At, s.Value)));
    }

    /// <summary>Asks as it is told, and at the end says how many answers it got.</summary>
    private sealed class Asking(int count, IOutput<Num> output) : Operator<Num>, IControlledBy<Steer>
    {
        private int _answers;

        public override bool Settled => _answers == count;

        public override void Process(Num input) => output.Emit(input);

        public void Control(Steer message) => _answers++;

        public override void Complete() => output.Emit(new(100 + _answers));
    }
}
