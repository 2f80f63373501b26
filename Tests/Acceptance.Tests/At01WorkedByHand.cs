namespace Acceptance.Tests;

/// <summary>Sections 1.2, 1.4 and 1.5: what stale updates are worth, and which way the proximal term pulls, worked by hand.</summary>
public sealed class At01WorkedByHand
{
    private const double Tolerance = 1e-6;
    private static readonly SoftmaxRegression Model = new(1, 2, seed: 1);

    [Fact]
    public void AT_1a_FedBuff_weighs_by_the_root_of_staleness_and_divides_by_the_number_of_updates()
    {
        // three rounds of three updates of 0.5 each move by 1.5; then staleness 0, 1 and 3: 0.5 · (1 + 1/√2 + 1/√4) / 3 = 0.3678511302
        var moved = Moved(new FedBuff(3), 0.5f,
            [("a", 0), ("b", 0), ("c", 0), ("a", 1), ("b", 1), ("c", 1), ("a", 2), ("b", 2), ("c", 2), ("a", 3), ("b", 2), ("c", 0)]);

        Assert.Equal([0.5, 1, 1.5, 1.8678511302], moved, Near);
    }

    [Fact]
    public void AT_1a_FedAsync_mixes_by_a_share_that_falls_with_the_root_of_staleness()
    {
        // 0.6·1 = 0.6; staleness 1: a = 0.6/√2 = 0.4242640687, 0.6·(1 − a) + a·1 = 0.7697056275
        // staleness 2: a = 0.6/√3 = 0.3464101615, 0.7697056275·(1 − a) + a·1 = 0.8494819384
        Assert.Equal([0.6, 0.7697056275, 0.8494819384], Moved(new FedAsync(4, Alpha: 0.6f), 1, [("a", 0), ("b", 0), ("c", 0)]), Near);
    }

    [Fact]
    public void AT_1a_A_hinge_takes_all_up_to_its_bound_and_a_part_that_falls_with_its_slope_beyond()
    {
        // b = 1, a = 10: staleness 0 and 1 whole, 0.6 and 0.6·0.4 + 0.6 = 0.84; staleness 2: 0.6/11 = 0.0545454545, 0.84·0.9454545455 +
        // 0.0545454545
        var hinge = new FedAsync(4, Alpha: 0.6f) { Staleness = Staleness.Hinge(10, 1) };

        Assert.Equal([0.6, 0.84, 0.8487272727], Moved(hinge, 1, [("a", 0), ("b", 0), ("c", 0)]), Near);
    }

    [Fact]
    public void AT_1h_The_proximal_term_pulls_back_to_the_version_that_a_round_began_with()
    {
        // gradient 1, rate 0.1, μ = 2: −0.1; 1 + 2·(−0.1) = 0.8, −0.18; 1 + 2·(−0.18) = 0.64, −0.244 (without it −0.3)
        Assert.Equal(-0.244, Pulled(new FedProx(1, Mu: 2)), Tolerance);
        Assert.Equal(-0.3, Pulled(new FedProx(1, Mu: 0)), Tolerance);
    }

    private static bool Near(double expected, double actual) => Math.Abs(expected - actual) < Tolerance;

    private static double[] Moved(Strategy strategy, float by, IEnumerable<(string Device, long BaseVersion)> updates)
    {
        using var probe = OperatorProbe.Of<WeightDelta, Weights, Round>(
            flow => flow.Aggregate(Model, strategy, new() { Averaging = Averaging.None }));
        foreach (var (number, (device, version)) in updates.Index())
        {
            probe.Send(new WeightDelta
            {
                Device = device,
                Epoch = 1,
                Sequence = number + 1,
                BaseVersion = version,
                Samples = 10 * (number + 1),        // which change nothing
                Steps = 1,
                SchemaHash = Model.Plan.SchemaHash,
                Values = [0, 0, by, 0, 0, 0],
            });
        }

        return [.. probe.TakeAll<Weights>().Select(version => version.Values[2] - (double)Model.Initial.Values[2])];
    }

    private static float Pulled(Strategy strategy)
    {
        var directive = strategy.Rounds.Direct.For(default, new()
        {
            Version = 1,
            Updates = 0,
            Devices = 1,
            Invited = 1,
            Alive = 1,
            Known = 1,
            Elapsed = TimeSpan.Zero,
        });
        var schema = new Schema(Field.Channel("x", Unit.One), Field.Label());
        var options = new TrainOptions
        {
            Optimizer = new Sgd(0.1f, Momentum: 0, ClipNorm: float.PositiveInfinity),
            Continuous = true,
            Pace = TrainPace.LockStep,
            StepsPerUpdate = 3,
            BatchRows = 1,
            BufferRows = 4,
            StartAfterRows = 4,
        };
        var model = new Slope();
        using var probe = OperatorProbe.From<Batch>(
            (p, rows) => OperatorProbe.Use(rows.Train(model, p.Input<Weights>("models"), options)), schema);
        probe.Control(model.Initial with { Version = 1, Directives = [directive] });
        probe.Send(Batches.Of(probe.Pool, schema, new float[] { 1, 2, 3, 4 }, new int[] { 0, 1, 0, 1 }));
        probe.Advance(TimeSpan.Zero);
        var update = probe.Take<WeightDelta>();
        Assert.Equal(3, update.Steps);
        return update.Values[0];
    }

    private sealed class Slope : IModel
    {
        public ModelPlan Plan { get; } = new(new(1), outputs: 2, multiplyAdds: 1, [("weight", SliceKind.Trained, 1)]);

        public Weights Initial => new() { Version = 0, SchemaHash = Plan.SchemaHash, Values = [5] };

        public float Loss(ReadOnlySpan<float> weights, in Sample batch, Span<float> gradients, Workspace memory)
        {
            gradients.Fill(1);
            return weights[0];
        }

        public void Infer(ReadOnlySpan<float> weights, in Sample batch, Span<float> outputs, Workspace memory) => outputs.Fill(0.5f);
    }
}
