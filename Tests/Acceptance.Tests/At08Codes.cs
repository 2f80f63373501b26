using System.Collections.Concurrent;

namespace Acceptance.Tests;

/// <summary>
/// Section 8.5, scenario <c>fl-straggler</c> without its straggler: what learning loses, and what links save, where updates are coded.
/// </summary>
/// <remarks>
/// Rows are spread evenly, or each device has one label alone. The accuracy is that of the version after the last round.
/// Bytes are those of whole messages; the first one of a device, which carries the moments of its rows too, is left out.
/// </remarks>
public sealed class At08Codes
{
    private const int Devices = 10;
    private static readonly int Rounds = LongForm.IsAsked ? 150 : 12;
    private static readonly ConcurrentDictionary<bool, Lazy<(double Accuracy, long Bytes)>> Plain = new();
    private static readonly long[] Seeds = LongForm.IsAsked ? [0, 1, 2] : [0];

    /// <summary>Points that a code loses at most, and by how many times fewer bytes its updates take at least. The short form has rows
    /// spread evenly, and ends after twelve rounds, when top 1 % has still to catch up: it may lose 15 points there.</summary>
    [Theory]
    [InlineData("qsgd:4", 1, 1, 7)]
    [InlineData("ternary", 1, 5, 14)]
    [InlineData("sign", 1, 1, 28)]
    [InlineData("k-bit:6", 0.5, 0.5, 5)]
    [InlineData("top-k:0.01", 1, 1, 40)]
    public void AT_8e_and_8d_A_coded_fleet_is_as_good_as_a_plain_one(string code, double points, double pointsOfOneLabel, double times)
    {
        foreach (var alike in LongForm.IsAsked ? new[] { true, false } : [true])
        {
            var (plain, all) = Plain.GetOrAdd(alike, static a => new(() => Run(null, a))).Value;
            var (coded, sent) = Run(new() { Code = TensorCodes.TryParse(code)! }, alike);

            Report($"{code}, {(alike ? "IID" : "one label")}: {coded:0.0000} of {plain:0.0000}, bytes 1/{(double)all / sent:0.0}");
            Assert.True((double)all / sent >= times, $"{(double)all / sent:0.0} times");
            var most = !LongForm.IsAsked && code.StartsWith("top-k", StringComparison.Ordinal) ? 15 : alike ? points : pointsOfOneLabel;
            Assert.True(coded >= plain - (most / 100), $"{coded:0.0000} of {plain:0.0000}");
        }
    }

    [Fact]
    public void AT_8e_Without_feedback_top_1_percent_is_at_least_five_points_worse()
    {
        var (with, _) = Run(new() { Code = TensorCode.TopK() }, alike: true);
        var (without, _) = Run(new() { Code = TensorCode.TopK(), Feedback = false }, alike: true);

        Report($"top 1 % of IID, without feedback {without:0.0000}, with {with:0.0000}");
        Assert.True(without <= with - 0.05, $"{without:0.0000} of {with:0.0000}");
    }

    /// <summary>Values in pairs of both signs have a mean of 0, so that it is clear what a deviation is.</summary>
    [Fact]
    public void AT_8e_TernGrad_sends_nothing_beyond_two_and_a_half_deviations()
    {
        float[] half = [.. Enumerable.Range(0, 500).Select(static i => i == 7 ? 40f : i / 500f)];
        float[] values = [.. half.SelectMany(static v => new[] { v, -v })];
        var (bytes, decoded) = (new byte[TensorCodes.TryParse("ternary")!.MaxBytes(values.Length)], new float[values.Length]);
        TensorCodes.TryParse("ternary")!.Encode(values, new RandomStream(1, "ternary"), bytes);
        ReadOnlySpan<byte> rest = bytes;
        Assert.True(TensorCode.TryDecode(ref rest, decoded));

        var cut = 2.5 * Math.Sqrt(values.Average(static v => (double)v * v));
        Assert.Equal([-1, 0, 1], decoded.Select(v => Math.Round(v / cut, 2)).Distinct().Order());
        Assert.Equal([cut, -cut], decoded[14..16].Select(static v => (double)v), (a, b) => Math.Abs(a - b) < 1e-3 * cut);
    }

    private static (double Accuracy, long Bytes) Run(CodeUpdatesOptions? code, bool alike)
    {
        var (accuracy, bytes) = (0.0, 0L);
        foreach (var seed in Seeds)
        {
            using var fleet = new GlyphFleet(new()
            {
                Strategy = new FedAvg(Devices),
                Rows = alike ? Partition.Uniform(GlyphFleet.Digits, Devices) : OneLabel(seed),
                Seed = seed,
                Code = code,
            })
            {
                Update = update => bytes += update.Moments is null ? update.EncodedBytes : 0,
            };
            fleet.RunRounds(Rounds);
            accuracy += fleet.Accuracy();
        }

        return (accuracy / Seeds.Length, bytes);
    }

    private static ImmutableArray<ImmutableArray<int>> OneLabel(long seed)
    {
        var labels = GlyphFleet.Shared(seed).Labels;
        return [.. Enumerable.Range(0, Devices).Select(d => ImmutableArray.CreateRange(
            Enumerable.Range(0, labels.Length).Where(i => labels[i] == d)))];
    }

    private static void Report(string text) => TestContext.Current.SendDiagnosticMessage(text);
}
