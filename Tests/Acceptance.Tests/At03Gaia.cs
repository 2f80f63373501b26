namespace Acceptance.Tests;

/// <summary>Section 3: sites that tell each other of significant changes only.</summary>
public sealed class At03Gaia(ITestOutputHelper output)
{
    private const int Steps = 800;
    private const int TwoSites = 2;
    private const int ThreeWorkers = 3;
    private const int WorkerSteps = 240;
    private const double HalfAPoint = 0.005;
    private static readonly double UpdateBits = 8 * ReplicatedSites.Model.Plan.ParameterBytes;

    private static readonly DeviceCheckpoints Checkpoints = new()
    {
        Every = TimeSpan.FromMilliseconds(40),
        HoldAtMost = TimeSpan.FromMilliseconds(2),
    };

    private static readonly KeepSignificantOptions Shrinking = new() { Threshold = SignificanceThreshold.Shrinking(0.2f) };

    public static TheoryData<bool> Partitions => LongForm.IsAsked ? [true, false] : [false];

    public static TheoryData<int> Slacks { get; } = new(0, 3);

    [Theory]
    [MemberData(nameof(Partitions))]
    public void AT_3a_A_quarter_of_the_changes_is_enough_for_the_accuracy_of_all(bool isUniform)
    {
        using var all = Run(isUniform, null, Steps);
        using var some = Run(isUniform, Shrinking, Steps);

        output.WriteLine($"all: {100 * all.Sent:F1} % sent, {Accuracies(all)}; significant: {100 * some.Sent:F1} %, {Accuracies(some)}");
        Assert.InRange(some.Sent, 0, 0.25);
        for (var site = 0; site < ReplicatedSites.Sites; site++)
        {
            Assert.InRange(some.Accuracy(site), all.Accuracy(site) - HalfAPoint, all.Accuracy(site) + (2 * HalfAPoint));
        }
    }

    [Theory]
    [MemberData(nameof(Slacks))]
    public void AT_3a_A_quarter_is_enough_as_well_where_sites_have_several_workers_in_step_or_with_slack(int slack)
    {
        using var all = RunWorkers(slack, null);
        using var some = RunWorkers(slack, Shrinking);

        output.WriteLine($"all: {100 * all.Sent:F1} % sent, {Accuracies(all)}; significant: {100 * some.Sent:F1} %, {Accuracies(some)}");
        Assert.InRange(some.Sent, 0, 0.25);
        foreach (var site in Enumerable.Range(0, all.Newest.Length))
        {
            Assert.InRange(some.Accuracy(site), all.Accuracy(site) - HalfAPoint, all.Accuracy(site) + (2 * HalfAPoint));
        }

        Assert.Equal(slack + 1, some.WorkerLead);       // of one that waits
    }

    [Fact]
    public void AT_3b_With_a_threshold_of_0_it_is_the_full_exchange_bit_for_bit()
    {
        const int Few = 60;
        using var all = Run(isUniform: true, null, Few);
        using var zero = Run(isUniform: true, new() { Threshold = SignificanceThreshold.Constant(0) }, Few);

        Assert.Equal(all.Newest.Select(static n => n.Version), zero.Newest.Select(static n => n.Version));
        for (var site = 0; site < ReplicatedSites.Sites; site++)
        {
            Assert.Equal(all.Newest[site].Values.Select(BitConverter.SingleToInt32Bits),
                zero.Newest[site].Values.Select(BitConverter.SingleToInt32Bits));
        }
    }

    [Fact]
    public void AT_3d_No_site_is_further_ahead_of_the_slowest_than_the_lead()
    {
        using var sites = new ReplicatedSites(new()
        {
            Rows = Deal(isUniform: true),
            Keep = Shrinking,
            Slowness = static site => site == 2 ? 10 : 1,
        });
        sites.RunTo(60);

        Assert.Equal(new ReplicatedModelOptions().MaxLead - 1, sites.Lead);     // of a site that goes on; with its next step it waits
        // at the pace of the slow one, which first scores its 1500 rows: as long as 16 steps
        Assert.InRange(sites.Elapsed, 10 * 60 * ReplicatedSites.StepTime, 10 * 80 * ReplicatedSites.StepTime);
    }

    [Fact]
    public void AT_3d_Behind_a_link_ten_times_too_slow_who_reads_waits_for_values_and_the_others_go_on()
    {
        const int Few = 60;
        const int Lead = 12;
        const int Idle = 3;         // its steps read nothing that others learn
        using var sites = new ReplicatedSites(new()
        {
            Rows = Deal(isUniform: true),
            Keep = new() { Threshold = SignificanceThreshold.Constant(0) },
            MaxLead = Lead,
            Up = static site => site == 2 ? UpdateBits / (10 * ReplicatedSites.StepTime.TotalSeconds) : null,
            Reads = static site => site == Idle ? [] : null,
        });
        sites.RunTo(Few);

        output.WriteLine($"{sites.Elapsed.TotalSeconds:F2} s, lead {sites.Lead}, without the values: {string.Join(' ', sites.Stale)}");
        Assert.Equal([0, 0, 0], sites.Stale[..Idle]);
        Assert.InRange(sites.Stale[Idle], 5, Few);
        Assert.InRange(sites.Lead, 1, Lead);
        Assert.InRange(sites.Devices[0].Metrics["replicate"].Counter("barrier-waits"), 5, int.MaxValue);
        Assert.Equal(0, sites.Devices[Idle].Metrics["replicate"].Counter("barrier-waits"));
    }

    [Fact]
    public void A_site_that_crashes_in_the_middle_and_goes_on_from_its_checkpoint_gives_the_bits_of_the_undisturbed_run()
    {
        var few = LongForm.IsAsked ? 60 : 24;
        using var alone = Ordered();
        using var crashed = Ordered();
        CompareCrashed(alone, crashed, few);

        static ReplicatedSites Ordered() => new(new()
        {
            Rows = Deal(isUniform: true),
            Keep = new(),       // what was measured is in the checkpoint too
            IsOrdered = true,
            Checkpoints = Checkpoints,
        });
    }

    [Fact]
    public void So_does_a_site_of_several_workers_that_train_on_its_machine()
    {
        const int Few = 24;
        using var alone = Ordered();
        using var crashed = Ordered();
        CompareCrashed(alone, crashed, Few);

        static ReplicatedSites Ordered() => new(new()
        {
            Sites = TwoSites,
            Workers = ThreeWorkers,
            Rows = Partition.Uniform(600, TwoSites * ThreeWorkers),
            Keep = Shrinking,
            IsOrdered = true,
            Checkpoints = Checkpoints,
        });
    }

    [Fact]
    public void AT_3e_Over_a_narrow_link_significant_changes_are_four_times_as_fast()
    {
        const double Target = 0.93;
        var (all, some) = (SecondsTo(Target, null), SecondsTo(Target, Shrinking));

        output.WriteLine($"all changes: {all:F1} s; significant ones: {some:F1} s");
        Assert.InRange(some, 0, all / 4);
    }

    private static void CompareCrashed(ReplicatedSites alone, ReplicatedSites crashed, int steps)
    {
        var sites = alone.Newest.Length;
        alone.RunTo(steps);
        for (var site = 0; site < sites; site++)
        {
            crashed.RunTo(steps * (site + 1) / (sites + 1));
            crashed.Crash(site, away: 7 * ReplicatedSites.StepTime);
        }

        crashed.RunTo(steps);

        Assert.InRange(crashed.Elapsed, alone.Elapsed + ReplicatedSites.StepTime, TimeSpan.MaxValue);
        for (var site = 0; site < sites; site++) { Assert.Equal(alone.At(site, steps).Sha256(), crashed.At(site, steps).Sha256()); }
    }

    /// <summary>The last worker of each site takes twice as long for a step.</summary>
    private static ReplicatedSites RunWorkers(int slack, KeepSignificantOptions? keep)
    {
        var sites = new ReplicatedSites(new()
        {
            Sites = TwoSites,
            Workers = ThreeWorkers,
            Slack = slack,
            AreApart = true,
            Rows = Partition.Uniform(ReplicatedSites.Digits, TwoSites * ThreeWorkers),
            Slowness = static worker => worker % ThreeWorkers == ThreeWorkers - 1 ? 2 : 1,
            Keep = keep,
        });
        sites.RunTo(WorkerSteps);
        return sites;
    }

    private static double SecondsTo(double accuracy, KeepSignificantOptions? keep)
    {
        const int Between = 5;
        using var sites = new ReplicatedSites(new()
        {
            Rows = Deal(isUniform: true),
            Keep = keep,
            Link = new() { UpBitsPerSecond = 1e6, DownBitsPerSecond = 1e6, Delay = TimeSpan.FromMilliseconds(1) },
        });
        for (var step = Between; step <= Steps; step += Between)
        {
            sites.RunTo(step);
            if (Enumerable.Range(0, ReplicatedSites.Sites).All(s => sites.Accuracy(s) >= accuracy)) { return sites.Elapsed.TotalSeconds; }
        }

        throw new InvalidOperationException($"not at {accuracy} after {Steps} steps");
    }

    private static string Accuracies(ReplicatedSites sites) =>
        string.Join(' ', Enumerable.Range(0, sites.Newest.Length).Select(s => $"{sites.Accuracy(s):F4}"));

    private static ReplicatedSites Run(bool isUniform, KeepSignificantOptions? keep, int steps)
    {
        var sites = new ReplicatedSites(new() { Rows = Deal(isUniform), Keep = keep });
        sites.RunTo(steps);
        return sites;
    }

    private static ImmutableArray<ImmutableArray<int>> Deal(bool isUniform) => isUniform
        ? Partition.Uniform(ReplicatedSites.Digits, ReplicatedSites.Sites)
        : Partition.ByLabel(GlyphDigits.Generate(ReplicatedSites.Digits, 0).Labels.AsSpan(), ReplicatedSites.Sites);
}
