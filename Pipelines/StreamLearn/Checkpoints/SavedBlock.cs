namespace StreamLearn;

/// <summary>A block of either host: its outputs, and what a checkpoint holds of it.</summary>
internal abstract class SavedBlock(Node node, Fanout output)
{
    internal Node Node { get; } = node;

    internal Fanout Out { get; } = output;

    public BlockMetrics Metrics => Out.Metrics;

    internal abstract string HostFormat { get; }

    internal virtual IStateful? Stateful => null;

    /// <summary>True if the block has ended, now or in an earlier run: its operator and state are gone.</summary>
    internal bool HasEnded => IsOver || HadEnded;

    internal EdgeQueue[] Queues => field ??= [.. Edges.Select(static e => e.Queue)];

    private protected abstract IEnumerable<RunEdge> Edges { get; }

    private protected abstract bool IsOver { get; }

    /// <summary>True if it had ended before the saved state that this run resumes from.</summary>
    private protected bool HadEnded { get; private set; }

    /// <summary>No call may be in progress. Restores after wiring, before the first call.</summary>
    internal void HostState(ref StateStream s, SavedMessages messages, DateTimeOffset now)
    {
        var hasEnded = s.Value(HasEnded);
        if (s.IsReading) { HadEnded = hasEnded; }
        Out.State(ref s, messages, Node);
        OwnState(ref s, messages, now);
    }

    internal virtual void Loaded() { }

    private protected virtual void OwnState(ref StateStream s, SavedMessages messages, DateTimeOffset now) { }
}
