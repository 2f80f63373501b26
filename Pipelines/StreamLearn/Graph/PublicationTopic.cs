namespace StreamLearn;

/// <summary>Where a publication's messages go: to one topic, or each to that of its own. <paramref name="template"/>: the topic of which a
/// level depends on the message; null: <paramref name="topic"/> is that of all.</summary>
internal sealed class PublicationTopic(TopicTemplate? template, Topic topic, Func<object, string>? levelOf)
{
    /// <summary>True if a filter takes one or more of the topics to which messages may go.</summary>
    internal bool MayMeet(Topic filter) => template?.MayMeet(filter) ?? filter.Matches(topic);

    /// <summary>Opens it for one run.</summary>
    internal Func<object, Topic> Open() => template is null ? _ => topic : new Known(template, levelOf!).Of;

    /// <summary>The topics that have come, so that publishing to one again allocates nothing. Bounded: when there are too many it begins
    /// anew.</summary>
    private sealed class Known(TopicTemplate template, Func<object, string> levelOf)
    {
        private const int Most = 16_384;
        private readonly Dictionary<string, Topic> _topics = new(StringComparer.Ordinal);

        internal Topic Of(object item)
        {
            var level = levelOf(item);
            if (_topics.TryGetValue(level, out var topic)) { return topic; }
            if (_topics.Count >= Most) { _topics.Clear(); }
            return _topics[level] = template.Of(level);
        }
    }
}
