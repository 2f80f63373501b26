namespace StreamLearn.Models.Tests;

public sealed class ExitTrainingTests
{
    private const int Rows = 4;

    private static readonly Network Joint = new(
        new(2, 6), 3, [new Conv1d(4, 3, 1, 1), new Relu(), new Dense(5), new Relu()],
        [new(1, new Sequential(new GlobalMeanMax(), new Dense(3)), 0.7f), new(2, new Dense(3)), new(3, new Dense(3), 1.5f)], seed: 3);

    private readonly float[] _features;
    private readonly int[] _labels = [0, 2, 1, 2];
    private readonly float[] _weights = [.. Joint.Initial.Values];
    private readonly Workspace _memory = new();

    public ExitTrainingTests()
    {
        var random = new RandomStream(8, "exit-training-tests");
        _features = [.. Enumerable.Range(0, Rows * 12).Select(_ => (float)random.NextGaussian())];
        foreach (ref var weight in _weights.AsSpan()) { weight += 0.3f * (float)random.NextGaussian(); }
    }

    [Theory]
    [InlineData(ExitTraining.Joint, false)]
    [InlineData(ExitTraining.LastOnly, false)]
    [InlineData(ExitTraining.EarlyOnly, false)]
    [InlineData(ExitTraining.SelfDistilling, false)]
    [InlineData(ExitTraining.SelfDistilling, true)]
    public void The_gradient_of_every_value_is_that_of_central_differences_in_float64(ExitTraining training, bool smooth)
    {
        var network = With(training, smooth ? new SoftmaxCrossEntropy(0.2f) : null);
        var gradients = new float[_weights.Length];

        var loss = network.Loss(_weights, new(_features, _labels), gradients, _memory);

        var exact = LossCase.Exact(_weights);
        var teachers = Enumerable.Range(0, Rows).Select(r => Naive.Logits(network, exact, Row(r))[^1]).ToArray();      // a constant
        Assert.Equal(Formula(network, exact, teachers), loss, 2e-6);
        for (var i = 0; i < exact.Length; i++)
        {
            Assert.Equal(LossCase.Difference(exact, i, () => Formula(network, exact, teachers)), gradients[i], 3e-6);
        }
    }

    [Fact]
    public void Only_the_exits_that_teach_move()
    {
        (ExitTraining, string[])[] cases = [(ExitTraining.LastOnly, ["exit0", "exit1"]), (ExitTraining.EarlyOnly, ["exit2"])];
        foreach (var (training, still) in cases)
        {
            var gradients = new float[_weights.Length];
            With(training).Loss(_weights, new(_features, _labels), gradients, _memory);
            foreach (var slice in Joint.Plan.Slices)
            {
                var moves = slice.Of(gradients.AsSpan()).IndexOfAnyExcept(0) >= 0;
                Assert.Equal(!still.Contains(slice.Name.Split('.')[0]), moves);
            }
        }
    }

    [Fact]
    public void Exits_that_do_not_teach_leave_no_gradients_of_an_earlier_batch()
    {
        var (network, tape, gradients) = (With(ExitTraining.LastOnly), new Tape(), new float[_weights.Length]);
        network.Forward(_weights, 0, 4, _features, Rows, tape);
        foreach (var exit in new[] { 0, 1 }) { network.Layout.LogitGradients(tape, exit).Fill(9); }
        network.ExitLosses(tape, _labels, []);
        network.Backward(_weights, tape, [], gradients, []);
        var alone = new float[_weights.Length];
        network.Loss(_weights, new(_features, _labels), alone, _memory);
        Assert.Equal(alone, gradients);
    }

    [Fact]
    public void A_part_without_the_end_learns_from_the_labels_alone()
    {
        foreach (var training in new[] { ExitTraining.SelfDistilling, ExitTraining.EarlyOnly, ExitTraining.LastOnly })
        {
            var (tape, network) = (new Tape(), With(training));
            network.Forward(_weights, 0, 2, _features, Rows, tape);
            var loss = network.ExitLosses(tape, _labels, []);
            var joint = new Tape();
            Joint.Forward(_weights, 0, 2, _features, Rows, joint);
            Assert.Equal(training != ExitTraining.LastOnly ? Joint.ExitLosses(joint, _labels, []) : 0, loss);
        }
    }

    [Fact]
    public void The_schema_is_the_same_but_networks_differ_and_print_it()
    {
        foreach (var training in Enum.GetValues<ExitTraining>())
        {
            var network = With(training);
            Assert.Equal(Joint.Plan.SchemaHash, network.Plan.SchemaHash);
            Assert.Equal(training == ExitTraining.Joint, Joint.Equals(network));
            Assert.Equal(network, With(training));
            Assert.Equal(training != ExitTraining.Joint, network.Structure.EndsWith($"exits {training}", StringComparison.Ordinal));
        }
        Assert.Throws<ArgumentException>(() => With(ExitTraining.SelfDistilling, new SquaredError()));
    }

    private static Network With(ExitTraining training, Loss? objective = null) =>
        new(Joint.Plan.Input, 3, Joint.Layers, Joint.Exits, seed: 3, objective: objective) { ExitTraining = training };

    private double[] Row(int row) => LossCase.Exact(_features[(row * 12)..((row + 1) * 12)]);

    private double Formula(Network network, double[] weights, double[][] teachers)
    {
        double loss = 0;
        for (var r = 0; r < Rows; r++)
        {
            var logits = Naive.Logits(network, weights, Row(r));
            for (var e = 0; e < 3; e++)
            {
                if (network.ExitTraining == (e == 2 ? ExitTraining.EarlyOnly : ExitTraining.LastOnly)) { continue; }
                var smoothing = ((SoftmaxCrossEntropy)network.Objective).LabelSmoothing;
                var logs = LossCase.LogSoftmax(logits[e], 1);
                var hard = -(((1 - (double)smoothing) * logs[_labels[r]]) + (smoothing / 3.0 * logs.Sum()));
                var soft = network.ExitTraining == ExitTraining.SelfDistilling && e < 2;
                loss += network.Exits[e].LossWeight / (double)Rows
                    * (soft ? (0.5 * hard) + (0.5 * 9 * LossCase.Divergence(teachers[r], logits[e], 3)) : hard);
            }
        }

        return loss;
    }
}
