using System.Globalization;

namespace StreamLearn.Operators.Tests;

/// <summary>An answer that is kept until a better one comes, or no longer than a deadline.</summary>
public sealed class BetterWithinTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(1);

    [Fact]
    public void A_better_answer_in_time_is_given_and_without_one_the_kept_one_at_the_deadline()
    {
        using var probe = Probe();
        probe.Send("1 local");
        probe.Advance(TimeSpan.FromSeconds(0.5));
        probe.Send("2 local");
        probe.Control("2 server");
        Assert.Equal("2 server", probe.Expect<string>());
        probe.ExpectNothing();
        probe.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Equal("1 local", probe.Expect<string>());
        probe.Control("1 server");
        probe.ExpectNothing();
        Assert.Equal(1, probe.Metrics.Drops["late"]);
        Assert.Equal((1, 1), (probe.Metrics.Counter("better"), probe.Metrics.Counter("kept")));
    }

    [Fact]
    public void Whatever_comes_each_message_is_answered_once()
    {
        using var probe = Probe(capacity: 2);
        foreach (var message in new[] { "1 local", "1 again", "2 local", "3 local" }) { probe.Send(message); }
        Assert.Equal("1 local", probe.Expect<string>());        // no more than two wait
        Assert.Equal(1, probe.Metrics.Drops["duplicate"]);
        probe.Complete();
        Assert.Equal(["2 local", "3 local"], probe.TakeAll<string>());
    }

    private static OperatorProbe Probe(int capacity = 8) => OperatorProbe.From<string>((p, local) =>
        local.BetterWithin(p.Input<string>("server"), Deadline, static m => long.Parse(m[..1], CultureInfo.InvariantCulture),
            TextCodec.Default, capacity).Output("main"));
}
