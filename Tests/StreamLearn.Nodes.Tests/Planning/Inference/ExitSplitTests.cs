using System.Collections.Immutable;

namespace StreamLearn.Nodes.Tests;

/// <summary>A network of three layers with exits after the first and the last, by hand.</summary>
public sealed class ExitSplitTests
{
    private static readonly Objective Request = Objective.Request with { BytesPerValue = 1, BytesPerGradient = 2 };

    /// <summary>All leave at the first exit, three quarters do, or none.</summary>
    private static readonly ExitCurve Curve = new()
    {
        Measure = ExitMeasure.Entropy,
        FullAccuracy = .95,
        Points = [new([9], .7, .25, [1, 0]), new([1], .9, .5, [.75, .25]), new([-1], .95, 1, [0, 1])],
    };

    /// <summary>With a layer on the device: .1 s and .2 J to the first exit, .231 s and .505 J to the last.</summary>
    [Fact]
    public void Rows_that_leave_on_the_device_pay_no_link()
    {
        var candidates = Of().Candidates(Small.Model, Small.View, Request, "slow");
        var half = candidates[(1 * 3) + 1];
        Assert.Equal(4 * 3, candidates.Length);
        Assert.Equal((1, 1, .9), (half.Cut, half.Point, half.Accuracy));
        Assert.Equal((.75 * .1) + (.25 * .231), half.Seconds, 1e-12);
        Assert.Equal((.75 * .2) + (.25 * .505), half.Joules, 1e-12);
        Assert.Equal((.25, .25 * .03), (half.SentShare, Math.Round(half.ServerSeconds, 12)));
        Assert.Equal([9f], candidates[3].Rule.Thresholds);
        Assert.Equal((.1, 0), (candidates[3].Seconds, candidates[3].SentShare));
    }

    /// <summary>With nothing on the device, rows that leave at the server's first exit take .05 + .01 + .001 s.</summary>
    [Fact]
    public void Exits_after_the_cut_save_the_servers_time() =>
        Assert.Equal(.061, Of().Candidates(Small.Model, Small.View, Request, "slow")[0].Seconds, 1e-12);

    [Fact]
    public void Goals_count_in_their_order()
    {
        Assert.Equal((0, 2), Choice());                                                             // accuracy alone, fewest layers
        Assert.Equal((0, 0), Choice(new ExitGoal(ExitFigure.Seconds)));
        Assert.Equal((0, 1), Choice(new(ExitFigure.Accuracy, .9), new(ExitFigure.Seconds)));
        Assert.Equal((1, 0), Choice(new(ExitFigure.SentShare, 0), new(ExitFigure.Joules)));
        Assert.Equal((3, 1), Choice(new(ExitFigure.SentShare, 0), new(ExitFigure.Accuracy, .9), new(ExitFigure.Joules)));
        Assert.Equal((1, 1), Choice(new(ExitFigure.SentShare, .3), new(ExitFigure.Accuracy, .9), new(ExitFigure.Joules)));
        Assert.Equal((0, 2), Choice(new(ExitFigure.Accuracy, .99), new(ExitFigure.Seconds)));       // none is as accurate: the best is kept
        Assert.Equal((0, 1), Choice(new(ExitFigure.Accuracy, .99) { Tolerance = .06 }, new(ExitFigure.Seconds)));
        Assert.Equal((0, 2), Choice(new ExitGoal(ExitFigure.Seconds) { Tolerance = .6 }));          // .091 s within .061 · 1.6
    }

    [Fact]
    public void Over_a_link_that_carries_nothing_rows_are_answered_on_the_device()
    {
        var dead = Small.View with { Links = [.. Small.View.Links.Select(static l => l with { BitsPerSecond = 0 })] };
        var choice = Of(new(ExitFigure.Accuracy, .9), new(ExitFigure.ServerSeconds), new(ExitFigure.Joules))
            .Choose(Small.Model, dead, Request, "slow")!;
        Assert.Equal((3, 1, 0), (choice.Cut, choice.Point, choice.SentShare));
        Assert.Equal("slow: 3 layers, choice 1, accuracy 90.0 %, 175 ms, 350 mJ, 0.0 % sent", choice.ToString());
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Of().Choose(Small.Model, Small.View, Small.Objective, "slow"));
        Assert.Throws<ArgumentException>(() => (Of() with { ExitLayers = [1, 2] }).Choose(Small.Model, Small.View, Request, "slow"));
        Assert.Throws<ArgumentException>(() => (Of() with { ExitLayers = [3] }).Choose(Small.Model, Small.View, Request, "slow"));
        Assert.Throws<ArgumentException>(() => (Of() with { ExitLayers = [2, 2, 3] }).Choose(Small.Model, Small.View, Request, "slow"));
        Assert.Throws<ArgumentException>(() => Of().Choose(Small.Model, Small.View, Request, "nobody"));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ExitGoal(ExitFigure.Seconds) { Tolerance = -1 });
        var full = Small.With("slow", static n => n with { MemoryBytes = 1 });
        Assert.Null(Of().Choose(Small.Model, full, Request with { MinLayers = 1 }, "slow"));
        Assert.Equal(Of(new ExitGoal(ExitFigure.Joules)), Of(new ExitGoal(ExitFigure.Joules)));
    }

    private static (int Cut, int Point) Choice(params ImmutableArray<ExitGoal> goals)
    {
        var choice = Of([.. goals]).Choose(Small.Model, Small.View, Request, "slow")!;
        return (choice.Cut, choice.Point);
    }

    private static ExitSplit Of(params ImmutableArray<ExitGoal> goals) => new(Curve, [1, 3], goals);
}
