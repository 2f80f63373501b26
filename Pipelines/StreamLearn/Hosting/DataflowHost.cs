namespace StreamLearn;

/// <summary>Runs a pipeline on TPL Dataflow: a stage for each block, a bounded queue for each edge.</summary>
internal static class DataflowHost
{
    internal static PipelineRun Start(Pipeline pipeline, RunOptions options, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Slowdown, 1, nameof(options));
        var run = new PipelineRun(pipeline, options, cancellationToken);
        var takes = new Stage[pipeline.Nodes.Length];
        var gives = new Stage[pipeline.Nodes.Length];
        var stages = new List<Stage>();
        foreach (var node in pipeline.Nodes)
        {
            (takes[node.Index], gives[node.Index]) = Create(run, pipeline, node);
            stages.Add(takes[node.Index]);
            if (gives[node.Index] != takes[node.Index]) { stages.Add(gives[node.Index]); }
        }

        foreach (var edge in pipeline.Edges)
        {
            var (from, to) = (gives[edge.From], takes[edge.To]);
            var queue = new EdgeQueue(edge, $"{from.Node.Name}→{to.Node.Name}", to.Metrics, run.Tokens);
            run.Metrics.Add(queue);
            to.Inputs.Add((queue, from));
            if (!from.Targets.TryGetValue(edge.Port, out var targets)) { from.Targets[edge.Port] = targets = []; }
            targets.Add((queue, to));
        }

        foreach (var stage in stages.OfType<OperatorStage>()) { stage.SortInputs(); }
        run.Open(stages);
        return run;
    }

    /// <summary>Bytes that the outputs of one call may hold: what the widest edge after the block may queue.</summary>
    internal static long MaxOutputBytes(Pipeline pipeline, Node node) =>
        pipeline.Edges.Where(e => e.From == node.Index).Select(e => e.Options.CapacityBytes).DefaultIfEmpty(long.MaxValue).Max();

    private static (Stage Takes, Stage Gives) Create(PipelineRun run, Pipeline pipeline, Node node)
    {
        Stage stage = node.Work switch
        {
            OperatorWork => new OperatorStage(run, node, MaxOutputBytes(pipeline, node)),
            SourceWork => new SourceStage(run, node),
            InputWork => new InletStage(run, node, null),
            SequenceWork work => new InletStage(run, node, (stage, token) => ReadAsync(run, stage, work.Open(run.ContextFor(node, stage.Metrics), token), token)),
            SubscribeWork work => new InletStage(run, node, new Subscription(run, node, work).ReadAsync),
            PublishWork => new PublishStage(run, node),
            OutputWork => new OutputStage(run, node),
            _ => null!,
        };
        if (stage is not null) { return (stage, stage); }
        var block = ((ForeignWork)node.Work).Open();
        return (new ForeignStage(run, node, block), new InletStage(run, node, (inlet, token) => ReadAsync(run, inlet, block.ReadAllAsync(token), token)));
    }

    /// <summary>Adds the messages of a sequence. A drain ends the sequence, but a message it has already given still finds its way in.</summary>
    private static async Task ReadAsync(PipelineRun run, InletStage stage, IAsyncEnumerable<object> items, CancellationToken cancellationToken)
    {
        await foreach (var item in items.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            var added = false;
            try
            {
                added = await stage.AddAsync(item, null, run.Stopped).ConfigureAwait(false);
            }
            finally
            {
                if (!added) { (item as IDisposable)?.Dispose(); }
            }

            if (!added) { return; }
        }
    }
}
