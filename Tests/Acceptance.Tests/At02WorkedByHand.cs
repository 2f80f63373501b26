namespace Acceptance.Tests;

/// <summary>Sections 2.2 and 2.3: what an aggregator makes of three nodes that differ in rows, losses, gradients and speed.</summary>
public sealed class At02WorkedByHand
{
    private const double Tolerance = 1e-6;
    private static readonly SoftmaxRegression Model = new(1, 2, seed: 1);

    /// <summary>10, 20 and 10 of 40 rows; a step takes 20, 50 and 30 ms, and an aggregation 150.</summary>
    private static readonly (string Name, int Rows, double Step, Curvature Bend, ImmutableArray<float> Gradient)[] Nodes =
    [
        ("a", 10, 0.02, new(0.2, 1), [0, 0, 1, 0, 0, 0]),
        ("b", 20, 0.05, new(0.4, 2), [0, 0, -1, 0, 0, 0]),
        ("c", 10, 0.03, new(0.8, 4), [0, 0, 1, 2, 0, 0]),
    ];

    [Fact]
    public void Estimates_weigh_nodes_by_rows_and_time_is_that_of_the_slowest()
    {
        using var probe = OperatorProbe.Of<WeightDelta, Weights, Round>(flow => flow.Aggregate(Model, new AdaptiveTau(3)
        {
            Budget = [Resource.Time(TimeSpan.FromSeconds(15)), Resource.Energy(1e6) with { Step = 0.5, Aggregation = 0.25 }],
            Settings = new() { LearningRate = 0.01, Phi = 0.025 },
        }));

        Assert.Equal([1, 1, 10, 34], [Round(0, 0), Round(1, 1), Round(2, 1), Round(3, 10)]);

        // rho = .25·.2 + .5·.4 + .25·.8; beta = .25·1 + .5·2 + .25·4; the gradient of all is (0, .5), at √1.25, √1.25 and √3.25 from theirs
        Assert.Equal(0.45, Gauge("rho"), Tolerance);
        Assert.Equal(2.25, Gauge("beta"), Tolerance);
        Assert.Equal(1.2892194, Gauge("delta"), Tolerance);
        Assert.Equal((0.05, 0.15), (Math.Round(Gauge("c-time_s"), 9), Math.Round(Gauge("b-time_s"), 9)));
        Assert.Equal((1.5, 0.75), (Gauge("c-energy_j"), Gauge("b-energy_j")));      // three nodes

        double Gauge(string name) => probe.Metrics.Gauges[name];

        int Round(long number, int steps)
        {
            probe.Advance(TimeSpan.FromSeconds(number == 0 ? 0 : (0.05 * steps) + 0.15));
            foreach (var node in Nodes)
            {
                probe.Send(new WeightDelta
                {
                    Device = node.Name,
                    Epoch = 1,
                    Sequence = number + 1,
                    BaseVersion = number,
                    Samples = steps,
                    Steps = steps,
                    RoundTime = TimeSpan.FromSeconds(node.Step * steps),
                    Moments = number == 0 ? new(2, [1], [1]) : null,
                    SchemaHash = Model.Plan.SchemaHash,
                    Values = [0, 0, 0, 0, 0, 0],
                    Estimate = number == 0 ? null : new()
                    {
                        Rows = node.Rows,
                        Loss = 1,
                        Curvature = number == 1 ? null : node.Bend,
                        Gradient = node.Gradient,
                    },
                });
            }

            return probe.TakeAll<Weights>()[^1].Directives[0].StepsPerUpdate!.Value;
        }
    }
}
