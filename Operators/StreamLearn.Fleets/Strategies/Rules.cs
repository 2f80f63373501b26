namespace StreamLearn.Fleets;

/// <summary>A strategy composed of five rules and an optional steering rule.</summary>
/// <remarks>To change a rule of a preset: <c>new FedBuff(10).Rounds with { Apply = Apply.CoordinateMedian() }</c>. A custom rule is a
/// record derived from the type of the property.</remarks>
/// <param name="Select">Invites devices.</param>
/// <param name="Due">Ends rounds.</param>
/// <param name="Weigh">Weights updates.</param>
/// <param name="Apply">Makes the new model.</param>
/// <param name="Direct">Directs devices.</param>
public sealed record Rules(Cohort Select, Due Due, Weigh Weigh, Apply Apply, Direct Direct) : Strategy
{
    /// <summary>True (default): updates from earlier versions count as usual. False: refused as <c>late-round</c>.</summary>
    public bool AcceptsLate { get; init; } = true;

    /// <summary>Devices that must announce data before the first version, which contains the initial model and the fleet's scale. 0
    /// (default): none.</summary>
    public int Enroll { get; init; }

    /// <summary>Share of the usual devices from which a round counts fully. A smaller round moves the model and the memory of
    /// <see cref="Apply"/> by its share. 0 to 1; default 0.5; 0: always fully.</summary>
    /// <remarks>Usual is a mean over earlier non-void rounds; what is left of a fleet is usual after enough rounds. Unequal
    /// weights reduce the device count (Kish, 1965). Rounds that end by update count always count fully. Source: McMahan et al. (2017),
    /// FedAvg, where the mean is over all devices.</remarks>
    public double WholeFrom { get; init; } = 0.5;

    /// <summary>Steering from past rounds, with precedence over <see cref="Direct"/>; default none.</summary>
    public Steer Steer { get; init; } = Steer.None;

    internal bool WeakensSmallRounds => !Due.CountsUpdates && WholeFrom > 0;

    /// <summary>These rules.</summary>
    public override Rules Rounds => this;

    /// <inheritdoc />
    public override void Check()
    {
        ArgumentNullException.ThrowIfNull(Select);
        ArgumentNullException.ThrowIfNull(Due);
        ArgumentNullException.ThrowIfNull(Weigh);
        ArgumentNullException.ThrowIfNull(Apply);
        ArgumentNullException.ThrowIfNull(Direct);
        ArgumentOutOfRangeException.ThrowIfNegative(Enroll);
        if (!(WholeFrom is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(WholeFrom), WholeFrom, "expected a share from 0 to 1");
        }

        Select.Check();
        Due.Check();
        Weigh.Check();
        Apply.Check();
        Direct.Check();
        ArgumentNullException.ThrowIfNull(Steer);
        Steer.Check();
    }
}
