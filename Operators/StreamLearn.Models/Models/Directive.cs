namespace StreamLearn.Models;

/// <summary>Settings of a device from the next round on, sent with a model version; null: unchanged.</summary>
public sealed record Directive
{
    /// <summary>A directive that changes nothing.</summary>
    public static Directive Unchanged { get; } = new();

    /// <summary>The device, 1 to 256 bytes in UTF-8; null: every device without its own directive.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public string? Device { get; init => field = value is null ? null : DeviceName.Checked(value, nameof(Device)); }

    /// <summary>Steps per update (tau), at least 1.</summary>
    public int? StepsPerUpdate { get; init; }

    /// <summary>Rows in the batch of a step, at least 1.</summary>
    public int? BatchRows { get; init; }

    /// <summary>Step size, above 0.</summary>
    public float? LearningRate { get; init; }

    /// <summary>Strength μ of the proximal term, 0 or more. Source: Li et al. (2020), FedProx.</summary>
    public float? Proximal { get; init; }

    /// <summary>Time, above 0, after which a round ends early with at least one step. The first round of a measured device
    /// (<see cref="Estimates"/>) also ends after as long as the device waited for it. <c>TimeSpan.MaxValue</c>: no limits.</summary>
    public TimeSpan? RoundTime { get; init; }

    /// <summary>Whether the device waits for the next version after an update.</summary>
    public TrainPace? Pace { get; init; }

    /// <summary>Whether updates contain estimates of losses and gradient; initially false.</summary>
    public bool? Estimates { get; init; }

    /// <summary>Whether estimates contain gradients at the second and the second-to-last step of the round; initially false.</summary>
    public bool? LocalSteps { get; init; }

    /// <summary>Maximum number of gradient values in an estimate, at least 1, by sketching (<see cref="GradientSketch"/>); initially
    /// unlimited.</summary>
    public int? GradientValues { get; init; }

    /// <summary>Version whose loss is estimated in addition to the base version of each round.</summary>
    public ModelVersion? Best { get; init; }

    /// <summary>Replaces the nulls of this directive with the values of another, for the other's devices.</summary>
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

    /// <summary>Pause before the next round, above 0. The next directive without one ends it.</summary>
    public TimeSpan? Pause { get; init; }

    /// <summary>True if values are in range. Codecs refuse and devices ignore invalid directives.</summary>
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
