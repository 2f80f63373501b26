using System.Globalization;
using StreamLearn.Learning;

namespace StreamLearn.Nodes;

/// <summary>How many questions may be asked of the next tier: a token bucket, kept as the time at which it would be full again, so that no
/// rounding adds up. Source: Turner (1986), leaky bucket; ITU-T I.371, virtual scheduling.</summary>
/// <param name="PerMinute">Questions a minute in the long run, above 0.</param>
/// <param name="Burst">Questions that may go at once after a rest, at least 1; default 1.</param>
public sealed record EscalationBudget(double PerMinute, int Burst = 1)
{
    private TimeSpan Interval => TimeSpan.FromMinutes(1 / PerMinute);

    /// <summary>True if a token is left. <paramref name="fullAt"/>: when all are.</summary>
    internal bool HasToken(DateTimeOffset fullAt, DateTimeOffset now) => fullAt - now <= (Burst - 1) * Interval;

    /// <summary>When all tokens are there after one is taken.</summary>
    internal DateTimeOffset Take(DateTimeOffset fullAt, DateTimeOffset now) => (fullAt > now ? fullAt : now) + Interval;

    internal void Check()
    {
        if (!(PerMinute is >= 1e-6 and <= 1e6 && Burst is >= 1 and <= 1_000_000))
        {
            throw new ArgumentOutOfRangeException(nameof(PerMinute), this, "expected a rate of 1e-6 to 1e6 and a burst of 1 to 1e6");
        }
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{PerMinute} a minute, {Burst} at once");
}
