namespace StreamLearn.Learning.Tests;

public sealed class ChanceTestTests
{
    private const double Level = 0.01;
    private const int Sets = 400;

    /// <summary>Answers last as long as labels do, so that they agree for long by accident; all people did the protocol in one
    /// order.</summary>
    [Theory, InlineData(1), InlineData(6), InlineData(20)]
    public void Of_sets_of_noise_5_percent_at_most_seem_to_know_something(int people) => Assert.InRange(Known(people, skill: 0), 0, 0.05);

    [Theory, InlineData(1, 0.5), InlineData(6, 0.3), InlineData(20, 0.2)]
    public void Of_sets_with_something_in_them_5_percent_at_most_seem_to_know_nothing(int people, double skill) =>
        Assert.InRange(Known(people, skill), 0.95, 1);

    [Fact]
    public void A_group_of_one_label_says_nothing()
    {
        Assert.Equal(1, ChanceTest.PValue([0, 0, 1, 1], [0, 0, 0, 0], [3, 3, 3, 3], seed: 1));
        Assert.Equal(1, ChanceTest.PValue([1, 1, 1, 1], [0, 1, 0, 1], [3, 3, 3, 3], seed: 1));
        int[] apart = [.. Enumerable.Range(0, 80).Select(static i => i / 2 / 10 % 2)];
        int[] whose = [.. Enumerable.Range(0, 80).Select(static i => i % 2)];
        Assert.InRange(ChanceTest.PValue(apart, apart, whose, seed: 1), 0, 0.05);        // groups by turns
        Assert.Throws<ArgumentException>(() => ChanceTest.PValue([0], [0, 1], [0], seed: 1));
    }

    /// <summary>Half of the rotations of states that alternate are the states themselves.</summary>
    [Theory, InlineData(1), InlineData(10)]
    public void States_that_alternate_regularly_are_not_known_by_chance(int rows)
    {
        int[] labels = [.. Enumerable.Range(0, 300).Select(i => i / rows % 2)];
        int[] one = new int[300];
        var random = new RandomStream(1, "noise");

        Assert.InRange(ChanceTest.PValue(labels, labels, one, seed: 1), 0, 0.005);
        Assert.InRange(ChanceTest.PValue([.. labels.Select(_ => random.NextInt32(2))], labels, one, seed: 1), 0.05, 1);
    }

    /// <summary>Machines that are good or worn all the time: their labels are shuffled, as none has two.</summary>
    [Fact]
    public void Groups_of_one_label_each_are_compared_with_each_other()
    {
        int[] whose = [.. Enumerable.Range(0, 200).Select(static i => i / 10)];
        int[] labels = [.. whose.Select(static g => g % 2)];
        var random = new RandomStream(1, "noise");
        int[] noise = [.. Enumerable.Range(0, 20).SelectMany(_ => Enumerable.Repeat(random.NextInt32(2), 10))];
        Assert.InRange(ChanceTest.PValue(labels, labels, whose, seed: 1), 0, 0.002);
        Assert.InRange(ChanceTest.PValue(noise, labels, whose, seed: 1), 0.05, 1);
        Assert.Equal(1 / 184_756.0, ChanceTest.Least(labels, whose), 12);                 // 10 of 20
        Assert.Equal(1 / 6.0, ChanceTest.Least([0, 0, 1, 1, 0, 1], [1, 1, 2, 2, 3, 4]), 12);
        Assert.Equal(1 / 6.0, ChanceTest.Least([0, 1, 1, 1, 1], [1, 1, 2, 2, 2]), 12);
    }

    /// <summary>Of sets of three classes, the share whose answers are found to know something. <paramref name="skill"/>: the share of
    /// the rows whose answer is the label; the others last for some rows each.</summary>
    private static double Known(int people, double skill) => Enumerable.Range(0, Sets).Count(set =>
    {
        var random = new RandomStream(set, "set");
        List<(int Answer, int Label, int Group)> rows = [];
        List<int> protocol = [];
        var length = 600 / Math.Min(people, 5);      // one person alone has a longer series
        while (protocol.Count < length) { protocol.AddRange(Enumerable.Repeat(random.NextInt32(3), 5 + random.NextInt32(10))); }
        for (var p = 0; p < people; p++)
        {
            for (var (row, answer) = (0, 0); row < length; row++)
            {
                if (row % 8 == 0) { answer = random.NextInt32(3); }
                var label = protocol[row];
                rows.Add((random.NextDouble() < skill ? label : answer, label, p));
            }
        }

        return ChanceTest.PValue([.. rows.Select(static r => r.Answer)], [.. rows.Select(static r => r.Label)],
            [.. rows.Select(static r => r.Group)], seed: set, draws: 499) <= Level;
    }) / (double)Sets;
}
