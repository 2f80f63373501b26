using System.Globalization;
using System.Text;

namespace StreamLearn.Fleets;

/// <summary>Buffered asynchronous averaging: a round ends with the K-th update or at its deadline. Stale updates weigh less.</summary>
/// <remarks>With M busy devices the usual staleness is about M / K versions. Steps from a base s versions old overshoot unless they are
/// shortened by about 1 / (1 + s), as by <c>Staleness.Polynomial(1)</c>; otherwise versions oscillate at rate 1. Source: Nguyen et al.
/// (2022), FedBuff; for the staleness weight Xie et al. (2019), a = ½; for a = 1 Zhang, Gupta, Lian, Liu (2016), Staleness-aware
/// async-SGD.</remarks>
/// <param name="BufferSize">Updates K in a round, at least 1.</param>
/// <param name="LearningRate">Server rate, above 0; default 1.</param>
/// <param name="Deadline">Time since the last version after which fewer updates suffice, above 0; null: none.</param>
public sealed record FedBuff(int BufferSize, float LearningRate = 1, TimeSpan? Deadline = null) : Strategy
{
    /// <summary>Weight of stale updates; default polynomial with a = ½, as in the paper.</summary>
    public Staleness Staleness { get; init; } = new PolynomialStaleness();

    /// <summary>Directive for devices: local steps, batch, learning rate; default none.</summary>
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

    /// <summary>Prints the non-default settings.</summary>
    /// <param name="builder">The output.</param>
    protected override bool PrintMembers(StringBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Append(CultureInfo.InvariantCulture, $"BufferSize = {BufferSize}, LearningRate = {LearningRate}, Deadline = {Deadline}");
        if (Staleness != new PolynomialStaleness()) { builder.Append(CultureInfo.InvariantCulture, $", Staleness = {Staleness}"); }
        if (Directive != Directive.Unchanged) { builder.Append(CultureInfo.InvariantCulture, $", Directive = {Directive}"); }
        return true;
    }
}
