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

    /// <summary>What all devices do next, by what rounds have shown; default: nothing is steered. It comes before
    /// <see cref="Direct"/>.</summary>
    public Steer Steer { get; init; } = Steer.None;

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
        Select.Check();
        Due.Check();
        Weigh.Check();
        Apply.Check();
        Direct.Check();
        ArgumentNullException.ThrowIfNull(Steer);
        Steer.Check();
    }
}
