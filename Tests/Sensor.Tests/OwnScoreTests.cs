using StreamLearn.Learning;

namespace Sensor.Tests;

/// <summary>What a sensor says of how well it answers.</summary>
public sealed class OwnScoreTests
{
    [Theory]
    [InlineData(40, 0, "none of the 40 labelled windows is of class 'b' or 'c', so the accuracy says nothing about them: a window takes 8 ")]
    [InlineData(39, 1, "none of the 40 labelled windows is of class 'c', so the accuracy says nothing about it: a window takes 8 ")]
    [InlineData(39, 0, null)]       // too few to tell
    public void Classes_of_which_no_window_has_come_are_named(int ofA, int ofB, string? expected)
    {
        var score = new OwnScore();
        score.Add(Of([ofA, 0, 0, 0, 0, 0, 0, 0, 0]));
        if (ofB > 0) { score.Add(Of([0, 0, 0, ofB, 0, 0, 0, 0, 0])); }

        var said = score.TextOfAbsent(["a", "b", "c"], samples: 8);

        if (expected is null) { Assert.Null(said); }
        else { Assert.StartsWith(expected, said, StringComparison.Ordinal); }
    }

    [Fact]
    public void Nothing_is_said_where_each_class_has_come_or_there_are_no_names()
    {
        var score = new OwnScore();
        score.Add(Of([20, 0, 20, 0]));

        Assert.Null(score.TextOfAbsent(["a", "b"], samples: 8));
        Assert.Null(score.TextOfAbsent([], samples: 8));
    }

    private static Evaluation Of(long[] confusion) => new()
    {
        Device = "d", ModelVersion = 1, Rows = confusion.Sum(), Correct = confusion[0], Loss = 1, Confusion = [.. confusion],
    };
}
