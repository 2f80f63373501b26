namespace Acceptance.Tests;

/// <summary>Section 9, on one device: over the streams of its guide and ten hard ones, <c>Learn</c> without a setting answers as well as
/// with the one learning rate and the one memory of its scale that turn out to be the best there.</summary>
public sealed class At09Streams(ITestOutputHelper log)
{
    /// <summary>What it may be worse by than the best of its learners would be alone, in accuracy.</summary>
    private const double Allowed = 0.01;

    private static readonly string[] Guide = ["electricity", "occupancy", "abrupt", "gradual", "recurring"];
    private static readonly long[] Seeds = LongForm.IsAsked ? [1, 2, 3] : [1];
    private static readonly float[] Rates = LongForm.IsAsked ? [0.02f, 0.05f, 0.1f, 0.2f, 0.5f] : [0.02f, 0.1f, 0.5f];
    private static readonly long[] Horizons = LongForm.IsAsked ? [100, 1000, 10_000, 1_000_000] : [100, 1_000_000];

    [LongFact]
    public void Learning_with_its_defaults_is_within_a_point_of_the_best_single_rate_and_memory_of_the_scale()
    {
        var missed = new List<string>();
        log.WriteLine("stream               seed   Learn    best    at rate, rows of scale   short of it");
        foreach (var name in Guide.Concat(MadeStreams.Names))
        {
            foreach (var seed in Seeds)
            {
                if (Stream(name, seed) is not { } stream) { continue; }
                var ours = Accuracy(stream, seed, null);
                var (best, rate, rows) = (
                    from r in Rates
                    from h in Horizons
                    select (Accuracy(stream, seed, new() { Rates = [r], ScaleRows = [h] }), r, h)).Max();
                var line = FormattableString.Invariant(
                    $"{name,-20} {seed,4}  {ours:0.0000}  {best:0.0000}   {rate,8}, {rows,9}      {best - ours,11:0.0000}");
                log.WriteLine(line);
                if (ours < best - Allowed) { missed.Add(line); }
            }
        }

        Assert.True(missed.Count == 0, string.Join('\n', missed));
    }

    /// <summary>Chance is a third; four deviations of the share of so many rows are .021.</summary>
    [Fact]
    public void Labels_that_nothing_tells_are_answered_no_better_than_by_chance()
    {
        var (stream, random) = (MadeStreams.Make("label noise", seed: 1), new RandomStream(1, "chance"));
        foreach (ref var label in stream.Rows.Labels.AsSpan()) { label = random.NextInt32(3); }

        Assert.InRange(Accuracy(stream, 1, null), 0.312, 0.355);
    }

    /// <summary>Null: its data is not there.</summary>
    private static LabeledStream? Stream(string name, long seed) => name switch
    {
        "electricity" => LabeledStream.Electricity(),
        "occupancy" => LabeledStream.Occupancy(),
        "abrupt" or "gradual" or "recurring" => LabeledStream.Drifting(name, seed),
        _ => MadeStreams.Make(name, seed),
    };

    private static double Accuracy(LabeledStream stream, long seed, LearnOptions? options)
    {
        var right = stream.Learn(options, seed);
        return right.Count(static r => r) / (double)right.Length;
    }
}
