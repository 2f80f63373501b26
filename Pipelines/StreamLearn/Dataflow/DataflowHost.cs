namespace StreamLearn;

internal static class DataflowHost
{
    /// <summary>Starts a run without flowing the caller's execution context to block threads.</summary>
    internal static PipelineRun Start(Pipeline pipeline, RunOptions options, CancellationToken cancellationToken)
    {
        PipelineRun? run = null;
        SuppressedContext.Do(() => run = Open(pipeline, options, cancellationToken));
        return run!;
    }

    private static PipelineRun Open(Pipeline pipeline, RunOptions options, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Slowdown, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Epoch ?? 0, 0, nameof(options.Epoch));
        if (options is { Recorder: not null, StartFrom: not null })
        {
            throw new ArgumentException("a recorded run starts at its beginning: leave out StartFrom or Recorder", nameof(options));
        }

        if (options.Recorder is not null
            && pipeline.Nodes.FirstOrDefault(
                static n => n is { Kind: NodeKind.Publish, Errors.Action: ErrorAction.DeadLetter }) is { } publication)
        {
            throw new ArgumentException(
                $"the dead letters of '{publication.Name}' depend on its transport, which a replay does not use: do not record the run, "
                    + "or choose Skip", nameof(options));
        }

        var run = new PipelineRun(pipeline, options, cancellationToken);
        var (takes, gives) = (new Stage[pipeline.Nodes.Length], new Stage[pipeline.Nodes.Length]);
        var stages = new List<Stage>();
        try
        {
            foreach (var node in pipeline.Nodes)
            {
                (takes[node.Index], gives[node.Index]) = BlockFailedException.Naming(pipeline, node, () => Create(run, pipeline, node));
                stages.Add(takes[node.Index]);
                if (gives[node.Index] != takes[node.Index]) { stages.Add(gives[node.Index]); }
            }
        }
        catch
        {
            run.Abandon(stages);
            throw;
        }

        Wire(run, pipeline, takes, gives);
        foreach (var stage in stages.OfType<OperatorStage>()) { stage.SortInputs(); }
        try
        {
            if (options.StartFrom is { } from)
            {
                from.LoadCounts(run.Metrics, adds: true);
                new RunUnit(pipeline, run.Levels, run.Pool).Load(from, stages, run.TimeAt(run.Timestamp), run.Metrics);
                if (options.Checkpoints is { } checkpoints) { from.LoadState(checkpoints); }
            }

            foreach (var inlet in stages.OfType<InletStage>()) { BlockFailedException.Naming(pipeline, inlet.Node, inlet.Subscribe); }
        }
        catch
        {
            run.Abandon(stages);
            throw;
        }

        run.Open(stages);
        return run;
    }

    private static void Wire(PipelineRun run, Pipeline pipeline, Stage[] takes, Stage[] gives)
    {
        foreach (var edge in pipeline.Edges)
        {
            var (from, to) = (gives[edge.From], takes[edge.To]);
            var queue = new EdgeQueue(edge, $"{from.Node.Name}→{to.Node.Name}", to.Metrics, run.Tokens);
            run.Metrics.Add(queue);
            StageEdge between = new(queue, from, to);
            to.Inputs.Add(between);
            from.Out.Add(edge.Port, between);
        }
    }

    private static (Stage Takes, Stage Gives) Create(PipelineRun run, Pipeline pipeline, Node node)
    {
        Stage stage = node.Work switch
        {
            OperatorWork => new OperatorStage(run, node, pipeline.MaxOutputBytes(node)),
            SourceWork => new SourceStage(run, node),
            InputWork => Inlet(run, node, null, run.Stopped),
            SequenceWork work => Inlet(run, node,
                (stage, token) => ReadAsync(stage, work.Open(run.ContextFor(node, stage.Metrics), token), token), run.SourcesEnd),
            ConnectionsWork work => Inlet(run, node, (stage, token) => ReadAsync(run, stage, work, token), run.OthersEnd),
            SubscribeWork work => Subscribe(run, pipeline, node, work),
            PublishWork => new PublishStage(run, node),
            OutputWork => new OutputStage(run, node),
            _ => null!,
        };
        if (stage is not null) { return (stage, stage); }
        var block = ((ForeignWork)node.Work).Open();
        var takes = new ForeignStage(run, node, block);
        var ending = CancellationTokenSource.CreateLinkedTokenSource(run.Stopped);
        // stops input; messages in the block are still delivered
        ending.Token.UnsafeRegister(static stage => ((Stage)stage!).EndReceiver(), takes);
        return (takes, new InletStage(run, node, (inlet, _) => ForeignStage.ReadAsync(run, inlet, block), ending));
    }

    private static InletStage Inlet(PipelineRun run, Node node, Func<InletStage, CancellationToken, Task>? read, CancellationToken until) =>
        new(run, node, read, CancellationTokenSource.CreateLinkedTokenSource(until));

    /// <summary>A control-only subscription ends with the blocks it controls, which may await a reply while they end.</summary>
    private static InletStage Subscribe(PipelineRun run, Pipeline pipeline, Node node, SubscribeWork work)
    {
        var steers = pipeline.Edges.Where(e => e.From == node.Index).All(static e => e.IsControl);
        var ending = CancellationTokenSource.CreateLinkedTokenSource(steers ? run.Stopped : run.SourcesEnd);
        var subscription = new Subscription(run, node, work, ending.Token);
        return new(run, node, (stage, _) => subscription.ReadAsync(stage), ending) { Subscription = subscription };
    }

    /// <summary>Items that were already read are still processed when the sources are asked to end.</summary>
    private static async Task ReadAsync(InletStage stage, IAsyncEnumerable<object> items, CancellationToken cancellationToken)
    {
        await foreach (var item in items.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (!await stage.TryAddAsync(item, null).ConfigureAwait(false)) { return; }
        }
    }

    private static async Task ReadAsync(PipelineRun run, InletStage stage, ConnectionsWork work, CancellationToken cancellationToken)
    {
        await foreach (var change in work.Transport.ConnectionsAsync(cancellationToken).ConfigureAwait(false))
        {
            run.Log?.Changed(stage.Node, change, run.TimeAt(run.Timestamp));
            if (!await stage.TryAddAsync(change, null).ConfigureAwait(false)) { return; }
        }
    }
}
