namespace StreamLearn;

/// <summary>An ordered queue of messages, which are released from the front once a checkpoint that holds them is on disk. Only
/// <see cref="Release"/> is thread-safe.</summary>
internal sealed class HeldQueue<T>
{
    private readonly Queue<T> _messages = [];
    private long _added;         // number of all messages added, including released ones
    private long _left;
    private long _saved;         // of these, the number in the current checkpoint
    private long _released;      // and the number that a checkpoint on disk holds

    internal int Count => _messages.Count;

    internal bool MayGo => Volatile.Read(ref _released) > _left;

    internal void Add(T message)
    {
        _messages.Enqueue(message);
        _added++;
    }

    internal bool TryTake(out T message)
    {
        if (!_messages.TryDequeue(out message!)) { return false; }
        _left++;
        return true;
    }

    internal void Save() => _saved = _added;

    /// <summary>Releases the messages of that checkpoint, which is on disk now; thread-safe.</summary>
    internal bool Release()
    {
        if (_saved == Volatile.Read(ref _released)) { return false; }
        Volatile.Write(ref _released, _saved);
        return true;
    }

    /// <summary>A struct enumerator, to avoid allocation.</summary>
    public Queue<T>.Enumerator GetEnumerator() => _messages.GetEnumerator();
}
