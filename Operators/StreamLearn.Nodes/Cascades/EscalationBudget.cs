using System.Globalization;

namespace StreamLearn.Nodes;

/// <summary>A token bucket for questions to the next tier. It stores the time when the bucket is full, which avoids rounding drift. Source:
/// Turner (1986), leaky bucket; ITU-T I.371, virtual scheduling.</summary>
internal sealed record EscalationBudget(double PerMinute, int Burst = 1)
{
    private TimeSpan Interval => TimeSpan.FromMinutes(1 / PerMinute);

    internal bool HasToken(DateTimeOffset fullAt, DateTimeOffset now) => fullAt - now <= (Burst - 1) * Interval;

    internal DateTimeOffset Take(DateTimeOffset fullAt, DateTimeOffset now) => (fullAt > now ? fullAt : now) + Interval;

    internal void Check()
    {
        if (!(PerMinute is >= 1e-6 and <= 1e6 && Burst is >= 1 and <= 1_000_000))
        {
            throw new ArgumentOutOfRangeException(nameof(PerMinute), this, "expected a rate of 1e-6 to 1e6 and a burst of 1 to 1e6");
        }
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{PerMinute} a minute, {Burst} at once");
}
