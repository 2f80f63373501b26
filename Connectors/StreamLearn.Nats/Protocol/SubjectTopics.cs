namespace StreamLearn.Nats;

/// <summary>A cache of topics by subject, which is cleared when it is full. Use it while holding the link's lock.</summary>
internal sealed class SubjectTopics(int prefix = 0)
{
    private const int Most = 4096;
    private readonly Dictionary<string, Topic> _known = new(StringComparer.Ordinal);

    /// <summary>Returns default if the subject is not a topic.</summary>
    internal Topic Of(string subject)
    {
        if (_known.TryGetValue(subject, out var topic)) { return topic; }
        if (_known.Count >= Most) { _known.Clear(); }
        return _known[subject] = NatsTopic.TryToTopic(subject[Math.Min(prefix, subject.Length)..], out topic) ? topic : default;
    }
}
