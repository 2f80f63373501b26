namespace Acceptance.Tests;

/// <summary>Section 3: what significant changes save, and what they cost, where sites are alike and where they differ.</summary>
/// <remarks>With <c>STREAMLEARN_LONG=1</c> the tables of all set-ups with all seeds are printed; else two with one seed.</remarks>
public sealed class At03Saved(ITestOutputHelper output)
{
    private const double HalfAPoint = 0.005;
    private const double SavedAlike = 3;
    private const double SavedByLabel = 1.5;

    /// <summary>The full exchange, the default of before, that of the source's figures, and the default.</summary>
    private static readonly ImmutableArray<(string Name, KeepSignificantOptions? Keep)> Ways =
    [
        ("all changes", null),
        (".01/√t", new() { Threshold = SignificanceThreshold.Shrinking(0.01f) }),
        (".2/√t", new() { Threshold = SignificanceThreshold.Shrinking(0.2f) }),
        ("measured", new()),
    ];

    /// <summary>The half of set-ups that nothing was chosen by is run for the table of results alone.</summary>
    public static TheoryData<bool> AreFinal => LongForm.IsAsked ? [false, true] : [false];

    [LongTheory]
    [MemberData(nameof(AreFinal))]
    public void Half_a_point_at_most_is_lost_and_a_third_of_the_bytes_or_two_are_left(bool isFinal) =>
        Compare(isFinal ? SiteSetUps.Final : LongForm.IsAsked ? SiteSetUps.Chosen : SiteSetUps.Few);

    /// <summary>Four sites have all of eight digits, and the fifth has the other two alone.</summary>
    [Fact]
    public void A_site_that_differs_sends_more_than_those_that_are_alike()
    {
        var (data, rows) = SiteSetUps.OneDiffers(seed: 0);
        using var sites = Sites(new("one differs", false, _ => (data, rows)) { StepsPerUpdate = 8 }, new(), 0);

        double[] sent = [.. sites.Devices.Select(static d => d.Metrics["replicate"])
            .Select(static b => (double)b.Counter("changes-sent") / b.Counter("changes"))];

        output.WriteLine(string.Join(", ", sent.Select(static s => s.ToString("P1", CultureInfo.InvariantCulture))));
        Assert.All(sent[..^1], alike => Assert.InRange(alike, 0, sent[^1] / 1.2));
    }

    private void Compare(ImmutableArray<SiteSetUp> setUps)
    {
        var missed = new List<string>();
        foreach (var setUp in setUps)
        {
            output.WriteLine(setUp.Name);
            SiteResult? all = null;
            foreach (var (name, keep) in LongForm.IsAsked ? Ways : [Ways[0], Ways[^1]])
            {
                var seeds = LongForm.IsAsked ? SiteSetUps.Seeds : 1;
                var result = SiteResult.Mean([.. Enumerable.Range(0, seeds).Select(seed => Run(setUp, keep, seed))]);
                all ??= result;
                var (lost, saved) = (all.Accuracy - result.Accuracy, all.Bytes / result.Bytes);
                output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"  {name,-12} accuracy {100 * result.Accuracy:F2}, lost {100 * lost:F2}, at the worst site "
                    + $"{100 * (all.Worst - result.Worst):F2}; sent {100 * result.Sent:F1} %, {1e-6 * result.Bytes:F1} MB, ÷ {saved:F2}"));
                if (name != Ways[^1].Name || (lost <= HalfAPoint && saved >= (setUp.IsAlike ? SavedAlike : SavedByLabel))) { continue; }
                missed.Add(setUp.Name);
            }
        }

        Assert.Empty(missed.Except(SiteSetUps.Missed));
    }

    private static SiteResult Run(SiteSetUp setUp, KeepSignificantOptions? keep, long seed)
    {
        using var sites = Sites(setUp, keep, seed);
        double[] accuracies = [.. Enumerable.Range(0, sites.Devices.Count).Select(sites.Accuracy)];
        return new(accuracies.Average(), accuracies.Min(), sites.Sent, sites.Bytes);
    }

    private static ReplicatedSites Sites(SiteSetUp setUp, KeepSignificantOptions? keep, long seed)
    {
        var (data, rows) = setUp.Make(seed);
        var sites = new ReplicatedSites(new()
        {
            Sites = rows.Length,
            StepsPerUpdate = setUp.StepsPerUpdate,
            Data = data,
            Rows = rows,
            Keep = keep,
            Seed = seed,
        });
        sites.RunTo(SiteSetUps.Steps / setUp.StepsPerUpdate);
        return sites;
    }

    /// <summary>What a run came to: the mean and the lowest accuracy of its sites, the share of changes sent, the bytes.</summary>
    private sealed record SiteResult(double Accuracy, double Worst, double Sent, double Bytes)
    {
        internal static SiteResult Mean(IReadOnlyList<SiteResult> seeds) => new(seeds.Average(static r => r.Accuracy),
            seeds.Average(static r => r.Worst), seeds.Average(static r => r.Sent), seeds.Average(static r => r.Bytes));
    }
}
