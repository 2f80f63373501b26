namespace StreamLearn;

internal sealed class RunUnit(Pipeline pipeline, TopicLevels levels, BatchPool pool)
{
    private readonly SavedMessages _messages = new(pipeline);
    private TimeSpan _away;      // time between the checkpoint and the start of this run
    private readonly string[] _hostNames = [.. pipeline.Nodes.Select(static n => $"block/{n.Name}")];
    private readonly string[] _stateNames = [.. pipeline.Nodes.Select(static n => $"state/{n.Name}")];
    private readonly string[] _edgeNames = NamesOf(pipeline);
    private readonly Type[] _types = [.. pipeline.Edges.Select(e => SavedMessages.TypeOf(pipeline, e))];

    internal static IEnumerable<string> Problems(Pipeline pipeline)
    {
        foreach (var node in pipeline.Nodes)
        {
            if (node.Kind == NodeKind.Foreign)
            {
                yield return $"block '{node.Name}' is a TPL Dataflow block, whose content is unknown: remove it from the pipeline, or "
                    + "run without checkpoints";
            }
            else if (node.Options is PerKeyOptions { Inner: { } inner })
            {
                foreach (var problem in Problems(inner)) { yield return $"inside block '{node.Name}': {problem}"; }
            }
            else if (DeclaredState.Unsaved(node) is { } state)
            {
                yield return $"block '{node.Name}' has state ({state}) and cannot save it: make its operator IStateful; Scan takes a codec";
            }
        }

        foreach (var (type, edge) in new SavedMessages(pipeline).Missing(pipeline))
        {
            yield return $"messages of type {type.Name}, from '{pipeline.Nodes[edge.From].Name}' to '{pipeline.Nodes[edge.To].Name}', have "
                + "no codec: name one with SaveWith";
        }
    }

    internal static string? Refusal(Pipeline pipeline) => string.Join("; ", Problems(pipeline)) is { Length: > 0 } problems
        ? $"the state of pipeline '{pipeline.Name}' cannot be saved: {problems}"
        : null;

    /// <summary>Requires that no block is being called.</summary>
    internal void Save(StateFrames frames, RunHeader header, IReadOnlyList<SavedBlock> blocks)
    {
        frames.Clear();
        var run = frames.Begin(Checkpoint.RunPart, Checkpoint.RunFormat);
        header.State(ref run);
        levels.State(ref run);
        for (var i = 0; i < blocks.Count; i++) { Save(frames, header, blocks[i]); }      // avoids allocating an enumerator
    }

    private void Save(StateFrames frames, in RunHeader header, SavedBlock block)
    {
        try
        {
            var s = frames.Begin(_hostNames[block.Node.Index], block.HostFormat);
            block.HostState(ref s, _messages, header.Time);
            if (block is { HasEnded: false, Stateful: { } stateful })
            {
                s = frames.Begin(_stateNames[block.Node.Index], stateful.StateFormat);
                stateful.State(ref s);
            }

            foreach (var queue in block.Queues)
            {
                s = frames.Begin(_edgeNames[queue.Edge.Index], SavedEdges.Format);
                queue.State(ref s, _messages, _types[queue.Edge.Index], isLocal: false);
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new InvalidOperationException($"block '{block.Node.Name}' could not be saved: {e.Message}", e);
        }
    }

    internal void Load(Checkpoint from, IReadOnlyList<SavedBlock> blocks, DateTimeOffset now, RunMetrics metrics)
    {
        if (from.Pipeline != pipeline.Name)
        {
            throw new StateException(
                $"expected a checkpoint of pipeline '{pipeline.Name}', got one of '{from.Pipeline}': use the folder of "
                    + $"'{pipeline.Name}', or give the pipeline its previous name");
        }

        if (from.HasEnded)
        {
            throw new StateException(
                $"checkpoint {from.Number} of pipeline '{pipeline.Name}' is of a run that had ended: there is nothing to resume. Leave "
                    + "out StartFrom to start over; to resume a run later, stop it with StopAsync");
        }

        _away = now - from.Time;
        var mismatches = new StateMismatches(pipeline, from);
        LoadLevels(from, mismatches);
        var edges = new SavedEdges(pipeline, from, _edgeNames);
        HashSet<string> used = [Checkpoint.RunPart, Checkpoint.CountsPart, Checkpoint.ProgramPart];
        foreach (var block in blocks)
        {
            var before = mismatches.Count;
            Load(from, edges, block, now, used, mismatches);
            if (mismatches.Count == before) { mismatches.AddFit(block); }
        }

        foreach (var part in from.Parts)
        {
            var head = SavedEdges.HeadOf(part);
            if (used.Contains(part.Name) || head is { Count: 0 }) { continue; }
            if (head is { Count: var count, Rows: var rows } && edges.MayDrop(part))
            {
                metrics.Add(StateMismatches.EndsOf(part.Name).To).Dropped(EdgeQueue.Restarted, count, rows);
            }
            else { mismatches.AddUnused(part); }
        }

        mismatches.ThrowIfAny();
        foreach (var (name, part) in from.Left)
        {
            StateStream s = new(part.Content.Span, pool);
            new RemovedBlock(_messages, metrics.Add(name), pipeline.Nodes.FirstOrDefault(n => n.Name == name)).Drop(ref s, part.Format);
        }
    }

    private void LoadLevels(Checkpoint from, StateMismatches mismatches)
    {
        try
        {
            StateStream s = new(from.Levels.Span, pool);
            levels.State(ref s);
        }
        catch (StateException e) { mismatches.Add(e.Message); }
    }

    private void Load(
        Checkpoint from, SavedEdges edges, SavedBlock block, DateTimeOffset now, HashSet<string> used, StateMismatches mismatches)
    {
        foreach (var queue in block.Queues) { Load(from, edges, queue, used, mismatches); }

        var (host, own) = (_hostNames[block.Node.Index], _stateNames[block.Node.Index]);
        if (from[host] is null) { return; }     // a new block, or one that was left out of the checkpoint
        TryLoad(from, host, block.HostFormat, used, mismatches, (ref StateStream s) => block.HostState(ref s, _messages, now));
        if (block.HasEnded && block.Queues.FirstOrDefault(q => from[_edgeNames[q.Edge.Index]] is null) is { } added)
        {
            mismatches.Add($"block '{block.Node.Name}' had ended, but '{pipeline.Nodes[added.Edge.From].Name}' now sends to it",
                block.Node.Name);
        }

        if (block is { HasEnded: false, Stateful: { } stateful })
        {
            var name = block.Node.Name;
            if (from[own] is null) { mismatches.Add($"block '{name}' had no state, but now has {stateful.StateFormat}", name); }
            var saved = from[own]?.Format;
            TryLoad(from, own, saved is not null && stateful.Reads(saved) ? saved : stateful.StateFormat, used, mismatches, stateful.State);
        }

        block.Loaded();
    }

    private void Load(Checkpoint from, SavedEdges edges, EdgeQueue queue, HashSet<string> used, StateMismatches mismatches)
    {
        var (edge, name, type) = (queue.Edge, _edgeNames[queue.Edge.Index], _types[queue.Edge.Index]);
        var (sender, receiver) = (pipeline.Nodes[edge.From], pipeline.Nodes[edge.To].Name);
        var taken = edges.TakenBy(edge);
        if (from.IsLeft(receiver) || (from[name] is null && (taken is null || taken.Value.Receiver == receiver))) { queue.DropAwaited(); }
        if (from.IsLeft(receiver)) { return; }
        var columns = type == typeof(Batch) ? edges.ColumnsInto(edge) : null;
        if (edge.Port == 0 && columns is not null && sender.Schema is { } declared && !declared.Equals(columns))
        {
            mismatches.Add($"'{sender.Name}' sends other columns to '{receiver}' than before: expected {columns}, got {declared}",
                receiver);
        }

        var isLocal = sender.Kind != NodeKind.Subscribe;
        if (isLocal) { queue.Expect(columns); }
        if (taken is not var (part, leave)) { return; }
        TryLoad(from, part.Name, SavedEdges.Format, used, mismatches,
            (ref StateStream s) => queue.State(ref s, _messages, type, isLocal, leave));
    }

    private void TryLoad(Checkpoint from, string name, string format, HashSet<string> used, StateMismatches mismatches, Loading load)
    {
        if (from[name] is not { } part) { return; }
        used.Add(name);
        if (part.Format != format)
        {
            mismatches.AddPart(name, $"has format {part.Format}, expected {format}");
            return;
        }

        try
        {
            StateStream s = new(part.Content.Span, pool, _away, format: format);
            load(ref s);
            if (!s.HasEnded) { mismatches.AddPart(name, $"has {s.Left} more bytes than expected"); }
        }
        catch (Exception e) when (e is StateException or SchemaException) { mismatches.AddPart(name, $"cannot be restored: {e.Message}"); }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            mismatches.AddPart(name, $"cannot be restored: {e.GetType().Name}: {e.Message}");      // an operator may throw any exception
        }
    }

    private static string[] NamesOf(Pipeline pipeline)
    {
        var names = new string[pipeline.Edges.Length];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var edge in pipeline.Edges)
        {
            var text = $"edge/{pipeline.Nodes[edge.From].Name} {(edge.IsControl ? 'c' : 'd')}{edge.Port}→{pipeline.Nodes[edge.To].Name}";
            var name = text;
            for (var i = 2; !seen.Add(name); i++) { name = $"{text} #{i}"; }
            names[edge.Index] = name;
        }

        return names;
    }

    private delegate void Loading(ref StateStream s);
}
