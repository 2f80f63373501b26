using System.Globalization;
using System.Text;

namespace StreamLearn.Fleets;

/// <summary>A preset that trains in rounds: invited devices start from one version, and their updates make the next version.</summary>
/// <remarks>Weights are samples over √(1 + staleness), which is 0 for the newest version. With a selection, the first version is made once
/// <see cref="Devices"/> have announced data, to name the invited ones. A device that does not know of it trains from the initial model;
/// its first update is refused as <c>late-round</c> or <c>uninvited</c>, but its moments count.</remarks>
/// <param name="Devices">Devices awaited initially, at least 1.</param>
/// <param name="LearningRate">Server rate, above 0.</param>
public abstract record SynchronousStrategy(int Devices, float LearningRate) : Strategy
{
    /// <summary>Selection of invited devices; default everyone.</summary>
    public Cohort Cohort { get; init; } = Cohort.Everyone;

    /// <summary>Time after which a round ends with the updates that have arrived, above 0; null (default): none.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>Deadline as a multiple of the invited devices' median expected time, above 0, such as 1.5; null (default): none. Excludes
    /// <see cref="Deadline"/>.</summary>
    public double? DeadlineFactor { get; init; }

    /// <summary>Share of invited devices that must have reported at a deadline; otherwise the round is void (changes nothing). 0 to 1;
    /// default 0.5.</summary>
    public double MinFraction { get; init; } = 0.5;

    /// <summary>True: late updates of finished rounds count by staleness. False: they are refused. Null (default): they count if rounds
    /// wait for everyone.</summary>
    public bool? AcceptsLate { get; init; }

    /// <summary>Directive for devices: local steps, batch, learning rate; default none.</summary>
    public Directive Directive { get; init; } = Directive.Unchanged;

    /// <inheritdoc />
    public sealed override Rules Rounds => new(Cohort, Due, Weigh.BySamples, Apply, new Same(Sent))
    {
        AcceptsLate = AcceptsLate ?? (!Selects && Deadline is null && DeadlineFactor is null),
        Enroll = Selects ? Devices : 0,
    };

    /// <summary>Makes the new model.</summary>
    protected abstract Apply Apply { get; }

    /// <summary>The directive sent to devices; default <see cref="Directive"/>.</summary>
    protected virtual Directive Sent => Directive;

    private Due Due
    {
        get
        {
            Due due = Cohort.Goal is { } goal ? new WhenEnough(goal) : new WhenAll(Devices);
            if (Deadline is { } time) { return new AtDeadline(time, due, MinFraction, Devices); }
            return DeadlineFactor is { } factor ? new AtPredictedDeadline(factor, due, MinFraction, Devices) : due;
        }
    }

    private bool Selects => Cohort != Cohort.Everyone;

    /// <inheritdoc />
    public override void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Devices, 1);
        ArgumentNullException.ThrowIfNull(Cohort);
        ArgumentNullException.ThrowIfNull(Directive);
        if (Deadline is not null && DeadlineFactor is not null)
        {
            throw new ArgumentException("expected a deadline or a factor, not both", nameof(DeadlineFactor));
        }

        base.Check();
    }

    /// <summary>Prints the non-default settings.</summary>
    /// <param name="builder">The output.</param>
    protected override bool PrintMembers(StringBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Append(CultureInfo.InvariantCulture, $"Devices = {Devices}, LearningRate = {LearningRate}");
        if (Cohort != Cohort.Everyone) { builder.Append(CultureInfo.InvariantCulture, $", Cohort = {Cohort}"); }
        if (Deadline is { } time) { builder.Append(CultureInfo.InvariantCulture, $", Deadline = {time}"); }
        if (DeadlineFactor is { } factor) { builder.Append(CultureInfo.InvariantCulture, $", DeadlineFactor = {factor}"); }
        if (MinFraction != 0.5) { builder.Append(CultureInfo.InvariantCulture, $", MinFraction = {MinFraction}"); }
        if (AcceptsLate is { } late) { builder.Append(CultureInfo.InvariantCulture, $", AcceptsLate = {late}"); }
        if (Directive != Directive.Unchanged) { builder.Append(CultureInfo.InvariantCulture, $", Directive = {Directive}"); }
        return true;
    }
}
