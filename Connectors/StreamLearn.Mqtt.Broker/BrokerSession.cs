namespace StreamLearn.Mqtt;

/// <summary>What a broker knows of a client's session beside MQTTnet: whose it is, and what waits for it. Guarded by
/// <see cref="BrokerSessions"/>.</summary>
internal sealed class BrokerSession(string clientId, string? userName)
{
    /// <summary>Filters of one session, at most.</summary>
    internal const int MaxFilters = 64;

    private readonly Dictionary<string, int> _filters = new(StringComparer.Ordinal);
    private long _kept, _keptBytes, _passing, _passingBytes, _progress;

    internal string ClientId { get; } = clientId;

    /// <summary>The login that it belongs to; null where there are no logins.</summary>
    internal string? UserName { get; } = userName;

    /// <summary>Null: it is away.</summary>
    internal BrokerConnection? Connection { get; set; }

    /// <summary>How long it is kept while it is away.</summary>
    internal TimeSpan Expiry { get; set; }

    /// <summary>When it went away, by the broker's clock.</summary>
    internal long LeftAt { get; set; }

    /// <summary>True: MQTTnet keeps nothing of it any more, or is about to.</summary>
    internal bool IsEnding { get; set; }

    /// <summary>Bytes of the largest packet that its client takes, by what it said last.</summary>
    internal long MaxPacketBytes { get; set; } = long.MaxValue;

    /// <summary>How long it has held back publishers of other logins, since its queue was half full or less.</summary>
    internal TimeSpan HeldOthers { get; set; }

    /// <summary>What its filters take.</summary>
    internal long FilterBytes { get; private set; }

    /// <summary>Messages of its client that are held back now: no acknowledgement of it is read meanwhile.</summary>
    internal int HeldBack { get; set; }

    /// <summary>When it began to make the progress at hand.</summary>
    internal long ProgressAt { get; private set; }

    /// <summary>Messages of QoS 0 that wait for it.</summary>
    internal long Passing => _passing;

    internal long Messages => _kept + _passing;

    internal long Bytes => _keptBytes + _passingBytes;

    /// <summary>True unless it has too many filters, or they would take more than is left.</summary>
    internal bool Subscribe(string filter, int qos, long bytesLeft)
    {
        if (!_filters.ContainsKey(filter))
        {
            if (_filters.Count >= MaxFilters || BytesOf(filter) > bytesLeft) { return false; }
            FilterBytes += BytesOf(filter);
        }

        _filters[filter] = qos;
        return true;
    }

    internal void Unsubscribe(string filter)
    {
        if (_filters.Remove(filter)) { FilterBytes -= BytesOf(filter); }
    }

    /// <summary>The QoS at which it gets a message.</summary>
    internal int QosOf(string topic, int published)
    {
        var granted = 0;
        foreach (var (filter, qos) in _filters)
        {
            if (qos > granted && TopicRights.Covers(filter, topic)) { granted = qos; }
        }

        return Math.Min(granted, published);
    }

    internal void Add(int qos, long bytes)
    {
        if (qos == 0) { (_passing, _passingBytes) = (_passing + 1, _passingBytes + bytes); }
        else { (_kept, _keptBytes) = (_kept + 1, _keptBytes + bytes); }
    }

    /// <summary>Starts to measure its progress: it has connected, or a first message waits for it.</summary>
    internal void BeginProgress(long now) => (ProgressAt, _progress) = (now, 0);

    /// <summary>It has acknowledged a message, or was sent one of QoS 0. A hundredth of what waits is progress: who acknowledges one
    /// message after the other, as slowly as may be, would hold up all that publish to it.</summary>
    internal void Progress(long now)
    {
        if (++_progress >= Messages / 100) { BeginProgress(now); }
    }

    /// <summary>Takes a message off. One that is retained may be sent at a lower QoS than the highest that its topic is read at.</summary>
    internal void Release(int qos, long bytes)
    {
        if (qos == 0 && _passing > 0) { (_passing, _passingBytes) = (_passing - 1, Math.Max(0, _passingBytes - bytes)); }
        else { (_kept, _keptBytes) = (Math.Max(0, _kept - 1), Math.Max(0, _keptBytes - bytes)); }
    }

    /// <summary>Takes off what ends with a connection: MQTTnet keeps messages of QoS 1 alone.</summary>
    internal void ClearPassing() => (_passing, _passingBytes) = (0, 0);

    /// <summary>Takes off all, filters included.</summary>
    internal void Clear()
    {
        ClearPassing();
        (_kept, _keptBytes, FilterBytes) = (0, 0, 0);
        _filters.Clear();
    }

    /// <summary>With the objects that hold it, here and in MQTTnet.</summary>
    private static long BytesOf(string filter) => 512 + (4L * filter.Length);
}
