namespace StreamLearn.Compression.Tests;

public sealed class SearchTests
{
    private static readonly HiddenMarkov Model = new(
        [MathF.Log(0.6f), MathF.Log(0.4f), float.NegativeInfinity],
        [MathF.Log(0.7f), MathF.Log(0.3f), float.NegativeInfinity, MathF.Log(0.4f), MathF.Log(0.5f), MathF.Log(0.1f), 0, -9, -9]);

    /// <summary>The known example of three observations, with a third state that only the second leads to.</summary>
    [Fact]
    public void A_known_example_is_decoded()
    {
        float[] seen = [Ln(0.5), Ln(0.1), Ln(0.1), Ln(0.4), Ln(0.3), Ln(0.1), Ln(0.1), Ln(0.6), Ln(0.1)];
        var path = new int[3];
        Assert.Equal(2 * 3 + 3 * 3, Model.BeamDecode(seen, Beam.All, path));       // the third state is not possible at first
        Assert.Equal([0, 0, 1], path);
        Assert.Equal(6, Model.BeamDecode(seen, new(1), path));
        Assert.Equal(6, Model.BeamDecode(seen, new(Threshold: 1), path));
        Assert.Equal(0, Model.BeamDecode([], Beam.All, []));
        Assert.Throws<ArgumentException>(() => Model.BeamDecode(seen, Beam.All, new int[2]));
        Assert.Throws<ArgumentException>(() => Model.BeamDecode(seen, new(Threshold: 2), path));
    }

    [Fact]
    public void A_beam_that_leaves_no_way_continues_the_best()
    {
        float[] seen = [0, -50, -50, float.NegativeInfinity, float.NegativeInfinity, 0, 0, -1, -1];
        var path = new int[3];
        Model.BeamDecode(seen, new(1), path);
        Assert.Equal([0, 2, 0], path);
    }

    [Fact]
    public void Rules_are_taken_in_order_and_the_last_covers_all()
    {
        float[] rows = [.. Enumerable.Range(0, 40).Select(i => (float)i)];
        int[] labels = [.. Enumerable.Range(0, 40).Select(i => i < 25 ? 0 : 1)];
        var list = RuleList.Learn(rows, labels, 2, maxCuts: 100);
        Assert.Equal("if x0 <= 24.5 then 0; if true then 1", $"{list}");
        Assert.Equal((0, 1), (list.ClassOf([-5f]), list.ClassOf([99f])));
        Assert.Equal("if true then 1", $"{RuleList.Learn([1, 2, 3], [1, 1, 1], 2)}");
        Assert.Equal("if true then 0", $"{RuleList.Learn([7, 7, 7], [0, 1, 0], 2)}");
        Assert.Throws<ArgumentException>(() => RuleList.Learn([1], [2], 2));
        Assert.Throws<ArgumentException>(() => RuleList.Learn([1, 2, 3], [0, 1], 2));
    }

    [Fact]
    public void What_chance_makes_is_no_rule()
    {
        var random = new RandomStream(1, "noise");
        float[] rows = [.. Enumerable.Range(0, 30).Select(_ => (float)random.NextDouble())];
        int[] labels = [.. Enumerable.Range(0, 30).Select(_ => random.NextInt32(2))];
        Assert.Single(RuleList.Learn(rows, labels, 2, minSignificance: 30).Rules);
        Assert.InRange(RuleList.Learn(rows, labels, 2, minSignificance: 0).Rules.Length, 2, 30);
    }

    private static float Ln(double probability) => (float)Math.Log(probability);
}
