namespace StreamLearn.Nats;

/// <summary>The topics of subjects, so that one that comes again allocates nothing. Bounded: when there are too many it begins anew. Locked
/// by the link.</summary>
internal sealed class SubjectTopics(int prefix = 0)
{
    private const int Most = 4096;
    private readonly Dictionary<string, Topic> _known = new(StringComparer.Ordinal);

    /// <summary>The topic of a subject; the default value: it is none of a topic.</summary>
    internal Topic Of(string subject)
    {
        if (_known.TryGetValue(subject, out var topic)) { return topic; }
        if (_known.Count >= Most) { _known.Clear(); }
        return _known[subject] = NatsTopic.TryToTopic(subject[Math.Min(prefix, subject.Length)..], out topic) ? topic : default;
    }
}
