namespace StreamLearn;

internal static class WorstCase
{
    internal static long StateBytes(Pipeline pipeline, Node node)
    {
        var input = pipeline.Edges.Where(e => e.To == node.Index)
            .Select(e => pipeline.Nodes[e.From].Schema).FirstOrDefault(static s => s is not null);
        return (node.Options as IBlockOptions)?.StateBytes(input) ?? 0;
    }

    /// <summary>Bytes for a block's state, work, outputs and input queues. The sum over all blocks is the pipeline's worst case.</summary>
    internal static long BlockBytes(Pipeline pipeline, Node node) =>
        StateBytes(pipeline, node) + WorkBytes(pipeline, node) + OutputBytes(pipeline, node)
        + pipeline.Edges.Where(e => e.To == node.Index).Sum(e => QueuedBytes(pipeline, e));

    internal static void Require(Pipeline pipeline, long limitBytes)
    {
        if (limitBytes == long.MaxValue) { return; }
        var blocks = pipeline.Nodes.Select(n => (n.Name, Bytes: BlockBytes(pipeline, n))).ToList();
        var needs = blocks.Sum(static b => b.Bytes);
        if (needs <= limitBytes) { return; }
        var (block, bytes) = blocks.MaxBy(static b => b.Bytes);
        throw new MemoryLimitException(pipeline.Name, needs, limitBytes, block, bytes);
    }

    internal static long QueuedBytes(Pipeline pipeline, Edge edge)
    {
        var messages = edge.Options.OnFull is OnFull.KeepLatest or OnFull.Coalesce ? 1 : edge.Options.CapacityMessages;
        return Bounded(edge.Options.CapacityBytes, messages, MessageBytes(pipeline, edge));
    }

    internal static long WorkBytes(Pipeline pipeline, Node node)
    {
        var (messages, payloads) = node.Work is PublishWork { Window: > 1 } work ? (work.Window, 2) : (1, 1);
        return payloads * pipeline.Edges.Where(e => e.To == node.Index)
            .Select(e => Bounded(e.Options.CapacityBytes, messages, MessageBytes(pipeline, e))).DefaultIfEmpty(0).Max();
    }

    internal static long OutputBytes(Pipeline pipeline, Node node)
    {
        if (node.Outputs.Length == 0) { return 0; }
        var most = Cell.MaxGatheredBytes(pipeline.MaxOutputBytes(node));
        var messages = ((node.Options as IBlockOptions)?.MaxOutputsPerCall ?? 1) + Cell.MaxGathered;
        var sizes = pipeline.Edges.Where(e => e.From == node.Index).Select(e => MessageBytes(pipeline, e)).ToList();
        var known = sizes.Contains(null) ? null : sizes.Max();
        var ahead = node.Options is MapAsyncOptions { Parallelism: var results } ? results : 0;
        return Bounded(most, messages, known) + (ahead * Bounded(pipeline.MaxOutputBytes(node), 1, known));
    }

    private static long? MessageBytes(Pipeline pipeline, Edge edge)
    {
        var node = pipeline.Nodes[edge.From];
        if (edge.Port >= node.Outputs.Length) { return null; }
        if (edge.Port == 0 && node is { Schema: { } schema, MaxRows: { } rows }) { return BatchPool.BytesOf(schema, rows); }
        var type = node.Outputs[edge.Port];
        return type.IsSealed && !typeof(ISized).IsAssignableFrom(type) ? ISized.DefaultBytes : null;
    }

    private static long Bounded(long most, long messages, long? bytes) => bytes is { } known ? Math.Min(most, messages * known) : most;
}
