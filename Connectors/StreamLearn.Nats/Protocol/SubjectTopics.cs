namespace StreamLearn.Nats;

/// <summary>Bounded cache of topics by subject, cleared when full. Requires the link's lock.</summary>
internal sealed class SubjectTopics(int prefix = 0)
{
    private const int Most = 4096;
    private readonly Dictionary<string, Topic> _known = new(StringComparer.Ordinal);

    /// <summary>Default if the subject is no topic.</summary>
    internal Topic Of(string subject)
    {
        if (_known.TryGetValue(subject, out var topic)) { return topic; }
        if (_known.Count >= Most) { _known.Clear(); }
        return _known[subject] = NatsTopic.TryToTopic(subject[Math.Min(prefix, subject.Length)..], out topic) ? topic : default;
    }
}
