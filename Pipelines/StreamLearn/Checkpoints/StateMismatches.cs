namespace StreamLearn;

/// <summary>Collects the mismatches between a checkpoint and a pipeline, and the blocks that may restart instead.</summary>
internal sealed class StateMismatches(Pipeline pipeline, Checkpoint from)
{
    private readonly List<string> _problems = [];
    private readonly List<string> _fit = [];
    private readonly List<(string Name, string Host, string? State)> _new = [];
    private readonly List<string> _blocks = [];
    private readonly HashSet<string> _present = [.. pipeline.Nodes.Select(static n => n.Name)];

    internal int Count => _problems.Count;

    internal void AddFit(SavedBlock block)
    {
        var name = block.Node.Name;
        if (from[$"block/{name}"] is not null) { _fit.Add(name); }
        else if (!from.IsLeft(name)) { _new.Add((name, block.HostFormat, block.Stateful?.StateFormat)); }
    }

    /// <summary>Records a mismatch. <paramref name="block"/>: the block to remove so that the rest can resume; null: none.</summary>
    internal void Add(string problem, string? block = null)
    {
        _problems.Add(problem);
        if (block is not null && !_blocks.Contains(block)) { _blocks.Add(block); }
    }

    internal void AddPart(string part, string problem) => Add($"{What(part)} {problem}", BlockOf(part));

    internal void AddUnused(CheckpointPart part)
    {
        if (part.Name.StartsWith("state/", StringComparison.Ordinal))
        {
            var block = BlockOf(part.Name)!;       // a removed block is reported once, with its host part
            if (_present.Contains(block)) { Add($"block '{block}' had state of format {part.Format}, but now saves none", block); }
        }
        else if (!part.Name.StartsWith("edge/", StringComparison.Ordinal)) { AddPart(part.Name, "is not in the pipeline"); }
        else if (EndsOf(part.Name) is var (sender, receiver) && _present.Contains(sender) && _present.Contains(receiver))
        {
            Add($"messages wait between '{sender}' and '{receiver}', which are no longer connected this way", receiver);
        }
    }

    internal void ThrowIfAny()
    {
        if (_problems.Count == 0) { return; }
        var (fit, added) = (string.Join(", ", _fit.Except(_blocks)), string.Join(", ", _new.Select(static n => n.Name)));
        throw new StateException(
            $"checkpoint {from.Number} does not fit pipeline '{pipeline.Name}': {string.Join("; ", _problems)}. What fits: "
            + $"{(fit.Length == 0 ? "nothing" : fit)}. {(added.Length == 0 ? "" : $"What is new: {added}. ")}{Renamed()}Undo the change, "
            + $"or {Instead()}");
    }

    private string Instead()
    {
        if (_blocks.Count == 0) { return "start over in another folder"; }
        var waiting = _blocks.Sum(WaitingFor);
        var dropped = waiting == 0 ? "" : $", which drops up to {waiting} messages queued for them or made by them";
        return $"restart blocks{dropped}: checkpoint.Without({string.Join(", ", _blocks.Select(static b => $"\"{b}\""))})";
    }

    private long WaitingFor(string block)
    {
        var edges = from.Parts.Where(p => p.Format == SavedEdges.Format && EndsOf(p.Name).To == block).ToList();
        var senders = edges.Select(static p => EndsOf(p.Name).From).Append(block).Distinct();
        return edges.Sum(static p => SavedEdges.HeadOf(p)!.Value.Count) + senders.Sum(PendingIn);
    }

    private long PendingIn(string block)
    {
        if (from[$"block/{block}"] is not { } part) { return 0; }
        StateStream s = new(part.Content.Span, Pools.None);
        s.Value(false);
        return Fanout.Head(ref s).Count;
    }

    /// <summary>Suggests renames for removed blocks that match exactly one new block.</summary>
    private string Renamed()
    {
        var gone = _blocks.Where(b => !_present.Contains(b)).ToList();
        if (gone.Count == 0 || _new.Count == 0) { return ""; }
        var pairs = gone.Select(b => (Old: b, Like: _new.Where(n => IsLike(b, n)).ToList())).Where(static p => p.Like.Count == 1).ToList();
        return pairs.Count == 0 ? "To resume a renamed block, use checkpoint.Renamed(old, new). "
            : $"If {string.Join(" and ", pairs.Select(static p => $"'{p.Old}' is now called '{p.Like[0].Name}'"))}: checkpoint"
                + $"{string.Concat(pairs.Select(static p => $".Renamed(\"{p.Old}\", \"{p.Like[0].Name}\")"))}. ";
    }

    private bool IsLike(string gone, (string Name, string Host, string? State) added) =>
        from[$"block/{gone}"]?.Format == added.Host && from[$"state/{gone}"]?.Format == added.State;

    internal static (string From, string To) EndsOf(string part)
    {
        var ends = part["edge/".Length..].Split('→');
        return (ends[0][..ends[0].LastIndexOf(' ')], ends.Length > 1 ? ends[1].Split(" #")[0] : "");
    }

    internal static string Renamed(string part, string block, string name)
    {
        if (!part.StartsWith("edge/", StringComparison.Ordinal)) { return BlockOf(part) == block ? part[..^block.Length] + name : part; }

        var (sender, receiver) = EndsOf(part);
        var output = part["edge/".Length..part.IndexOf('→', StringComparison.Ordinal)][sender.Length..];
        var number = part[(part.IndexOf('→', StringComparison.Ordinal) + 1 + receiver.Length)..];
        return $"edge/{(sender == block ? name : sender)}{output}→{(receiver == block ? name : receiver)}{number}";
    }

    internal static bool IsControl(string part) => part[part.LastIndexOf(' ', part.IndexOf('→', StringComparison.Ordinal)) + 1] == 'c';

    internal static string What(string part) => part.Split('/', 2) switch
    {
        ["block", var block] => $"block '{block}'",
        ["state", var block] => $"the state of block '{block}'",
        ["edge", _] when EndsOf(part) is var (sender, receiver) => $"the queue between '{sender}' and '{receiver}'",
        [Checkpoint.ProgramPart] => "the program's own state",
        [Checkpoint.CountsPart] => "the blocks' counters",
        _ => $"'{part}'",
    };

    private static string? BlockOf(string part) => part.Split('/', 2) switch
    {
        ["block" or "state", var block] => block,
        ["edge", _] => EndsOf(part).To,
        _ => null,
    };
}
