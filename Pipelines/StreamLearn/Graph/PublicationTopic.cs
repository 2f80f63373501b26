namespace StreamLearn;

/// <summary>The topics of a publication. <paramref name="template"/>: null if all messages go to <paramref name="topic"/>.</summary>
internal sealed class PublicationTopic(TopicTemplate? template, Topic topic, Func<object, string>? levelOf)
{
    internal bool MayMeet(Topic filter) => template?.MayMeet(filter) ?? filter.Matches(topic);

    internal Func<object, Topic> Open() => template is null ? _ => topic : new Known(template, levelOf!).Of;

    /// <summary>Caches topics to avoid allocation. The cache is cleared when it is full.</summary>
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
