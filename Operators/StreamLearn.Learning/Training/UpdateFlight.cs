using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Learning;

internal sealed class UpdateFlight(WeightDelta? update, bool isFree, DateTimeOffset sentAt, TimeSpan delay)
{
    internal DateTimeOffset LastSentAt { get; private set; } = sentAt;

    internal bool WasResent { get; private set; }

    internal WeightDelta? Update { get; private set; } = update;

    internal bool IsFree => isFree;

    [MemberNotNullWhen(false, nameof(Update))]
    internal bool IsAnswered => Update is null;

    /// <summary>The version that must be held before credit returns.</summary>
    internal ModelVersion Needs { get; private set; }

    /// <summary>When it is sent again, or its credit returns in any case.</summary>
    internal DateTimeOffset DueAt { get; private set; } = sentAt + delay;

    internal TimeSpan Delay { get; private set; } = delay;

    internal void State(ref StateStream s)
    {
        s.Value(ref isFree);
        LastSentAt = s.ClockTime(LastSentAt) ?? default;
        Delay = s.Value(Delay);
        DueAt = s.ClockTime(DueAt) ?? default;
        WasResent = s.Value(WasResent);
        if (s.Value(IsAnswered)) { Needs = s.Value(Needs); }
        else { Update = s.Value(Update, LearningCodecs.Deltas); }
    }

    internal bool IsLate(DateTimeOffset now, TimeSpan patience) => !IsAnswered && LastSentAt + patience <= now;

    /// <summary>Makes it due now; the delay starts to double again.</summary>
    internal void Restart(DateTimeOffset now, TimeSpan delay) => (Delay, DueAt) = (delay / 2, now);

    /// <summary>Gives the update a new number, because its number was used by another update before.</summary>
    internal void Renumber(long sequence, DateTimeOffset now, TimeSpan delay)
    {
        Update = Update! with { Sequence = sequence };
        Restart(now, delay);
    }

    internal void SendAgain(DateTimeOffset now, TimeSpan delay) => (WasResent, LastSentAt, Delay, DueAt) = (true, now, delay, now + delay);

    internal void Answer(ModelVersion needs, DateTimeOffset until) => (Update, Needs, DueAt) = (null, needs, until);
}
