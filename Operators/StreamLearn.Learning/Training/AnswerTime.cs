namespace StreamLearn.Learning;

internal sealed class AnswerTime(CreditOptions options)
{
    private TimeSpan? _usual;       // smoothed, from updates sent only once

    internal TimeSpan ResendAfter { get; private set; } = options.ResendAfter;

    internal TimeSpan Patience
    {
        get
        {
            var patience = 3 * (_usual ?? TimeSpan.Zero);
            return patience < options.ResendAfter ? options.ResendAfter
                : patience > options.MaxResendDelay ? options.MaxResendDelay
                : patience;
        }
    }

    internal void State(ref StateStream s)
    {
        var (isKnown, usual) = (s.Value(_usual is not null), s.Value(_usual ?? TimeSpan.Zero));
        _usual = isKnown ? usual : null;
        ResendAfter = s.Value(ResendAfter);
    }

    /// <summary>Measures only updates sent once; otherwise it is unknown which copy was answered. Source: Karn, Partridge (1987).</summary>
    internal void Measure(TimeSpan took)
    {
        _usual = _usual is { } usual ? usual + ((took - usual) / 8) : took;
        ResendAfter = Patience;
    }

    /// <summary>Records an answer to a resent update. Patience grows a little; else slow answers would cause endless resends.</summary>
    internal void MeasureLate()
    {
        _usual = _usual is { } usual ? 1.25 * usual : Patience / 2;
        Expect(Patience);
    }

    /// <summary>Raises the resend time: after a resend, later answers are not expected sooner.</summary>
    internal void Expect(TimeSpan delay) => ResendAfter = delay > ResendAfter ? delay : ResendAfter;

    /// <summary>Resets the resend time, because missing answers after lost connections do not measure delay.</summary>
    internal void Forget() => ResendAfter = Patience;
}
