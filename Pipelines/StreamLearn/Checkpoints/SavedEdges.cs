namespace StreamLearn;

internal sealed class SavedEdges(Pipeline pipeline, Checkpoint from, string[] names)
{
    internal const string Format = "edge/3";

    private readonly HashSet<string> _blocks = [.. pipeline.Nodes.Select(static n => n.Name)];
    private readonly List<CheckpointPart> _gone = [.. from.Parts.Where(p => p.Format == Format && !names.Contains(p.Name))];

    /// <summary>What an edge restores: its own part, that of the edge it replaces before a new receiver, or of a removed sender.</summary>
    internal (CheckpointPart Part, string Receiver)? TakenBy(Edge edge)
    {
        var receiver = pipeline.Nodes[edge.To].Name;
        if (from.IsLeft(receiver)) { return null; }
        if (from[names[edge.Index]] is { } own) { return (own, receiver); }
        var part = IsNew(receiver) ? PutIn(edge) : InPlaceOfSender(edge);
        return part is null ? null : (part, StateMismatches.EndsOf(part.Name).To);
    }

    internal Schema? ColumnsInto(Edge edge)
    {
        if (from[names[edge.Index]] is { } same) { return HeadOf(same)?.Columns; }
        var receiver = pipeline.Nodes[edge.To].Name;
        var all = _gone.Where(p => StateMismatches.EndsOf(p.Name).To == receiver).Select(static p => HeadOf(p)?.Columns).OfType<Schema>()
            .Distinct().ToList();
        return all.Count == 1 ? all[0] : null;
    }

    /// <summary>Returns true if an edge's messages may be dropped because its receiver restarts empty or its sender was removed.</summary>
    internal bool MayDrop(CheckpointPart part) => part.Format == Format
        && StateMismatches.EndsOf(part.Name) is var (sender, receiver) && (from.IsLeft(receiver) || !_blocks.Contains(sender));

    internal static EdgeHead? HeadOf(CheckpointPart part)
    {
        if (part.Format != Format) { return null; }
        StateStream s = new(part.Content.Span, Pools.None);
        return EdgeQueue.Head(ref s, default);
    }

    private bool IsNew(string block) => from[$"block/{block}"] is null;

    private CheckpointPart? PutIn(Edge edge)
    {
        var (name, sender) = (names[edge.Index], pipeline.Nodes[edge.From]);
        var output = name[..(name.IndexOf('→', StringComparison.Ordinal) + 1)];
        var part = Only(p => p.Name.StartsWith(output, StringComparison.Ordinal) && StateMismatches.EndsOf(p.Name).To is var receiver
            && _blocks.Contains(receiver) && !from.IsLeft(receiver));
        var isOnly = pipeline.Edges.Count(e => names[e.Index].StartsWith(output, StringComparison.Ordinal)
            && IsNew(pipeline.Nodes[e.To].Name)) == 1;
        return part is null || !isOnly || (edge.Port == 0 && HasOther(sender.Schema, HeadOf(part)?.Columns)) ? null : part;
    }

    private CheckpointPart? InPlaceOfSender(Edge edge)
    {
        var receiver = pipeline.Nodes[edge.To].Name;
        var isOnly = pipeline.Edges.Count(e => e.To == edge.To && e.IsControl == edge.IsControl && from[names[e.Index]] is null) == 1;
        return !isOnly ? null : Only(p => StateMismatches.EndsOf(p.Name) is var (sender, to) && to == receiver && !_blocks.Contains(sender)
            && StateMismatches.IsControl(p.Name) == edge.IsControl);
    }

    private CheckpointPart? Only(Func<CheckpointPart, bool> condition) =>
        _gone.Where(condition).Take(2).ToArray() is [var only] ? only : null;

    private static bool HasOther(Schema? declared, Schema? came) => declared is not null && came is not null && !declared.Equals(came);
}
