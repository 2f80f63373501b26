namespace StreamLearn.Models;

/// <summary>
/// What an aggregator asks of a device from its next round on; what is null stays as it is. It travels with a model version.
/// </summary>
public sealed record Directive
{
    /// <summary>Nothing changes.</summary>
    public static Directive Unchanged { get; } = new();

    /// <summary>The device, 1 to 256 bytes in UTF-8; null for every device that no other directive names.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public string? Device
    {
        get;
        init => field = value is null ? null : DeviceName.Checked(value, nameof(Device));
    }

    /// <summary>Steps in an update (tau), at least 1.</summary>
    public int? StepsPerUpdate { get; init; }

    /// <summary>Rows of a step's batch, at least 1.</summary>
    public int? BatchRows { get; init; }

    /// <summary>Step size, above 0.</summary>
    public float? LearningRate { get; init; }

    /// <summary>Strength μ of the proximal term, 0 or more. Source: Li et al. (2020), FedProx.</summary>
    public float? Proximal { get; init; }

    /// <summary>Time after which a round ends with the steps done, at least one: partial work. Above 0. The first round of a device that
    /// is measured (<see cref="Estimates"/>) also ends when it has taken as long as the device waited for it; <c>TimeSpan.MaxValue</c>, no
    /// limit, ends neither.</summary>
    public TimeSpan? RoundTime { get; init; }

    /// <summary>Whether it waits for the next version after an update: lock-step, as a barrier wants it.</summary>
    public TrainPace? Pace { get; init; }

    /// <summary>Whether its updates carry estimates of losses and gradient; until the first such directive they do not.</summary>
    public bool? Estimates { get; init; }

    /// <summary>Whether estimates carry, beside the gradient at a version, those of the round's second step and of its last but one; until
    /// the first such directive they do not.</summary>
    public bool? LocalSteps { get; init; }

    /// <summary>Values of the gradient in an estimate, at least 1: a longer one is sketched (<see cref="GradientSketch"/>); until the first
    /// such directive it is whole.</summary>
    public int? GradientValues { get; init; }

    /// <summary>The version of which the loss is estimated beside that of each round's own.</summary>
    public ModelVersion? Best { get; init; }

    /// <summary>This directive, with what it leaves open as another one says; for the devices of that one.</summary>
    /// <param name="other">The other one.</param>
    public Directive Over(Directive other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return other with
        {
            StepsPerUpdate = StepsPerUpdate ?? other.StepsPerUpdate,
            BatchRows = BatchRows ?? other.BatchRows,
            LearningRate = LearningRate ?? other.LearningRate,
            Proximal = Proximal ?? other.Proximal,
            RoundTime = RoundTime ?? other.RoundTime,
            Pace = Pace ?? other.Pace,
            Estimates = Estimates ?? other.Estimates,
            GradientValues = GradientValues ?? other.GradientValues,
            LocalSteps = LocalSteps ?? other.LocalSteps,
            Best = Best ?? other.Best,
            Pause = Pause ?? other.Pause,
        };
    }

    /// <summary>Time that it waits between an update and the next round, above 0. Unlike the rest it ends with the next directive that
    /// does not say so.</summary>
    public TimeSpan? Pause { get; init; }

    /// <summary>
    /// True if every value is in its range. A codec refuses a message with one that is not, and a device does not follow it.
    /// </summary>
    public bool IsValid =>
        StepsPerUpdate is null or >= 1
        && BatchRows is null or >= 1
        && GradientValues is null or >= 1
        && (LearningRate is null || (LearningRate > 0 && float.IsFinite(LearningRate.Value)))
        && (Proximal is null || (Proximal >= 0 && float.IsFinite(Proximal.Value)))
        && (RoundTime is null || RoundTime > TimeSpan.Zero)
        && (Pause is null || Pause > TimeSpan.Zero)
        && Pace is null or TrainPace.Free or TrainPace.LockStep;
}
