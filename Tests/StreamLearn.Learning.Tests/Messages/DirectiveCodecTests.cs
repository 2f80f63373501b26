namespace StreamLearn.Learning.Tests;

/// <summary>What is asked of devices as bytes, in versions and in states.</summary>
public sealed class DirectiveCodecTests
{
    private static readonly Directive Whole = new()
    {
        Device = "pump-ü",
        StepsPerUpdate = 1,
        BatchRows = 2,
        LearningRate = 0.5f,
        Proximal = 0,
        RoundTime = TimeSpan.FromTicks(7),
        Pace = TrainPace.Free,
        Estimates = false,
        Best = new(3, 4),
        GradientValues = 5,
        LocalSteps = true,
        Pause = TimeSpan.FromSeconds(6),
    };

    [Fact]
    public void Every_field_comes_back_and_one_that_is_absent_stays_so()
    {
        Assert.Equal(Whole, Same(LearningCodecs.Directives, Whole));
        Assert.Equal(Directive.Unchanged, Same(LearningCodecs.Directives, Directive.Unchanged));
        Assert.Equal(Whole with { Estimates = true, Best = null },
            Same(LearningCodecs.Directives, Whole with { Estimates = true, Best = null }));
        Assert.Equal("0000" + "0000", Convert.ToHexString(Encoded(LearningCodecs.Directives, Directive.Unchanged)));
    }

    [Fact]
    public void What_is_cut_longer_unknown_or_contradictory_is_refused_and_nothing_throws()
    {
        var bytes = Encoded(LearningCodecs.Directives, Whole);
        for (var length = 0; length < bytes.Length; length++) { Assert.False(Decodes(LearningCodecs.Directives, bytes[..length])); }
        Assert.False(Decodes(LearningCodecs.Directives, [.. bytes, 0]));
        Assert.False(Decodes(LearningCodecs.Directives, [0, 0x80, 0, 0]));          // a field that nobody knows
        Assert.False(Decodes(LearningCodecs.Directives, [0x80, 1, 0, 0]));          // estimates, and none
        for (var at = 0; at < bytes.Length; at++)
        {
            for (var value = 0; value < 256; value++)
            {
                var other = bytes.ToArray();
                other[at] = (byte)value;
                Decodes(LearningCodecs.Directives, other);
            }
        }
    }
}
