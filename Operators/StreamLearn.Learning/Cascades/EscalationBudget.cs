using System.Globalization;

namespace StreamLearn.Learning;

/// <summary>How many questions may be asked of the next tier: a token bucket. Source: Turner (1986), leaky bucket as a meter.</summary>
/// <param name="PerMinute">Questions a minute in the long run, above 0.</param>
/// <param name="Burst">Questions that may go at once after a rest, at least 1.</param>
public sealed record EscalationBudget(double PerMinute, double Burst = 1)
{
    /// <summary>Tokens after some time.</summary>
    internal double Refilled(double tokens, TimeSpan time) => Math.Min(Burst, tokens + (PerMinute * time.TotalMinutes));

    internal void Check()
    {
        if (!(PerMinute is > 0 and < double.PositiveInfinity && Burst is >= 1 and < double.PositiveInfinity))
        {
            throw new ArgumentOutOfRangeException(nameof(PerMinute), PerMinute, "expected a rate above 0 and a burst of at least 1");
        }
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{PerMinute} a minute, {Burst} at once");
}
