using StreamLearn.Operators;

namespace Benchmarks;

/// <summary>Features of windows, beside numpy, plain loops in C of the same rule, and reading every value once: windows a second of
/// processor time.</summary>
internal sealed class FeaturesSuite : Suite
{
    private static readonly FrequencyBand[] Bands = [new("low", 0.5, 3), new("middle", 3, 10), new("high", 10, 25)];

    private static readonly FeatureCase[] Measured =
    [
        FeatureCase.Imu("imu.6x128", 128),
        FeatureCase.Of("all.6x128", 128, Feature.All, Bands),
        FeatureCase.Of("all.6x100", 100, Feature.All, Bands),
        FeatureCase.Of("moments.6x128", 128, Feature.Mean | Feature.Deviation | Feature.Rms | Feature.Crest | Feature.Kurtosis),
        FeatureCase.Of("order.6x128", 128, Feature.MedianDeviation | Feature.QuartileRange),
        FeatureCase.Of("crossings.6x128", 128, Feature.ZeroCrossings | Feature.MeanCrossings | Feature.JerkDeviation),
        FeatureCase.Of("periods.6x128", 128, Feature.Autocorrelation),
        FeatureCase.Of("spectrum.6x128", 128, Feature.DominantFrequency | Feature.SpectralCentroid | Feature.SpectralEntropy, Bands),
        FeatureCase.Of("spectrum.6x1024", 1024, Feature.DominantFrequency | Feature.SpectralCentroid | Feature.SpectralEntropy, Bands),
        FeatureCase.Of("spectrum.6x100", 100, Feature.DominantFrequency | Feature.SpectralCentroid | Feature.SpectralEntropy, Bands),
        FeatureCase.Of("correlations.6x128", 128, Feature.Correlations),
    ];

    /// <summary>Beside what reads every value once, and no peer.</summary>
    private static readonly FeatureCase[] Convolutions =
    [
        FeatureCase.Rocket("rocket.6x128", HarStream.Schema, 128),
        FeatureCase.Rocket("rocket.1x1024", new(Field.Time(), Field.Channel("x", Unit.One), Field.Label()), 1024),
    ];

    internal override string Name => "features";

    internal override IReadOnlyList<Case> Cases { get; } =
    [.. Measured.Select(static m => CaseOf(m, FeaturePeers.All.Select(m.Of))), .. Convolutions.Select(static m => CaseOf(m, []))];

    private static Case CaseOf(FeatureCase measured, IEnumerable<Contender> peers) =>
        new(measured.Name, "win/s", measured.Ours(), [measured.ReadOnce(), .. peers]) { HigherIsBetter = true, Repeats = 7 };

    /// <summary>Compares what the contenders compute, number for number: relative to the largest of 1 and it.</summary>
    internal override bool Check(TextWriter output)
    {
        const double Tolerance = 1e-3;      // numpy adds float32
        var agree = true;
        foreach (var measured in Measured)
        {
            var ours = measured.Values();
            foreach (var peer in FeaturePeers.All)
            {
                var reason = peer.Missing();
                var far = reason is null ? measured.Distance(ours, peer) : double.NaN;
                output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{measured.Name} {peer.Name}: {reason ?? $"{ours.Length} numbers, differ by {far:0.0e0} at most"}"));
                agree &= reason is not null || far <= Tolerance;
            }
        }
        return agree;
    }
}
