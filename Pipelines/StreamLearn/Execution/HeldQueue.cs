namespace StreamLearn;

/// <summary>Messages in their order, of which the first ones may go: those that a checkpoint on disk holds. All but <see cref="Release"/>
/// is for one thread at a time.</summary>
internal sealed class HeldQueue<T>
{
    private readonly Queue<T> _messages = [];
    private long _added;         // so far, as what has left again
    private long _left;
    private long _saved;         // of those added so far, how many the checkpoint under way holds
    private long _released;      // and how many a checkpoint on disk

    internal int Count => _messages.Count;

    /// <summary>True if the first message may go.</summary>
    internal bool MayGo => Volatile.Read(ref _released) > _left;

    internal void Add(T message)
    {
        _messages.Enqueue(message);
        _added++;
    }

    /// <summary>Takes the first message out, also one that may not go.</summary>
    internal bool TryTake(out T message)
    {
        if (!_messages.TryDequeue(out message!)) { return false; }
        _left++;
        return true;
    }

    /// <summary>The checkpoint under way holds all that is here.</summary>
    internal void Save() => _saved = _added;

    /// <summary>That checkpoint is on disk; any thread.</summary>
    internal bool Release()
    {
        if (_saved == Volatile.Read(ref _released)) { return false; }
        Volatile.Write(ref _released, _saved);
        return true;
    }

    /// <summary>Goes through the messages; a structure, by which nothing is allocated.</summary>
    public Queue<T>.Enumerator GetEnumerator() => _messages.GetEnumerator();
}
