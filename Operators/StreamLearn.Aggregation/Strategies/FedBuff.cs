using System.Globalization;
using System.Text;
using StreamLearn.Learning;

namespace StreamLearn.Aggregation;

/// <summary>
/// Buffered asynchronous averaging: a round ends with the K-th update, or at its deadline; the weight is 1/√(1 + staleness).
/// </summary>
/// <remarks>Source: Nguyen et al. (2022), FedBuff; staleness weight of Xie et al. (2019), a = ½.</remarks>
/// <param name="BufferSize">Updates K in a round, at least 1.</param>
/// <param name="LearningRate">The server's rate, above 0; default 1.</param>
/// <param name="Deadline">Time after the last version when fewer updates will do, above 0; null waits for K.</param>
public sealed record FedBuff(int BufferSize, float LearningRate = 1, TimeSpan? Deadline = null) : Strategy
{
    /// <summary>What devices are told: local steps, batch, learning rate; default nothing.</summary>
    public Directive Directive { get; init; } = Directive.Unchanged;

    /// <inheritdoc />
    public override Rounds Rounds => new(
        Selection.Everyone,
        Barrier.Buffer(BufferSize, Deadline),
        static (in UpdateHeader update, in RoundView round) => 1 / MathF.Sqrt(1 + round.Version - update.BaseVersion),
        new MeanOfDeltas(LearningRate),
        Directives.Same(Directive));

    /// <inheritdoc />
    public override void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(BufferSize, 1);
        CheckRate(LearningRate, nameof(LearningRate));
        if (Deadline is { } deadline) { ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(deadline, TimeSpan.Zero, nameof(Deadline)); }
        CheckDirective(Directive);
    }

    /// <summary>Prints the settings that are not the default.</summary>
    /// <param name="builder">Where to.</param>
    protected override bool PrintMembers(StringBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Append(CultureInfo.InvariantCulture, $"BufferSize = {BufferSize}, LearningRate = {LearningRate}, Deadline = {Deadline}");
        if (Directive != Directive.Unchanged) { builder.Append(CultureInfo.InvariantCulture, $", Directive = {Directive}"); }
        return true;
    }
}
