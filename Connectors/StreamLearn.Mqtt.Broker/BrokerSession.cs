namespace StreamLearn.Mqtt;

/// <summary>Owner and queue counts, in addition to those of MQTTnet. Guarded by <see cref="BrokerSessions"/>.</summary>
internal sealed class BrokerSession(string clientId, string? userName)
{
    internal const int MaxFilters = 64;

    private readonly Dictionary<string, int> _filters = new(StringComparer.Ordinal);
    private long _kept, _keptBytes, _passing, _passingBytes, _progress;

    internal string ClientId { get; } = clientId;

    internal string? UserName { get; } = userName;

    internal BrokerConnection? Connection { get; set; }

    internal TimeSpan Expiry { get; set; }

    /// <summary>Time of the disconnect by the broker's clock.</summary>
    internal long LeftAt { get; set; }

    /// <summary>True if MQTTnet has dropped it or is about to.</summary>
    internal bool IsEnding { get; set; }

    internal long MaxPacketBytes { get; set; } = long.MaxValue;

    /// <summary>How long it has blocked publishers of other logins since its queue was at most half full.</summary>
    internal TimeSpan HeldOthers { get; set; }

    internal long FilterBytes { get; private set; }

    /// <summary>Number of blocked messages of the client; its acknowledgements are not read meanwhile.</summary>
    internal int HeldBack { get; set; }

    internal long ProgressAt { get; private set; }

    internal long Passing => _passing;

    internal long Messages => _kept + _passing;

    internal long Bytes => _keptBytes + _passingBytes;

    /// <summary>False if there are too many filters or bytes.</summary>
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

    /// <summary>Starts measuring progress at connect, or with the first queued message.</summary>
    internal void BeginProgress(long now) => (ProgressAt, _progress) = (now, 0);

    /// <summary>Counts an acknowledged or sent message. Progress means a hundredth of the queue, because a client that acknowledges one
    /// message at a time would block its publishers.</summary>
    internal void Progress(long now)
    {
        if (++_progress >= Messages / 100) { BeginProgress(now); }
    }

    /// <summary>Releases a message. A retained message can be sent at a QoS lower than the highest for its topic.</summary>
    internal void Release(int qos, long bytes)
    {
        if (qos == 0 && _passing > 0) { (_passing, _passingBytes) = (_passing - 1, Math.Max(0, _passingBytes - bytes)); }
        else { (_kept, _keptBytes) = (Math.Max(0, _kept - 1), Math.Max(0, _keptBytes - bytes)); }
    }

    /// <summary>Removes QoS 0 messages, which MQTTnet drops with the connection.</summary>
    internal void ClearPassing() => (_passing, _passingBytes) = (0, 0);

    internal void Clear()
    {
        ClearPassing();
        (_kept, _keptBytes, FilterBytes) = (0, 0, 0);
        _filters.Clear();
    }

    /// <summary>Returns the memory of a filter with the objects that hold it, here and in MQTTnet.</summary>
    private static long BytesOf(string filter) => 512 + (4L * filter.Length);
}
