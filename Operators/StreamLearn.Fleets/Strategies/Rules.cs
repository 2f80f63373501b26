namespace StreamLearn.Fleets;

/// <summary>A strategy composed of its rules: who, when, worth, how, what next; and, where it has one, the rule that remembers.</summary>
/// <remarks>
/// To change one rule of a preset: <c>new FedBuff(10).Rounds with { Apply = Apply.CoordinateMedian() }</c>. A rule of your own is a record
/// that derives from the type of the property.
/// </remarks>
/// <param name="Select">Who is invited.</param>
/// <param name="Due">When a round ends.</param>
/// <param name="Weigh">What an update is worth.</param>
/// <param name="Apply">How the new model is made.</param>
/// <param name="Direct">What a device does next.</param>
public sealed record Rules(Cohort Select, Due Due, Weigh Weigh, Apply Apply, Direct Direct) : Strategy
{
    /// <summary>
    /// True (default): an update that was learned from an earlier version than the newest is weighed like any other. False: it is refused
    /// as <c>late-round</c>.
    /// </summary>
    public bool AcceptsLate { get; init; } = true;

    /// <summary>
    /// Devices that announce that they have data before the first version is made, which holds the initial model and the fleet's scale.
    /// 0 (default): the first round is one like the others. Devices, 0 or more.
    /// </summary>
    public int Enroll { get; init; }

    /// <summary>
    /// Share of the usual devices from which on a round counts whole. A smaller round moves the model, and what <see cref="Apply"/> keeps,
    /// by its share alone: as if the missing devices had sent the model that they got. 0 to 1; default 0.5; 0: every round counts whole.
    /// </summary>
    /// <remarks>
    /// Usual is the mean over the earlier rounds of the strategy that were not void. Where updates weigh differently, fewer devices count
    /// than took part (Kish, 1965). A round that ends with a number of updates always counts whole. Source: McMahan et al. (2017), FedAvg,
    /// where the mean is over all devices.
    /// </remarks>
    public double WholeFrom { get; init; } = 0.5;

    /// <summary>What all devices do next, by what rounds have shown; default: nothing is steered. It comes before
    /// <see cref="Direct"/>.</summary>
    public Steer Steer { get; init; } = Steer.None;

    /// <summary>True if a round may count for a share.</summary>
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
