namespace StreamLearn.Learning;

/// <summary>An update that is under way.</summary>
internal sealed class UpdateFlight(WeightDelta update, bool isFree, DateTimeOffset sentAt, TimeSpan delay)
{
    internal DateTimeOffset SentAt { get; } = sentAt;

    internal DateTimeOffset LastSentAt { get; private set; } = sentAt;

    internal bool WasResent { get; private set; }

    internal WeightDelta Update => update;

    internal bool IsFree => isFree;

    internal bool IsAnswered { get; private set; }

    /// <summary>The version that has to be held before its credit returns.</summary>
    internal ModelVersion Needs { get; private set; }

    /// <summary>When it is sent again, or when its credit returns in any case.</summary>
    internal DateTimeOffset DueAt { get; set; } = sentAt + delay;

    /// <summary>Time after which it is sent again.</summary>
    internal TimeSpan Delay { get; private set; } = delay;

    /// <summary>True if it is unanswered, and was sent longer ago than answers take.</summary>
    internal bool IsLate(DateTimeOffset now, TimeSpan patience) => !IsAnswered && LastSentAt + patience <= now;

    /// <summary>It is due, and then again after a delay, which doubles from there.</summary>
    internal void BeginAnew(DateTimeOffset now, TimeSpan delay) => (Delay, DueAt) = (delay / 2, now);

    internal void SendAgain(DateTimeOffset now, TimeSpan delay) =>
        (WasResent, LastSentAt, Delay, DueAt) = (true, now, delay, now + delay);

    internal void Answer(ModelVersion needs, DateTimeOffset until) => (IsAnswered, Needs, DueAt) = (true, needs, until);
}
