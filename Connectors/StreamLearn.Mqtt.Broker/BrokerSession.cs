namespace StreamLearn.Mqtt;

/// <summary>What a broker knows of a client's session beside MQTTnet: whose it is, and what waits for it. Guarded by
/// <see cref="BrokerSessions"/>.</summary>
internal sealed class BrokerSession(string clientId, string? userName)
{
    /// <summary>Filters of one session, at most.</summary>
    internal const int MaxFilters = 64;

    private readonly Dictionary<string, int> _filters = new(StringComparer.Ordinal);
    private long _kept, _keptBytes, _passing, _passingBytes;

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

    /// <summary>When it acknowledged a message last, or was sent one of QoS 0, or when the first one came to wait.</summary>
    internal long ProgressAt { get; set; }

    /// <summary>Messages of QoS 0 that wait for it.</summary>
    internal long Passing => _passing;

    internal long Messages => _kept + _passing;

    internal long Bytes => _keptBytes + _passingBytes;

    /// <summary>True unless it has too many filters.</summary>
    internal bool Subscribe(string filter, int qos)
    {
        if (_filters.Count >= MaxFilters && !_filters.ContainsKey(filter)) { return false; }
        _filters[filter] = qos;
        return true;
    }

    internal void Unsubscribe(string filter) => _filters.Remove(filter);

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

    /// <summary>Takes a message off.</summary>
    internal void Release(int qos, long bytes)
    {
        if (qos == 0) { (_passing, _passingBytes) = (Math.Max(0, _passing - 1), Math.Max(0, _passingBytes - bytes)); }
        else { (_kept, _keptBytes) = (Math.Max(0, _kept - 1), Math.Max(0, _keptBytes - bytes)); }
    }

    /// <summary>Takes off what ends with a connection: MQTTnet keeps messages of QoS 1 alone.</summary>
    internal void ClearPassing() => (_passing, _passingBytes) = (0, 0);

    /// <summary>Takes off all, filters included.</summary>
    internal void Clear()
    {
        ClearPassing();
        (_kept, _keptBytes) = (0, 0);
        _filters.Clear();
    }
}
