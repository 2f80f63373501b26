using System.Globalization;
using System.Text;

namespace StreamLearn;

/// <summary>A pipeline as text for people and for drawing programs.</summary>
internal static class GraphText
{
    /// <summary>Bytes of state that a small device writes to memory in a second.</summary>
    private const double SavedBytesPerSecond = 1e9;

    internal static string Mermaid(Pipeline pipeline, PipelineRun? run)
    {
        var text = new StringBuilder("flowchart LR\n");
        foreach (var node in pipeline.Nodes)
        {
            var (open, close) = node.Kind switch
            {
                NodeKind.Operator or NodeKind.Foreign => ("[", "]"),
                NodeKind.Publish or NodeKind.Subscribe or NodeKind.Connections => ("[/", "/]"),
                _ => ("([", "])"),
            };
            text.Append(CultureInfo.InvariantCulture,
                $"  n{node.Index}{open}\"{Quoted(Label(node), "&quot;")}{(run is null ? "" : "<br/>" + Rates(run, node))}\"{close}\n");
        }

        foreach (var edge in pipeline.Edges)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"  n{edge.From} {(edge.IsControl ? "-." : "--")} \"{EdgeLabel(pipeline, edge, run)}\" "
                    + $"{(edge.IsControl ? ".->" : "-->")} n{edge.To}\n");
        }

        return text.ToString();
    }

    internal static string Dot(Pipeline pipeline)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"digraph \"{pipeline.Name}\" {{\n  rankdir=LR;\n  node [shape=box];\n");
        foreach (var node in pipeline.Nodes)
        {
            var shape = node.Kind is NodeKind.Operator or NodeKind.Foreign ? "" : ", shape=oval";
            text.Append(CultureInfo.InvariantCulture,
                $"  n{node.Index} [label=\"{Quoted(Label(node), "\\\"").Replace("<br/>", "\\n", StringComparison.Ordinal)}\"{shape}];\n");
        }

        foreach (var edge in pipeline.Edges)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"  n{edge.From} -> n{edge.To} [label=\"{EdgeLabel(pipeline, edge, null)}\"{(edge.IsControl ? ", style=dashed" : "")}];\n");
        }

        return text.Append("}\n").ToString();
    }

    internal static string Explain(Pipeline pipeline, CheckpointOptions? checkpoints)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"pipeline {pipeline.Name}: {pipeline.Nodes.Length} blocks, {pipeline.Edges.Length} edges\n\nblocks\n");
        long state = 0, outputs = 0, inWork = 0;
        foreach (var node in pipeline.Nodes)
        {
            var input = pipeline.Edges.Where(e => e.To == node.Index)
                .Select(e => pipeline.Nodes[e.From].Schema).FirstOrDefault(s => s is not null);
            var options = node.Options as IBlockOptions;
            var bytes = options?.StateBytes(input) ?? 0;
            state += bytes;
            outputs += WorstCase.OutputBytes(pipeline, node);
            inWork += WorstCase.WorkBytes(pipeline, node);
            text.Append(CultureInfo.InvariantCulture, $"  {node.Name}: {Types(node)}{Promise(node, checkpoints)}");
            if (node.Schema is not null) { text.Append(CultureInfo.InvariantCulture, $"\n    columns: {node.Schema}"); }
            if (options?.State is { } held)
            {
                var covered = checkpoints is null ? "not covered by the delivery level" : "in the checkpoint";
                text.Append(CultureInfo.InvariantCulture,
                    $"\n    state, {covered}: {held}{(bytes > 0 ? $", at most {Sizes.Text(bytes)}" : "")}");
            }
            text.Append('\n');
        }

        text.Append("\nedges\n");
        foreach (var edge in pipeline.Edges)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"  {pipeline.Nodes[edge.From].Name} → {pipeline.Nodes[edge.To].Name}{PortName(edge)}: ")
                .Append(edge.IsControl
                    ? $"control, never waits: newest of each kind and sender, {edge.Options.CapacityMessages} messages, "
                        + $"{Sizes.Text(edge.Options.CapacityBytes)}, then over-credit"
                    : edge.Options.ToString())
                .Append(Holds(pipeline, edge))
                .Append('\n');
        }

        var queued = pipeline.Edges.Sum(e => WorstCase.QueuedBytes(pipeline, e));
        if (checkpoints is not null) { Explain(text, pipeline, checkpoints, state, queued + inWork + outputs); }
        return text.Append(CultureInfo.InvariantCulture,
            $"\nworst case {Sizes.Text(queued + inWork + outputs + state)}: edges {Sizes.Text(queued)}, messages in work "
                + $"{Sizes.Text(inWork)}, outputs of a few calls {Sizes.Text(outputs)}, declared state {Sizes.Text(state)}\n").ToString();
    }

    /// <summary>Says when the state is saved, how much that is, and how long the blocks stand still for it.</summary>
    private static void Explain(StringBuilder text, Pipeline pipeline, CheckpointOptions checkpoints, long state, long messages)
    {
        static string Pause(long bytes) =>
            string.Create(CultureInfo.InvariantCulture, $"{1e3 * bytes / SavedBytesPerSecond:0.##} ms");
        var (hold, full) = (checkpoints.HoldAtMost.TotalMilliseconds, state + messages);
        text.Append(CultureInfo.InvariantCulture, $"\ncheckpoints in {checkpoints.Folder}, the newest {checkpoints.Keep} kept\n  ");
        if (checkpoints.Every != Timeout.InfiniteTimeSpan)
        {
            text.Append(CultureInfo.InvariantCulture, $"every {checkpoints.Every.TotalSeconds:0.###} s, ");
        }

        text.Append(CultureInfo.InvariantCulture,
            $"when asked for, and {hold:0.#} ms after a message began to wait for one\n  state at most {Sizes.Text(state)}, ");
        text.Append(CultureInfo.InvariantCulture, $"with all edges full {Sizes.Text(full)}\n  longest pause expected: {Pause(state)}, with ");
        text.Append(CultureInfo.InvariantCulture,
            $"all edges full {Pause(full)}, at {SavedBytesPerSecond / 1e9:0} GB/s; and the rest of the call under way\n");
        foreach (var problem in RunUnit.Problems(pipeline)) { text.Append(CultureInfo.InvariantCulture, $"  cannot be saved: {problem}\n"); }
    }

    private static string Holds(Pipeline pipeline, Edge edge)
    {
        var bytes = WorstCase.QueuedBytes(pipeline, edge);
        return bytes == edge.Options.CapacityBytes ? "" : $"; of these messages at most {Sizes.Text(bytes)}";
    }

    private static string Types(Node node)
    {
        var outputs = string.Join(" + ", node.Outputs.Select(TypeName));
        return node.Input is null ? $"→ {outputs}"
            : outputs.Length == 0 ? $"{TypeName(node.Input)} →"
            : $"{TypeName(node.Input)} → {outputs}";
    }

    private static string LevelText(DeliveryLevel level, CheckpointOptions? checkpoints) =>
        level == DeliveryLevel.Processed ? "processed"
        : checkpoints is not null ? "checkpointed"
        : "processed (checkpointed where checkpoints are kept)";

    private static string Promise(Node node, CheckpointOptions? checkpoints) => node.Work switch
    {
        SubscribeWork work =>
            $"; delivery {LevelText(work.Options.Level, checkpoints)}, at most {work.Options.Capacity} unacknowledged",
        SourceWork or SequenceWork or InputWork or ConnectionsWork => "; delivery: nothing to acknowledge",
        ForeignWork => "; foreign block: a message is acknowledged when it accepts it",
        PublishWork work => (work.Window > 1 ? $"; at most {work.Window} in flight" : "")
            + (node.Errors == ErrorPolicy.Fail ? "" : $"; on error {node.Errors}")
            + (checkpoints is not null && work.WaitsForCheckpoint ? "; waits for a checkpoint" : "")
            + (RenamedTopic(node) is { } topic ? $"; to {topic}" : ""),
        OperatorWork => $"; on error {node.Errors}",
        _ => "",
    };

    private static string Label(Node node)
    {
        var options = node.Options.ToString();
        var name = RenamedTopic(node) is { } topic ? $"{node.Name}<br/>to {topic}" : node.Name;
        return string.IsNullOrEmpty(options) ? name : $"{name}<br/>{options}";
    }

    /// <summary>The topic of a publication whose name does not say it; null elsewhere.</summary>
    private static string? RenamedTopic(Node node) =>
        node is { Work: PublishWork, Options: LinkOptions { Topic: var topic } } && node.Name != $"publish {topic}" ? topic : null;

    private static string EdgeLabel(Pipeline pipeline, Edge edge, PipelineRun? run)
    {
        var types = edge.Port < pipeline.Nodes[edge.From].Outputs.Length
            ? TypeName(pipeline.Nodes[edge.From].Outputs[edge.Port])
            : nameof(DeadLetter);
        var fill = run is null
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $", {run.Metrics.Edges[edge.Index].Queued} queued");
        return $"{types}{PortName(edge)}, {(edge.IsControl ? "control" : edge.Options.ToString())}{fill}";
    }

    private static string Rates(PipelineRun run, Node node)
    {
        var (metrics, seconds) = (run.Metrics[node.Name], Math.Max(run.Age.TotalSeconds, 1e-9));
        return string.Create(CultureInfo.InvariantCulture,
            $"{metrics.ItemsIn / seconds:0.#}/s in, {metrics.ItemsOut / seconds:0.#}/s out, blocked "
                + $"{100 * metrics.Blocked.TotalSeconds / seconds:0} %");
    }

    private static string PortName(Edge edge) => edge.Port switch
    {
        1 => " (side)",
        2 => " (third)",
        Ports.DeadLetters => " (dead letters)",
        _ => "",
    };

    private static string TypeName(Type type) => type.IsGenericType
        ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}"
            + $"<{string.Join(", ", type.GetGenericArguments().Select(TypeName))}>"
        : type.Name;

    private static string Quoted(string text, string quote) => text.Replace("\"", quote, StringComparison.Ordinal);
}
