namespace StreamLearn.Learning;

/// <summary>How long answers to updates take, and after what time an unanswered one is sent again.</summary>
internal sealed class AnswerTime(CreditOptions options)
{
    private TimeSpan? _usual;       // smoothed, of updates that were sent once

    /// <summary>Time after which the next update is sent again.</summary>
    internal TimeSpan ResendAfter { get; private set; } = options.ResendAfter;

    /// <summary>How long an answer may take before its update is sent again.</summary>
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

    /// <summary>
    /// Takes in an answer to an update that was sent once: of the others nobody knows which copy was answered. Source: Karn, Partridge
    /// (1987).
    /// </summary>
    internal void Measure(TimeSpan took)
    {
        _usual = _usual is { } usual ? usual + ((took - usual) / 8) : took;
        ResendAfter = Patience;
    }

    /// <summary>
    /// Takes in an answer to an update that was sent again. Which copy was answered, nobody knows: but if it was the first, patience was
    /// too short, and where answers are slow all updates would be sent again for ever. So patience grows a little.
    /// </summary>
    internal void MeasureLate()
    {
        _usual = _usual is { } usual ? 1.25 * usual : Patience / 2;
        Expect(Patience);
    }

    /// <summary>An update had to be sent again: the answers to the next ones are not expected sooner than its own.</summary>
    internal void Expect(TimeSpan delay) => ResendAfter = delay > ResendAfter ? delay : ResendAfter;

    /// <summary>Connections were lost: that answers did not come says nothing of how long they take.</summary>
    internal void Forget() => ResendAfter = Patience;
}
