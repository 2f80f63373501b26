using Papers;

namespace Acceptance.Tests;

/// <summary>Section 2.8: the controller of <see cref="At02AdaptiveTau"/>, unchanged except phi, with other models and other digits, and
/// with the aggregator on the machine of a node.</summary>
public sealed class At02Models(ITestOutputHelper output)
{
    private const double WithinOfBest = 0.05;
    private const double WithinOfBestSvm = 0.02;
    private const double AccuracyPoint = 0.01;

    private static readonly ImmutableArray<int> Compared = LongForm.IsAsked ? [1, 5, 20, 100] : [1, 20];
    private static readonly ImmutableArray<DataCase> Cases =
        LongForm.IsAsked ? [.. Enum.GetValues<DataCase>()] : [DataCase.Uniform, DataCase.ByLabel];

    public static TheoryData<string> Convex => [TauModel.LinReg.Name, TauModel.KMeans.Name];

    [Theory]
    [MemberData(nameof(Convex))]
    public void AT_2h_With_linear_regression_and_k_means_adaptive_tau_is_near_the_best_fixed_number(string name)
    {
        var model = TauModel.All.Single(m => m.Name == name);

        var cases = Compare(model, seeds: LongForm.IsAsked ? 3 : 1);

        Assert.All(cases, static c => Assert.InRange(c.Excess, double.NegativeInfinity, WithinOfBest));
        Assert.All(cases, static c => Assert.True(c.Fixed[1].Loss > 1.2 * c.BestLoss, "a wrong number has to show"));
        Assert.True(cases[1].Adaptive.Steps < cases[0].Adaptive.Steps, $"{cases[1].Adaptive.Steps} and {cases[0].Adaptive.Steps}");
    }

    /// <summary>Where all nodes have all digits, the loss goes to 0, and so a ratio tells little: see the deviations.</summary>
    [LongFact]
    public void AT_2h_With_a_small_convolutional_network_adaptive_tau_is_near_the_best_fixed_number()
    {
        var model = TauModel.CnnSmall;

        var cases = Compare(model with { Settings = model.Settings with { Phi = model.Phi } }, seeds: 1, Cases);

        Assert.All(cases, static c => Assert.True(c.Fixed[1].Loss > 1.2 * c.BestLoss, "a wrong number has to show"));
        var byLabel = cases.Single(static c => c.Settings.Case == DataCase.ByLabel);
        Assert.InRange(byLabel.Excess, double.NegativeInfinity, WithinOfBest);
        var uniform = cases[0];
        Assert.InRange((uniform.Adaptive.Loss - uniform.BestLoss) / (AtFirst(model) - uniform.BestLoss), -1, WithinOfBest);
        Assert.InRange(uniform.Adaptive.Accuracy, uniform.BestAccuracy - AccuracyPoint, 1);
        Assert.True(byLabel.Adaptive.Steps < uniform.Adaptive.Steps, $"{byLabel.Adaptive.Steps} and {uniform.Adaptive.Steps}");
    }

    /// <summary>MNIST where it is there, else digits that no other test has.</summary>
    [LongFact]
    public void AT_2a_With_written_digits_adaptive_tau_is_near_the_best_fixed_number()
    {
        var folder = SharedFolders.Find("mnist");
        var name = folder is null ? "more digits" : "MNIST";
        var model = TauModel.Svm with { Name = name, Make = (count, seed) => Even(folder, count, seed) };

        var cases = Compare(model, seeds: 1, Cases, Compared.Add(70));

        Assert.All(cases, static c => Assert.InRange(c.Excess, double.NegativeInfinity, WithinOfBestSvm));
        Assert.All(cases, static c => Assert.InRange(c.Adaptive.Accuracy, c.BestAccuracy - AccuracyPoint, 1));
    }

    /// <summary>The same: the steps of each round, the bits of the best version, and the time that was used but for a millisecond:
    /// what taking in updates costs depends on the machine. Times do not vary, so a round takes what the nodes on the network
    /// take.</summary>
    [Theory]
    [InlineData(DataCase.Uniform, null)]
    [InlineData(DataCase.ByLabel, null)]
    [InlineData(DataCase.Mixed, 12)]
    public void AT_2j_With_the_aggregator_and_a_node_in_one_process_comes_the_same(DataCase dataCase, int? fixedSteps)
    {
        TauFleetSettings settings = new()
        {
            Case = dataCase,
            Budget = TimeSpan.FromSeconds(5),
            Timing = TimingModel.Stochastic.Steady,
            Link = new() { UpBitsPerSecond = 20e6, DownBitsPerSecond = 20e6, Delay = TimeSpan.FromMilliseconds(5) },
            Settings = new() { FixedSteps = fixedSteps, Phi = TauModel.Svm.Phi },       // else a first round goes by a node's own wait
        };

        using var apart = new TauFleet(settings);
        using var beside = new TauFleet(settings with { IsAggregatorBesideNode = true });
        var (expected, actual) = (Run(apart), Run(beside));

        Assert.Equal(apart.Steps.Select(static s => s.Steps), beside.Steps.Select(static s => s.Steps));
        Assert.Equal(apart.Best!.Values, beside.Best!.Values);
        Assert.Equal(expected, actual with { UsedSeconds = expected.UsedSeconds });
        Assert.Equal(expected.UsedSeconds, actual.UsedSeconds, 1e-3);
    }

    private static TauResult Run(TauFleet fleet) => fleet.Run(TestContext.Current.CancellationToken);

    /// <summary>Cases 1 and 2, unless others are named.</summary>
    private ImmutableArray<TauComparison> Compare(
        TauModel model, int seeds, IEnumerable<DataCase>? dataCases = null, ImmutableArray<int> fixedSteps = default)
    {
        var start = TimeProvider.System.GetTimestamp();
        var cases = TauSweep.Run(
            [.. (dataCases ?? [DataCase.Uniform, DataCase.ByLabel]).Select(c => model.Fleet with { Case = c })], seeds,
            fixedSteps: fixedSteps.IsDefault ? Compared : fixedSteps, cancellationToken: TestContext.Current.CancellationToken);
        foreach (var c in cases)
        {
            var losses = string.Join(", ", c.Fixed.Select(static f => FormattableString.Invariant($"{f.Key}: {f.Value.Loss:F4}")));
            output.WriteLine(FormattableString.Invariant(
                $"{model}, {c.Settings.Case}: {c.Adaptive.Loss:F4} with {c.Adaptive.Steps:F1} steps, {c.Excess:P1} above the best of ")
                + FormattableString.Invariant($"{losses}; accuracy {c.Adaptive.Accuracy:F4}, best {c.BestAccuracy:F4}"));
        }

        output.WriteLine(FormattableString.Invariant($"{TimeProvider.System.GetElapsedTime(start).TotalSeconds:F1} s"));
        return cases;
    }

    private static double AtFirst(TauModel model)
    {
        var rows = model.Make(100, 0);
        return model.Model.Loss(model.Model.Initial.Values.AsSpan(), rows.Slice(0, rows.Count), new float[model.Model.Plan.Values], new());
    }

    private static TauRows Even(string? folder, int count, long seed)
    {
        if (folder is null) { return TauModel.Svm.Make(count, seed + 100); }
        var digits = LabeledRows.Mnist(folder, seed < TauFleet.UnseenSeed ? "train" : "t10k", count);
        return new([.. digits.Features], [.. digits.Labels]) { Labels = [.. digits.Labels.Select(static d => 1 - (d & 1))] };
    }
}
