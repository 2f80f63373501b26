using System.Collections.Immutable;
using System.Globalization;
using StreamLearn.Fleets;
using StreamLearn.Testing;

namespace Acceptance.Tests;

/// <summary>Section 3: what significant changes save, and what they cost, where sites are alike and where they differ.</summary>
/// <remarks>The long form prints the table: with <c>STREAMLEARN_LONG=1</c>, every set-up with each of its seeds.</remarks>
public sealed class At03Saved(ITestOutputHelper output)
{
    private static readonly ImmutableArray<(string Name, KeepSignificantOptions? Keep)> Ways =
    [
        ("all changes", null),
        (".01/√t", new() { Threshold = new ShrinkingThreshold(0.01f) }),
        (".2/√t", new() { Threshold = new ShrinkingThreshold(0.2f) }),
    ];

    [Fact]
    public void AT_3f_Set_ups_by_which_the_threshold_is_chosen() => Compare(SiteSetUps.Chosen);

    /// <summary>Run for the table of results alone.</summary>
    [Fact]
    public void AT_3f_Set_ups_that_judge() => Compare(SiteSetUps.Final);

    private void Compare(ImmutableArray<SiteSetUp> setUps)
    {
        Assert.SkipUnless(LongForm.IsAsked, "the long form prints the table");
        foreach (var setUp in setUps)
        {
            output.WriteLine(setUp.Name);
            SiteResult? all = null;
            foreach (var (name, keep) in Ways)
            {
                var result = SiteResult.Mean([.. Enumerable.Range(0, SiteSetUps.Seeds).Select(s => Run(setUp, keep, s, SiteSetUps.Steps))]);
                all ??= result;
                output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"  {name,-12} accuracy {100 * result.Accuracy:F2}, worst site {100 * result.Worst:F2}, "
                    + $"lost {100 * (all.Accuracy - result.Accuracy):F2}; sent {100 * result.Sent:F1} %, "
                    + $"{1e-6 * result.Bytes:F1} MB, ÷ {all.Bytes / result.Bytes:F2}"));
            }
        }
    }

    private static SiteResult Run(SiteSetUp setUp, KeepSignificantOptions? keep, long seed, int steps)
    {
        var (data, rows) = setUp.Make(seed);
        using var sites = new ReplicatedSites(new()
        {
            Sites = rows.Length,
            StepsPerUpdate = setUp.StepsPerUpdate,
            Data = data,
            Rows = rows,
            Keep = keep,
            Seed = seed,
        });
        sites.RunTo(steps / setUp.StepsPerUpdate);
        double[] accuracies = [.. Enumerable.Range(0, rows.Length).Select(sites.Accuracy)];
        return new(accuracies.Average(), accuracies.Min(), sites.Sent, sites.Bytes);
    }

    /// <summary>What a run came to: the mean and the lowest accuracy of its sites, the share of changes sent, the bytes.</summary>
    private sealed record SiteResult(double Accuracy, double Worst, double Sent, double Bytes)
    {
        internal static SiteResult Mean(IReadOnlyList<SiteResult> seeds) => new(seeds.Average(static r => r.Accuracy),
            seeds.Average(static r => r.Worst), seeds.Average(static r => r.Sent), seeds.Average(static r => r.Bytes));
    }
}
