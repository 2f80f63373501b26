using System.Globalization;
using System.Text;
using StreamLearn.Models;

namespace StreamLearn.Fleets;

/// <summary>
/// Buffered asynchronous averaging: a round ends with the K-th update, or at its deadline; stale updates are worth less.
/// </summary>
/// <remarks>
/// With M devices always at work the usual staleness is about M / K versions. Steps that come s versions late overshoot unless they are
/// shorter by about 1 / (1 + s): versions then swing from one to the next, at the server's rate 1 even where they look fine at first.
/// <c>Staleness.Polynomial(1)</c> shortens them so. Source: Nguyen et al. (2022), FedBuff; staleness weight of Xie et al. (2019), a = ½;
/// a = 1: Zhang, Gupta, Lian, Liu (2016), Staleness-aware async-SGD.
/// </remarks>
/// <param name="BufferSize">Updates K in a round, at least 1.</param>
/// <param name="LearningRate">The server's rate, above 0; default 1.</param>
/// <param name="Deadline">Time after the last version when fewer updates will do, above 0; null waits for K.</param>
public sealed record FedBuff(int BufferSize, float LearningRate = 1, TimeSpan? Deadline = null) : Strategy
{
    /// <summary>What stale updates are worth; default polynomial, a = ½, as in the paper.</summary>
    public Staleness Staleness { get; init; } = new PolynomialStaleness();

    /// <summary>What devices are told: local steps, batch, learning rate; default nothing.</summary>
    public Directive Directive { get; init; } = Directive.Unchanged;

    /// <inheritdoc />
    public override Rules Rounds => new(
        Cohort.Everyone,
        new AfterUpdates(BufferSize, Deadline),
        new ByStaleness(Staleness),
        new MeanOfDeltas(LearningRate),
        new Same(Directive));

    /// <inheritdoc />
    public override void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(BufferSize, 1);
        base.Check();
    }

    /// <summary>Prints the settings that are not the default.</summary>
    /// <param name="builder">Where to.</param>
    protected override bool PrintMembers(StringBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Append(CultureInfo.InvariantCulture, $"BufferSize = {BufferSize}, LearningRate = {LearningRate}, Deadline = {Deadline}");
        if (Staleness != new PolynomialStaleness()) { builder.Append(CultureInfo.InvariantCulture, $", Staleness = {Staleness}"); }
        if (Directive != Directive.Unchanged) { builder.Append(CultureInfo.InvariantCulture, $", Directive = {Directive}"); }
        return true;
    }
}
