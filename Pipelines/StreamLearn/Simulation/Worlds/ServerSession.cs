namespace StreamLearn.Simulation;

/// <summary>What a server keeps for one subscription of a device that keeps checkpoints: messages until they are acknowledged, also while
/// the device is away.</summary>
internal sealed class ServerSession
{
    private readonly Queue<MessageInTransit> _open = [];

    /// <summary>Messages that are not acknowledged.</summary>
    internal int Count => _open.Count;

    /// <summary>Of those, how many were sent and not lost, the first ones.</summary>
    internal int Sent { get; private set; }

    /// <summary>Takes a message in.</summary>
    internal void Add(MessageInTransit message)
    {
        message.Payload.Retain();
        _open.Enqueue(message);
    }

    /// <summary>The next message to be sent.</summary>
    internal bool TrySend(out MessageInTransit message)
    {
        message = default;
        if (Sent == _open.Count) { return false; }
        message = _open.ElementAt(Sent);
        Sent++;
        return true;
    }

    /// <summary>The last of those that were sent never arrived.</summary>
    internal void Lose(int count) => Sent -= count;

    /// <summary>The device is gone: all is sent again when it comes back.</summary>
    internal void LoseAll() => Sent = 0;

    /// <summary>Nobody will read the session any more: what it keeps is dropped.</summary>
    internal void Clear()
    {
        while (_open.TryDequeue(out var message)) { message.Payload.Release(); }
        Sent = 0;
    }

    /// <summary>The first message is acknowledged.</summary>
    internal void Acknowledge()
    {
        _open.Dequeue().Payload.Release();
        Sent--;
    }
}
