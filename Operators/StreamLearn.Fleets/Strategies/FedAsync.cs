using System.Globalization;
using System.Text;

namespace StreamLearn.Fleets;

/// <summary>Asynchronous: every update makes a version: w ← (1 − a)·w + a·(w_base + Δ), a = α·f(staleness).</summary>
/// <remarks>A version goes to all devices; each starts its next round from its newest version. Source: Xie, Koyejo, Gupta (2019).</remarks>
/// <param name="Devices">Devices in the fleet, at least 1; the usual staleness is one less.</param>
/// <param name="Alpha">Share α of a fresh update's model, above 0, at most 1; default 0.6.</param>
public sealed record FedAsync(int Devices, float Alpha = 0.6f) : Strategy
{
    /// <summary>Weight f of stale updates; default polynomial with a = ½.</summary>
    public Staleness Staleness { get; init; } = new PolynomialStaleness();

    /// <summary>Maximum age of an update's base in versions, at least 1; all these versions are kept, and older updates are refused as
    /// <c>stale</c>. Null (default): four times the number of devices.</summary>
    public int? MaxStaleness { get; init; }

    /// <summary>Directive for devices, such as a proximal term ρ, which is about 0.005 in the paper; default none.</summary>
    public Directive Directive { get; init; } = Directive.Unchanged;

    /// <inheritdoc />
    public override Rules Rounds => new(
        Cohort.Everyone,
        new AfterUpdates(1),
        new ByStaleness(Staleness, Alpha, Devices),
        new Mixing(MaxStaleness ?? (4 * Devices)),
        new Same(Directive));

    /// <inheritdoc />
    public override void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Devices, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Devices, int.MaxValue / 4);
        CheckShare(Alpha, nameof(Alpha));
        if (MaxStaleness is { } versions) { ArgumentOutOfRangeException.ThrowIfLessThan(versions, 1, nameof(MaxStaleness)); }
        base.Check();
    }

    /// <summary>Prints the non-default settings.</summary>
    /// <param name="builder">The output.</param>
    protected override bool PrintMembers(StringBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Append(CultureInfo.InvariantCulture, $"Devices = {Devices}, Alpha = {Alpha}, Staleness = {Staleness}");
        if (MaxStaleness is { } versions) { builder.Append(CultureInfo.InvariantCulture, $", MaxStaleness = {versions}"); }
        if (Directive != Directive.Unchanged) { builder.Append(CultureInfo.InvariantCulture, $", Directive = {Directive}"); }
        return true;
    }
}
