using System.Collections.Immutable;
using StreamLearn.Fleets;

namespace TauDemo;

/// <summary>Ways to send less than a fleet that runs freely: significant changes alone, adaptive tau and a fixed number of steps under a
/// budget.</summary>
/// <remarks>
/// Settings are those of the documentation: phi for convolutional networks, a significance that begins at twice the parameter. The budget
/// of time is as long as all devices have rows; that of bytes follows from the bytes that a quarter is of.
/// </remarks>
internal sealed record MotionComparison
{
    /// <summary>phi of convolutional networks.</summary>
    private const double Phi = 5e-5;

    private const int Buffered = 10;
    private const int FewSteps = 4;
    private const int ManySteps = 16;
    private const float FirstSignificance = 2;

    /// <summary>Bytes that a round takes for each that goes up: an update with its estimate is somewhat larger than a version, and one
    /// version comes down.</summary>
    private const double BothWays = 1.85;

    /// <summary>FedBuff, running freely: what the others are compared with.</summary>
    public required MotionResult Free { get; init; }

    /// <summary>The same, of which only significant changes go up.</summary>
    public required MotionResult Significant { get; init; }

    /// <summary>Adaptive tau.</summary>
    public required MotionResult Adaptive { get; init; }

    /// <summary>Adaptive tau under the same budget, of which only significant changes go up: it has more rounds for it.</summary>
    public required MotionResult AdaptiveSignificant { get; init; }

    /// <summary>The same budget with a fixed number of steps.</summary>
    public required MotionResult Fixed { get; init; }

    /// <summary>All of them.</summary>
    public ImmutableArray<MotionResult> All => [Free, Significant, Adaptive, AdaptiveSignificant, Fixed];

    /// <summary>Runs the five fleets.</summary>
    public static MotionComparison Run(MotionPeople people, long seed = 0, int points = 1, Action<MotionResult>? show = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(people);
        MotionResult Of(MotionExchange exchange)
        {
            var result = new MotionFleet(people, exchange, seed).Run(points, cancellationToken);
            show?.Invoke(result);
            return result;
        }

        var buffered = new FedBuff(Buffered) { Staleness = Staleness.Polynomial(1) };
        var free = Of(new("FedBuff", buffered, FewSteps));
        var budget = (long)(BothWays * free.BytesUp / 4);
        AdaptiveTau Tau(int? steps) => new(people.Learners.Length)
        {
            Budget = [Resource.Time(people.Shortest), Resource.Bytes(budget)],
            Settings = new() { LearningRate = MotionFleet.LearningRate, Phi = Phi, FixedSteps = steps },
        };
        var significant = new KeepSignificantOptions { Threshold = new ShrinkingThreshold(FirstSignificance) };
        return new()
        {
            Free = free,
            Significant = Of(new("significant", buffered, FewSteps) { Significant = significant }),
            Adaptive = Of(new("adaptive tau", Tau(null), 1)),
            AdaptiveSignificant = Of(new("both", Tau(null), 1) { Significant = significant }),
            Fixed = Of(new("fixed tau", Tau(ManySteps), 1)),
        };
    }
}
