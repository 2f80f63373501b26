namespace StreamLearn;

internal interface ISavedBlock
{
    Node Node { get; }

    /// <summary>The format of <see cref="HostState"/>.</summary>
    string HostFormat { get; }

    /// <summary>True if the block has ended, now or in an earlier run: its operator and state are gone.</summary>
    bool HasEnded { get; }

    IStateful? Stateful { get; }

    EdgeQueue[] Queues { get; }

    /// <summary>Saves or restores the host's data of the block. No call is in progress; restored after wiring, before the first
    /// call.</summary>
    void HostState(ref StateStream s, SavedMessages messages, DateTimeOffset now);

    void Loaded();
}
