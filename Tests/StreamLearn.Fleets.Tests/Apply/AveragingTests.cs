namespace StreamLearn.Fleets.Tests;

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

    [Fact]
    public void A_version_of_a_device_that_is_alone_moves_the_model_in_use_by_less()
    {
        using var probe = Updates.Probe(new FedBuff(4) { Staleness = Staleness.Constant }, InUseHalf);
        SendRound(probe, 0, "a", "b", "c", "d");
        SendRound(probe, 1, "a", "b", "c", "d");
        SendRound(probe, 2, "a", "a", "a", "a");
        var rounds = probe.TakeAll<Round>(port: 1);
        Assert.Equal([1, 1.5f, 1.5f + (1.5f * 0.5f / 9)], rounds.Select(MovedBy), Within(1e-5f));      // of one device; usual are 3
    }

    [Fact]
    public void Updates_of_two_devices_that_weigh_the_same_count_as_two_however_many_they_are()
    {
        using var probe = Updates.Probe(new FedBuff(4) { Staleness = Staleness.Constant }, InUseHalf);
        SendRound(probe, 0, "a", "b", "c", "d");
        SendRound(probe, 1, "a", "a", "b", "b");
        var rounds = probe.TakeAll<Round>(port: 1);
        Assert.Equal([1, 1 + (0.5f * 4 / 9)], rounds.Select(MovedBy), Within(1e-5f));       // of two; usual are 3
    }

    [Fact]
    public void A_device_that_stays_alone_becomes_usual()
    {
        using var probe = Updates.Probe(new FedBuff(2) { Staleness = Staleness.Constant }, InUseHalf);
        SendRound(probe, 0, "a", "b");
        for (var v = 1; v < 400; v++) { SendRound(probe, v, "a", "a"); }
        Assert.Equal(399, MovedBy(probe.TakeAll<Round>(port: 1)[^1]), 0.02);     // as far behind as ever: ½ / (1 − ½)
    }

    [Fact]
    public void One_device_is_usual_where_there_is_no_other()
    {
        var inUse = InUse(Averaging.Exponential(0.75f), versions: 20, step: 0.3f);
        var (version, average) = (0f, 0f);
        for (var v = 0; v < 20; v++)
        {
            version += v == 0 ? 1 : 0.3f;
            average = v == 0 ? version : version + (0.75f * (average - version));
            Assert.Equal(average, inUse[v], 1e-4f);
        }
    }

    private static AggregateOptions InUseHalf => new() { Averaging = Averaging.Exponential(0.5f), MaxNorm = 1000 };
    private static float MovedBy(Round round) => Updates.Moved(round.Averaged)[0];

    /// <summary>Makes a version of an update by 1 of each device that is named.</summary>
    private static void SendRound(OperatorProbe probe, long version, params string[] devices)
    {
        foreach (var (i, device) in devices.Index())
        {
            probe.Send(Updates.Of(device, (version * devices.Length) + i + 1, 1, baseVersion: version));
        }
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
