namespace StreamLearn.Simulation;

/// <summary>What a server keeps for one subscription of a device that keeps checkpoints: messages until they are acknowledged, also while
/// the device is away.</summary>
internal sealed class ServerSession
{
    private readonly List<MessageInTransit> _open = [];     // those that have arrived first
    private int _arrived;

    /// <summary>Messages that are not acknowledged.</summary>
    internal int Count => _open.Count;

    /// <summary>Of those, how many were sent and not lost, the first ones.</summary>
    internal int Sent { get; private set; }

    /// <summary>Takes a message in.</summary>
    internal void Add(MessageInTransit message)
    {
        message.Payload.Retain();
        _open.Add(message);
    }

    /// <summary>The next message to be sent.</summary>
    internal bool TrySend(out MessageInTransit message)
    {
        message = default;
        if (Sent == _open.Count) { return false; }
        message = _open[Sent];
        Sent++;
        return true;
    }

    /// <summary>A message has arrived, perhaps before one that was sent earlier over another link: they are acknowledged in the order in
    /// which they arrive.</summary>
    internal void Arrived(Payload payload)
    {
        var place = _open.FindIndex(_arrived, Sent - _arrived, m => m.Payload == payload);
        if (place < 0) { return; }
        if (place > _arrived)
        {
            var arrived = _open[place];
            _open.RemoveAt(place);
            _open.Insert(_arrived, arrived);
        }

        _arrived++;
    }

    /// <summary>The last of those that were sent never arrived.</summary>
    internal void Lose(int count) => Sent -= count;

    /// <summary>The device is gone: all is sent again when it comes back.</summary>
    internal void LoseAll() => Sent = _arrived = 0;

    /// <summary>Nobody will read the session any more: what it keeps is dropped.</summary>
    internal void Clear()
    {
        foreach (var message in _open) { message.Payload.Release(); }
        _open.Clear();
        LoseAll();
    }

    /// <summary>The first message is acknowledged.</summary>
    internal void Acknowledge()
    {
        _open[0].Payload.Release();
        _open.RemoveAt(0);
        Sent--;
        _arrived--;
    }
}
