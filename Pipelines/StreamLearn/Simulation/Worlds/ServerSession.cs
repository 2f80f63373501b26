namespace StreamLearn.Simulation;

/// <summary>The unacknowledged messages that a server keeps for a subscription of a device with checkpoints, even while away.</summary>
internal sealed class ServerSession
{
    private readonly List<MessageInTransit> _open = [];     // messages in order of arrival
    private int _arrived;

    internal int Count => _open.Count;

    internal int Sent { get; private set; }

    internal void Add(MessageInTransit message)
    {
        message.Payload.Retain();
        _open.Add(message);
    }

    internal bool TrySend(out MessageInTransit message)
    {
        message = default;
        if (Sent == _open.Count) { return false; }
        message = _open[Sent];
        Sent++;
        return true;
    }

    /// <summary>Messages may overtake each other over different links; they are acknowledged in order of arrival.</summary>
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

    internal void Lose(int count) => Sent -= count;

    /// <summary>Records that the device is gone. All messages are sent again when it returns.</summary>
    internal void LoseAll() => Sent = _arrived = 0;

    internal void Clear()
    {
        foreach (var message in _open) { message.Payload.Release(); }
        _open.Clear();
        LoseAll();
    }

    internal void Acknowledge()
    {
        _open[0].Payload.Release();
        _open.RemoveAt(0);
        Sent--;
        _arrived--;
    }
}
