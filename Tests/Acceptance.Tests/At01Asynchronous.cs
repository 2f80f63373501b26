namespace Acceptance.Tests;

/// <summary>
/// Section 1.9, scenario <c>fl-straggler</c>: 10 devices, one at a tenth of the speed; what waits for nobody is earlier at the target.
/// </summary>
/// <remarks>
/// All modes take the same local steps, batch, rate and loss (plain, or adjusted by the class shares of the device, section 1.5), and are
/// evaluated ten times a virtual second, version by version, without a moving average.
/// </remarks>
public sealed class At01Asynchronous
{
    private const int Devices = 10;
    private const double Most = 120;        // virtual seconds of the scenario
    private static readonly long[] Seeds = [0, 1, 2];

    /// <summary>With the loss of the scenario as it is, and adjusted; where less than five is asked for, the deviations say why.</summary>
    [Theory]
    [InlineData(true, 0.88, false, 5)]
    [InlineData(true, 0.88, true, 5)]
    [InlineData(false, 0.80, false, 4)]
    [InlineData(false, 0.80, true, 5)]
    public void AT_1a_FedBuff_is_at_the_target_at_least_five_times_earlier_than_the_barrier(
        bool alike, double target, bool adjusted, double times)
    {
        var (buffered, barrier) = (0.0, 0.0);
        foreach (var seed in Seeds)
        {
            var own = Seconds(new FedBuff(3), alike, seed, target, Most, adjusted);
            Assert.NotNull(own);
            buffered += own.Value;
            barrier += Seconds(new FedAvg(Devices), alike, seed, target, Most, adjusted) ?? Most;
        }

        Report($"{(alike ? "IID" : "two shards")}{(adjusted ? ", adjusted" : "")}: "
            + $"FedBuff(3) {buffered / Seeds.Length:0.0} s, barrier {barrier / Seeds.Length:0.0} s");
        Assert.True(barrier >= times * buffered, $"{barrier / buffered:0.0} times");
    }

    /// <summary>Seed 0 alone, for the time it takes: seeds 1 and 2 are at the target after 20 s and later.</summary>
    [LongFact]
    public void AT_1a_With_two_labels_a_device_polynomial_staleness_is_at_the_target_and_constant_is_not()
    {
        var polynomial = Seconds(new FedAsync(Devices), alike: false, seed: 0, 0.80, 30);
        Assert.NotNull(polynomial);

        var always = new FedAsync(Devices) { Staleness = Staleness.Constant };
        var constant = Seconds(always, alike: false, seed: 0, 0.80, polynomial.Value);

        Report($"two shards: polynomial {polynomial:0.0} s, constant not by then");
        Assert.Null(constant);
    }

    [LongFact]
    public void AT_1a_A_hinge_at_the_number_of_devices_is_at_the_target_and_one_at_four_is_not()
    {
        foreach (var seed in Seeds)
        {
            var wide = Seconds(new FedAsync(Devices) { Staleness = Staleness.Hinge(10, Devices) }, alike: true, seed, 0.88, 30);
            Assert.NotNull(wide);

            var narrow = Seconds(new FedAsync(Devices) { Staleness = Staleness.Hinge(10, 4) }, alike: true, seed, 0.88, wide.Value);

            Report($"IID, seed {seed}: hinge at {Devices} {wide:0.0} s, at 4 not by then");
            Assert.Null(narrow);
        }
    }

    private static double? Seconds(Strategy strategy, bool alike, long seed, double target, double most, bool adjusted = true)
    {
        using var fleet = new GlyphFleet(new()
        {
            Strategy = strategy,
            Rows = Rows(alike, seed),
            Seed = seed,
            Speed = static device => device == 0 ? 0.1 : 1,
            AdjustLogits = adjusted,
        });
        return fleet.SecondsTo(target, most);
    }

    private static ImmutableArray<ImmutableArray<int>> Rows(bool alike, long seed) => alike
        ? Partition.Uniform(GlyphFleet.Digits, Devices)
        : Partition.Shards(GlyphFleet.Shared(seed).Labels.AsSpan(), Devices, 2, seed);

    private static void Report(string text) => TestContext.Current.SendDiagnosticMessage(text);
}
