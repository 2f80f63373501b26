namespace StreamLearn.Fleets.Tests;

/// <summary>Which changes are significant.</summary>
public sealed class SignificanceTests
{
    private static readonly RelativeSignificance Rule = new();

    [Fact]
    public void A_change_goes_that_is_larger_than_its_share_of_the_parameter()
    {
        float[] weights = [10, 10, -10, 0, 0, 100], unsent = [0.5f, 0.51f, -0.6f, 1e-9f, 0, 5];
        var sent = new float[6];
        Assert.Equal(3, Rule.Take(weights, 0.05f, unsent, sent));
        Assert.Equal([0, 0.51f, -0.6f, 1e-9f, 0, 0], sent);
        Assert.Equal([0.5f, 0, 0, 0, 0, 5], unsent);
    }

    [Fact]
    public void With_a_threshold_of_0_all_changes_go_bit_for_bit()
    {
        var random = new RandomStream(1, "changes");
        float[] weights = [.. Enumerable.Range(0, 101).Select(_ => (float)random.NextGaussian())];
        float[] changes = [.. Enumerable.Range(0, 101).Select(i => i % 7 == 0 ? 0 : (float)random.NextGaussian())];
        var (unsent, sent) = (changes.ToArray(), new float[101]);
        Assert.Equal(changes.Count(static c => c != 0), Rule.Take(weights, 0, unsent, sent));
        Assert.Equal(changes, sent);
        Assert.All(unsent, static u => Assert.Equal(0, u));
    }

    /// <summary>Of vectors and what is left over, as a loop over single parameters has it.</summary>
    [Theory, InlineData(0), InlineData(7), InlineData(64), InlineData(101)]
    public void In_vectors_it_decides_as_one_by_one(int count)
    {
        var random = new RandomStream(2, "changes");
        for (var round = 0; round < 50; round++)
        {
            var threshold = (float)random.NextDouble(0, 0.2);
            float[] weights = [.. Enumerable.Range(0, count).Select(i => i % 5 == 0 ? 0 : (float)random.NextGaussian())];
            float[] before = [.. Enumerable.Range(0, count).Select(_ => (float)(0.1 * random.NextGaussian()))];
            var (unsent, sent) = (before.ToArray(), new float[count]);
            var given = Rule.Take(weights, threshold, unsent, sent);
            bool[] goes = [.. before.Zip(weights, (u, w) => MathF.Abs(u) > threshold * MathF.Max(MathF.Abs(w), 1e-8f))];
            Assert.Equal(goes.Count(static g => g), given);
            Assert.Equal(before.Zip(goes, static (u, g) => g ? u : 0), sent);
            Assert.Equal(before.Zip(goes, static (u, g) => g ? 0 : u), unsent);
        }
    }

    [Fact]
    public void What_is_not_a_number_goes_and_does_not_stay()
    {
        float[] unsent = [float.NaN, 1e-3f, .. new float[20]];
        var sent = new float[22];
        Assert.Equal(1, Rule.Take([.. Enumerable.Repeat(1f, 22)], 0.01f, unsent, sent));
        Assert.Equal((float.NaN, 0), (sent[0], unsent[0]));
    }

    [Fact]
    public void A_threshold_shrinks_with_the_root_of_the_clock_or_stays()
    {
        Assert.Equal([0.2f, 0.1f, 0.02f], new long[] { 1, 4, 100 }.Select(new ShrinkingThreshold(0.2f).At));
        Assert.Equal([0.2f, 0.2f], new long[] { 1, 100 }.Select(new ConstantThreshold(0.2f).At));
    }
}
