using StreamLearn.Tables;

namespace Tool.Tests;

public sealed class TrialLineTests
{
    [Fact]
    public void A_line_of_a_trial_says_how_far_all_are()
    {
        var (clock, lines, done) = (new Clock(), new List<string>(), 0);
        var line = Fitting.LineOf("rocket, trial 5 of 5", clock, lines.Add, () => (done, 20));

        for (var epoch = 1; epoch <= 2; epoch++)
        {
            clock.Seconds += 6;
            line.Report(new(epoch, 30, 0.5, null, epoch));
            done = 7;
        }

        Assert.Equal(["  fitting  rocket, trial 5 of 5: epoch 1 of 30: loss 0.5000   (0 of 20 trials done, side by side)",
            "  fitting  rocket, trial 5 of 5: epoch 2 of 30: loss 0.5000   (7 of 20 trials done, side by side)"], lines);
    }

    private sealed class Clock : TimeProvider
    {
        internal long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }
}
