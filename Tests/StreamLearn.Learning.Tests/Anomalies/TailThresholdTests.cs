namespace StreamLearn.Learning.Tests;

/// <summary>Thresholds by order and by the tail.</summary>
public sealed class TailThresholdTests
{
    [Fact]
    public void Where_ten_scores_are_beyond_it_is_one_of_them()
    {
        float[] scores = [.. Enumerable.Range(0, 999).Select(static i => i * 38 % 999)];
        Assert.Equal(989, TailThreshold.Of(scores, 0.01));      // the tenth largest
    }

    /// <summary>Of 2,000 scores, on average over 400 draws: exponential, with a heavy tail, and with an end.</summary>
    [Theory, InlineData(0.0), InlineData(0.25), InlineData(-0.25)]
    public void Beyond_the_scores_it_is_that_of_the_tails_distribution(double shape)
    {
        const double Rate = 1e-3;
        var (random, sum, draws) = (new RandomStream(2, "tail"), 0.0, 400);
        for (var draw = 0; draw < draws; draw++)
        {
            float[] scores = [.. Enumerable.Range(0, 2000).Select(_ => (float)Quantile(random.NextDouble()))];
            var threshold = TailThreshold.Of(scores, Rate);
            sum += Beyond(threshold) / draws;
        }

        Assert.InRange(sum, Rate / 1.5, Rate * 1.5);

        double Quantile(double left) => shape == 0 ? -Math.Log(left) : (Math.Pow(left, -shape) - 1) / shape;
        double Beyond(double score) => shape == 0 ? Math.Exp(-score) : Math.Pow(Math.Max(0, 1 + (shape * score)), -1 / shape);
    }

    [Fact]
    public void Scores_that_are_all_alike_are_the_threshold()
    {
        var scores = Enumerable.Repeat(2f, 100).ToArray();
        Assert.Equal(2, TailThreshold.Of(scores, 1e-4));
    }
}
