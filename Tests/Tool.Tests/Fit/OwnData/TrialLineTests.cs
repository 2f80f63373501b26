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

    /// <summary>Of devices whose classes are far apart, so that no later model can be better.</summary>
    [Fact]
    public void What_may_be_tried_is_said_before_and_what_was_after()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllLines(folder.File("rows.csv"), ["time_ms,device,x,y,label", .. Enumerable.Range(0, 6000).Select(static r =>
            $"{r % 1000 * 20},d{r / 1000},{(r / 200 % 2 * 90) + (r % 7)}.5,{r % 5}.5,{"ab"[r / 200 % 2]}")]);
        TableFitOptions options = new() { EachRow = true };
        var lines = new List<string>();

        Fitting.Run(Fitting.Read(new TableOptions { Label = "label", EachRow = true }.Of(folder.File("rows.csv")), options), options,
            lines.Add, TestContext.Current.CancellationToken);

        Assert.Equal(["  tries    linear, features on 5 devices held out in turn; up to 5 trials in steps, each of up to 10 minutes",
            "  tried    linear; 0 trials in steps"], lines.Where(static l => l.StartsWith("  tri", StringComparison.Ordinal)));
    }

    private sealed class Clock : TimeProvider
    {
        internal long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }
}
