namespace StreamLearn;

/// <summary>A block of a run, of which the host saves what is its own.</summary>
internal interface ISavedBlock
{
    Node Node { get; }

    /// <summary>The name of the form of what <see cref="HostState"/> writes.</summary>
    string HostFormat { get; }

    /// <summary>True if the block has ended, in this run or before it: what it ran is gone, and so is the state of that.</summary>
    bool HasEnded { get; }

    /// <summary>What the block runs, if its state can be saved.</summary>
    IStateful? Stateful { get; }

    /// <summary>The queues of its inputs, each with the name of its sender.</summary>
    EdgeQueue[] Queues { get; }

    /// <summary>What the host keeps of the block. No call of it is under way; it is read once all edges are there and before the first
    /// call.</summary>
    void HostState(ref StateStream s, SavedMessages messages, DateTimeOffset now);

    /// <summary>The state of what it runs has been taken up too.</summary>
    void Loaded();
}
