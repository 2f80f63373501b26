using StreamLearn.Fleets;
using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Programs.Tests;

public sealed class LedgerTextTests
{
    private const string Evil = "x 1\napplied y";

    [Fact]
    public void A_name_from_the_wire_is_one_word_of_its_line()
    {
        var update = new WeightDelta { Device = Evil, Epoch = 1, Sequence = 2, BaseVersion = 3, Samples = 4, SchemaHash = 5, Values = [1] };
        var version = new Weights { Version = 7, SchemaHash = 5, Values = [1] };
        var round = new Round
        {
            Made = version,
            Averaged = version,
            Contributions = [new(Evil, 1, 2, 3, 0, 1, 4, 1)],
            Refusals = [new(Evil, 1, 2, "norm")],
            Stragglers = [],
            StartedAt = default,
            Ended = default,
        };

        Assert.StartsWith("made x%201%0Aapplied%20y 1 2 3 4 ", LedgerText.Made(update), StringComparison.Ordinal);
        Assert.StartsWith("took pump-7 1 2 ", LedgerText.Took(update with { Device = "pump-7" }), StringComparison.Ordinal);
        Assert.Equal(["applied x%201%0Aapplied%20y 1 2 3", "refused x%201%0Aapplied%20y 1 2 norm"],
            LedgerText.Ended(round).Split('\n').Skip(1));
    }
}
