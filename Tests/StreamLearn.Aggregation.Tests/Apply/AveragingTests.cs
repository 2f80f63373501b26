namespace StreamLearn.Aggregation.Tests;

/// <summary>How the model in use follows from the versions.</summary>
public sealed class AveragingTests
{
    [Fact]
    public void Without_decay_or_bound_it_is_the_mean_of_all_versions() =>
        Assert.Equal([1f, 2, 3, 4, 5], InUse(Averaging.Polynomial(decay: 0, most: 0.99f), versions: 5, step: 2), Within(1e-5f));

    [Fact]
    public void Decay_weighs_versions_by_about_a_power_of_their_number()
    {
        var inUse = InUse(Averaging.Polynomial(decay: 1, most: 0.99f), versions: 40, step: 1);

        for (var t = 1; t <= 40; t++) { Assert.Equal(((2 * t) + 1) / 3.0, inUse[t - 1], 1e-3); }        // Σ v·v / Σ v
    }

    [Fact]
    public void It_lags_by_a_share_of_all_versions_until_the_bound()
    {
        const int Count = 3000;
        var inUse = InUse(Averaging.Polynomial(decay: 20, most: 0.9f), Count, step: 1);

        Assert.InRange(40 - inUse[39], 0.5, 40.0 / 21);     // follows closely at first
        Assert.InRange(160 - inUse[159], 4, 160.0 / 21);    // and over more versions later
        Assert.Equal(9, Count - inUse[Count - 1], 0.01);    // 0.9 / (1 − 0.9): no more than that
    }

    [Fact]
    public void The_first_version_is_in_use_as_it_is_and_soon_forgotten()
    {
        var averaging = Averaging.Polynomial();

        Assert.Equal(0, averaging.Kept(1));
        Assert.Equal(1 / 32f, averaging.Kept(2));
        Assert.Equal(0.98f, averaging.Kept(1_000_000_000_000));
        Assert.Equal(0, Averaging.Exponential(0.8f).Kept(1));
        Assert.Equal(0.8f, Averaging.Exponential(0.8f).Kept(2));
    }

    [Fact]
    public void The_same_versions_give_the_same_bits()
    {
        string[] Run() => [.. Rounds(Averaging.Polynomial(), 30, 0.1f).Select(r => r.Averaged.Sha256())];

        Assert.Equal(Run(), Run());
    }

    [Fact]
    public void They_print_and_compare_by_value()
    {
        Assert.Equal("none", Averaging.None.ToString());
        Assert.Equal("0.8", Averaging.Exponential().ToString());
        Assert.Equal("polynomial 30 to 0.98", Averaging.Polynomial().ToString());
        Assert.Equal(Averaging.None, Averaging.Exponential(0));
        Assert.Equal(Averaging.Polynomial(30), Averaging.Polynomial());
        Assert.NotEqual<Averaging>(Averaging.Polynomial(0), Averaging.Exponential(0));
        Assert.Equal(new AggregateOptions(), new AggregateOptions { Averaging = Averaging.Polynomial() });
    }

    /// <summary>How far the model in use has moved after each version, when version v has moved by 1 + (v − 1) · step.</summary>
    private static float[] InUse(Averaging averaging, int versions, float step) =>
        [.. Rounds(averaging, versions, step).Select(r => Updates.Moved(r.Averaged)[0])];

    private static List<Round> Rounds(Averaging averaging, int versions, float step)
    {
        using var probe = Updates.Probe(new FedBuff(1), new() { Averaging = averaging, MaxNorm = 1000 });
        for (var v = 0; v < versions; v++) { probe.Send(Updates.Of("d", v + 1, v == 0 ? 1 : step, baseVersion: v)); }
        return [.. probe.TakeAll<Round>(port: 1)];
    }

    private static FloatsWithin Within(float tolerance) => new(tolerance);

    private sealed class FloatsWithin(float tolerance) : IEqualityComparer<float>
    {
        public bool Equals(float x, float y) => Math.Abs(x - y) <= tolerance;

        public int GetHashCode(float obj) => 0;
    }
}
