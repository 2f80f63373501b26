namespace StreamLearn;

/// <summary>What a pipeline may hold in memory at most: by the bounds of its edges, and by what is known of its messages.</summary>
internal static class WorstCase
{
    /// <summary>Bytes that an edge may queue.</summary>
    internal static long QueuedBytes(Pipeline pipeline, Edge edge)
    {
        var messages = edge.Options.OnFull is OnFull.KeepLatest or OnFull.Coalesce ? 1 : edge.Options.CapacityMessages;
        return Bounded(edge.Options.CapacityBytes, messages, MessageBytes(pipeline, edge));
    }

    /// <summary>Bytes of the messages that a block is at work on; a publication has several, and their payloads.</summary>
    internal static long WorkBytes(Pipeline pipeline, Node node)
    {
        var (messages, payloads) = node.Work is PublishWork { Window: > 1 } work ? (work.Window, 2) : (1, 1);
        return payloads * pipeline.Edges.Where(e => e.To == node.Index)
            .Select(e => Bounded(e.Options.CapacityBytes, messages, MessageBytes(pipeline, e))).DefaultIfEmpty(0).Max();
    }

    /// <summary>Bytes of the outputs of a few calls.</summary>
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

    /// <summary>Bytes of a message on an edge at most; null if that is not known.</summary>
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
