namespace StreamLearn.Fleets.Tests;

/// <summary>Codes beside those of <c>Tests/Acceptance.Tests/independent/update_codes.py</c>, which prints the numbers here.</summary>
public sealed class IndependentCodeTests
{
    private const int Length = 200, Rounds = 20;

    [Fact]
    public void Sign_with_feedback_sends_what_numpy_sends() => Check(
        new() { Code = TensorCode.Sign() }, [-0.2425, 1.2349, 1.2296, -0.1411, -0.3413, 0.3502], sent: 41.4110, rest: 7.2236);

    [Fact]
    public void Top_k_with_momentum_correction_sends_what_numpy_sends() => Check(
        new() { Code = TensorCode.TopK(0.05), Momentum = 0.9f }, [0, -3.6682, 0, 0, 0, 0], sent: 110.8242, rest: null);

    /// <summary>The spread of 20,000 draws is known to about one part in a hundred.</summary>
    [Theory, InlineData("qsgd:4", 0.8035), InlineData("ternary", 3.1380)]
    public void Codes_at_random_spread_as_those_of_numpy(string name, double variance)
    {
        const int Some = 24, Draws = 20_000;
        var (code, values, random) = (TensorCodes.TryParse(name)!, Update(3)[..Some], new RandomStream(1, "draws"));
        var (bytes, decoded, sums, squares) = (new byte[code.MaxBytes(Some)], new float[Some], new double[Some], 0.0);
        for (var draw = 0; draw < Draws; draw++)
        {
            code.Encode(values, random, bytes);
            ReadOnlySpan<byte> rest = bytes;
            Assert.True(TensorCode.TryDecode(ref rest, decoded));
            for (var i = 0; i < Some; i++)
            {
                sums[i] += decoded[i];
                squares += (double)decoded[i] * decoded[i];
            }
        }

        Assert.Equal(variance, (squares / Draws) - sums.Sum(static s => s / Draws * (s / Draws)), 0.03 * variance);
        for (var i = 0; i < Some; i++) { Assert.Equal(values[i], sums[i] / Draws, 0.015); }
    }

    private static void Check(CodeUpdatesOptions options, double[] first, double sent, double? rest)
    {
        var model = new LinearModel(Length, new SquaredError(), bias: false);
        using var probe = OperatorProbe.From<WeightDelta>((p, updates) => updates.CodeUpdates(model, options).Output("main"));
        var (total, left) = (new double[Length], new float[Length]);
        for (var t = 0; t < Rounds; t++)
        {
            probe.Send(SiteMessages.Update(model, "d", t + 1, Update(t)));
            foreach (var (i, value) in probe.Take<WeightDelta>().Values.Index()) { total[i] += value; }
        }

        if (rest is { } expected)
        {
            probe.Send(SiteMessages.Update(model, "d", Rounds + 1, left) with { Leaving = true, Steps = 0 });
            left = [.. probe.Take<WeightDelta>().Values];
            Assert.Equal(expected, Math.Sqrt(left.Sum(static v => (double)v * v)), 1e-2);
        }

        Assert.Equal(sent, Math.Sqrt(total.Sum(static v => v * v)), 1e-2);
        for (var i = 0; i < first.Length; i++) { Assert.Equal(first[i], total[i], 1e-3); }
    }

    private static float[] Update(int t) => [.. Enumerable.Range(0, Length).Select(i => (float)Math.Sin(i * (t + 1) * 0.7))];
}
