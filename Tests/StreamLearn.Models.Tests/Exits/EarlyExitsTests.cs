namespace StreamLearn.Models.Tests;

public sealed class EarlyExitsTests
{
    private const int Rows = 75;        // more than two tiles, and not a multiple of one

    private static readonly Network Three = new(
        new(20), 5, [new Dense(16), new Relu(), new Dense(40), new Relu(), new Dense(8)],
        [new(1, new Dense(5)), new(3, new Dense(5)), new(4, new Dense(5))], seed: 7);

    public static TheoryData<bool, ExitMeasure> Cases =>
        [.. Enum.GetValues<ExitMeasure>().SelectMany(m => new[] { true, false }.Select(h => (h, m)))];

    [Theory, MemberData(nameof(Cases))]
    public void Many_rows_give_the_bits_of_each_row_alone(bool har, ExitMeasure measure)
    {
        var network = har ? HarNetwork.Create(seed: 3) : Three;
        var (weights, features) = Make(network, seed: 1);
        var rule = Middle(network, weights, features, measure);
        var together = Run(network, weights, features, Rows, rule);
        Assert.Equal(network.Exits.Length, together.Exits.Distinct().Count());
        var (width, executed) = (network.Plan.Input.Size, 0L);
        for (var r = 0; r < Rows; r++)
        {
            var alone = Run(network, weights, features.AsSpan(r * width, width).ToArray(), 1, rule);
            Assert.Equal(alone.Exits[0], together.Exits[r]);
            Assert.Equal(alone.Probabilities, together.Probabilities.AsSpan(r * network.Plan.Outputs, network.Plan.Outputs).ToArray());
            Assert.Equal(network.MultiplyAddsTo[together.Exits[r]], alone.Executed);
            executed += alone.Executed;
        }

        Assert.Equal(executed, together.Executed);
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_row_leaves_at_the_first_exit_whose_scores_let_it(bool har, ExitMeasure measure)
    {
        var network = har ? HarNetwork.Create(seed: 3) : Three;
        var (weights, features) = Make(network, seed: 2);
        var rule = Middle(network, weights, features, measure) with { Temperature = 1.25f };
        var (classes, expected) = (network.Plan.Outputs, new float[network.Plan.Outputs]);
        var logits = new float[network.Exits.Length * Rows * classes];
        network.Logits(weights, new(features, Rows), logits, new());
        var answers = Run(network, weights, features, Rows, rule);
        for (var r = 0; r < Rows; r++)
        {
            var exit = 0;
            while (!rule.Leaves(exit, logits.AsSpan(((exit * Rows) + r) * classes, classes))) { exit++; }
            Certainty.Probabilities(logits.AsSpan(((exit * Rows) + r) * classes, classes), 1.25f, expected);
            Assert.Equal(exit, answers.Exits[r]);
            Assert.Equal(expected, answers.Probabilities.AsSpan(r * classes, classes).ToArray());
        }
    }

    [Fact]
    public void Where_nothing_leaves_early_the_whole_network_answers()
    {
        var (weights, features) = Make(Three, seed: 3);
        var whole = new float[Rows * 5];
        Three.Infer(weights, new(features, Rows), whole, new());
        var answers = Run(Three, weights, features, Rows, ExitRule.Never(3));
        Assert.Equal(whole, answers.Probabilities);
        Assert.All(answers.Exits, e => Assert.Equal(2, e));
        Assert.Equal(Rows * Three.Plan.MultiplyAdds, answers.Executed);
    }

    [Fact]
    public void Where_everything_leaves_at_once_nothing_behind_is_computed()
    {
        var (weights, features) = Make(Three, seed: 4);
        foreach (var slice in Three.Plan.Slices)
        {
            if (slice.Name[0] is >= '2' and <= '9') { slice.Of(weights.AsSpan()).Fill(float.NaN); }
        }
        var answers = Run(Three, weights, features, Rows, new(ExitMeasure.Entropy, [float.PositiveInfinity, 0]));
        Assert.All(answers.Exits, e => Assert.Equal(0, e));
        Assert.All(answers.Probabilities, p => Assert.InRange(p, 0, 1));
        Assert.Equal(Rows * Three.MultiplyAddsTo[0], answers.Executed);
    }

    [Fact]
    public void Rows_whose_scores_are_no_numbers_go_to_the_last_exit()
    {
        var network = new Network(new(4), 3, [new Dense(8), new Relu()], [new(0, new Dense(3)), new(1, new Dense(3))]);
        var (weights, features) = Make(network, seed: 5);
        features.AsSpan(4, 4).Fill(float.NaN);
        var answers = Run(network, weights, features, Rows, new(ExitMeasure.Entropy, [float.PositiveInfinity]));
        Assert.Equal([1], Enumerable.Range(0, Rows).Where(r => answers.Exits[r] == 1));
    }

    [Fact]
    public void Nothing_is_allocated_once_the_memory_has_grown()
    {
        var (weights, features) = Make(Three, seed: 6);
        var rule = Middle(Three, weights, features, ExitMeasure.Entropy);
        var (probabilities, exits, memory) = (new float[Rows * 5], new int[Rows], new Workspace());
        var allocated = long.MaxValue;
        for (var turn = 0; turn < 100 && allocated > 0; turn++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Three.Answer(weights, new(features, Rows), rule, probabilities, exits, memory);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        var (weights, features) = Make(Three, seed: 7);
        var memory = new Workspace();
        features = features[..(2 * Three.Plan.Input.Size)];
        Assert.Throws<ArgumentException>(
            () => Three.Answer(weights, new(features, 2), ExitRule.Never(2), new float[10], new int[2], memory));
        Assert.Throws<ArgumentException>(
            () => Three.Answer(weights, new(features, 2), ExitRule.Never(3), new float[9], new int[2], memory));
        Assert.Throws<ArgumentException>(
            () => Three.Answer(weights, new(features, 2), ExitRule.Never(3), new float[10], new int[3], memory));
        Assert.Throws<ArgumentException>(() => Three.Logits(weights, new(features, 2), new float[29], memory));
        Assert.Equal(0, Three.Answer(weights, new([], 0), ExitRule.Never(3), [], [], memory));
    }

    private static (float[] Weights, float[] Features) Make(Network network, long seed)
    {
        var random = new RandomStream(seed, "early-exits");
        var features = new float[Rows * network.Plan.Input.Size];
        foreach (ref var value in features.AsSpan()) { value = (float)(2 * random.NextGaussian()); }
        return ([.. network.Initial.Values], features);
    }

    /// <summary>Thresholds that let a half of the rows leave at each exit.</summary>
    private static ExitRule Middle(Network network, float[] weights, float[] features, ExitMeasure measure)
    {
        var classes = network.Plan.Outputs;
        var logits = new float[network.Exits.Length * Rows * classes];
        network.Logits(weights, new(features, Rows), logits, new());
        float Median(int exit) => Enumerable.Range(0, Rows)
            .Select(r => Certainty.Of(measure, logits.AsSpan(((exit * Rows) + r) * classes, classes), 1)).Order().ElementAt(Rows / 2);
        return new(measure, [.. Enumerable.Range(0, network.Exits.Length - 1).Select(Median)]);
    }

    private static (float[] Probabilities, ImmutableArray<int> Exits, long Executed) Run(
        Network network, float[] weights, float[] features, int rows, ExitRule rule)
    {
        var (probabilities, exits) = (new float[rows * network.Plan.Outputs], new int[rows]);
        var executed = network.Answer(weights, new(features, rows), rule, probabilities, exits, new());
        return (probabilities, [.. exits], executed);
    }
}
