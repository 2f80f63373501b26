namespace StreamLearn.Fleets.Tests;

/// <summary>What adaptive tau costs the garbage collector from round to round.</summary>
public sealed class SteeringAllocationTests
{
    private const int Devices = 5;
    private const int Rounds = 200;
    private static readonly SoftmaxRegression Model = new(64, 2, seed: 1);
    private static readonly Weights Made = Model.Initial;

    [Theory, InlineData(false), InlineData(true)]
    public void A_round_allocates_nothing(bool isSafe)
    {
        var steering = Begin(isSafe);
        var updates = Updates(new(1e-7, 1), loss: 0.5f);
        Assert.Equal(0, Allocated(steering, _ => updates, isAsked: true));
        Assert.InRange(steering.Directive.StepsPerUpdate!.Value, 2, 99);
    }

    [Fact]
    public void A_round_that_changes_the_steps_allocates_one_directive_and_nothing_else()
    {
        const int BytesOfDirective = 136;
        var steering = Begin(isSafe: false);
        (WeightDelta Update, long Bytes)[][] updates = [Updates(new(1e-7, 1), loss: 0.5f), Updates(new(4e-7, 1), loss: 0.5f)];
        HashSet<int?> steps = [];
        for (var r = 0; r < 10; r++)
        {
            Round(steering, updates[r % 2]);
            steps.Add(steering.Directive.StepsPerUpdate);
        }

        Assert.InRange(steps.Count, 3, 10);
        Assert.Equal(0, Allocated(steering, r => updates[r % 2], isAsked: false));
        Assert.InRange(Allocated(steering, r => updates[r % 2], isAsked: true), Rounds * 64, Rounds * BytesOfDirective);
    }

    private static ISteering Begin(bool isSafe)
    {
        var strategy = new AdaptiveTau(Devices)
        {
            Budget = [new("work", 1e5) { CountsLongest = true, Step = 0.013, Aggregation = 0.1316 }, Resource.Bytes(long.MaxValue / 2)],
            Settings = new() { IsSafe = isSafe, Phi = 0.025 },
        };
        return strategy.Rounds.Steer.Begin(Model)!;
    }

    private static (WeightDelta Update, long Bytes)[] Updates(Curvature bend, float loss) =>
    [
        .. Enumerable.Range(0, Devices).Select(d => (new WeightDelta
        {
            Device = $"d{d}",
            Epoch = 1,
            Sequence = 1,
            BaseVersion = 0,
            Samples = 16,
            SchemaHash = Model.Plan.SchemaHash,
            Values = [],
            Steps = 10,
            Estimate = new()
            {
                Rows = 10 + d, Loss = loss, BestLoss = loss, Curvature = bend,
                Gradient = [.. Enumerable.Range(0, Model.Plan.Values).Select(i => 0.02f * ((i * (d + 1)) % 7))],
            },
        }, 1000L)),
    ];

    private static void Round(ISteering steering, (WeightDelta Update, long Bytes)[] updates) =>
        steering.After(new() { Made = Made, Updates = updates, Elapsed = TimeSpan.FromSeconds(1), Devices = Devices });

    /// <summary>What some rounds allocate, each with its gauges and, where it is asked for, its directive.</summary>
    private static long Allocated(ISteering steering, Func<int, (WeightDelta Update, long Bytes)[]> updates, bool isAsked)
    {
        var shown = 0.0;
        Action<string, double> gauge = (_, value) => shown += value;
        return Allocations.Least(() =>
        {
            for (var r = 0; r < Rounds; r++)
            {
                Round(steering, updates(r));
                steering.Show(gauge);
                if (isAsked) { shown += steering.Directive.StepsPerUpdate!.Value; }
            }
        });
    }
}
