using System.Globalization;
using System.Text;

namespace StreamLearn;

internal static class GraphText
{
    internal static string Mermaid(Pipeline pipeline, PipelineRun? run)
    {
        var text = new StringBuilder("flowchart LR\n");
        foreach (var node in pipeline.Nodes)
        {
            var (open, close) = node switch
            {
                { Options: LinkOptions } or { Kind: NodeKind.Connections } => ("[/", "/]"),
                { Kind: NodeKind.Operator or NodeKind.Foreign } => ("[", "]"),
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

    /// <summary><paramref name="checkpoints"/>: returns lines for the declared state bytes, the worst-case message bytes and the blocks
    /// with unknown state size; null: no lines.</summary>
    internal static string Explain(Pipeline pipeline, Func<long, long, IReadOnlyList<string>, string>? checkpoints)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"pipeline {pipeline.Name}: {pipeline.Nodes.Length} blocks, {pipeline.Edges.Length} edges\n\nblocks\n");
        long state = 0, outputs = 0, inWork = 0;
        var unsized = new List<string>();
        foreach (var node in pipeline.Nodes)
        {
            var input = pipeline.Edges.Where(e => e.To == node.Index)
                .Select(e => pipeline.Nodes[e.From].Schema).FirstOrDefault(s => s is not null);
            var options = node.Options as IBlockOptions;
            var bytes = WorstCase.StateBytes(pipeline, node);
            state += bytes;
            var isUnsized = DeclaredState.IsUnsized(node, input);
            if (isUnsized) { unsized.Add(node.Name); }
            outputs += WorstCase.OutputBytes(pipeline, node);
            inWork += WorstCase.WorkBytes(pipeline, node);
            text.Append(CultureInfo.InvariantCulture, $"  {node.Name}: {Types(node)}{Promise(node, checkpoints is not null)}");
            if (node.Schema is not null) { text.Append(CultureInfo.InvariantCulture, $"\n    columns: {node.Schema}"); }
            foreach (var leftOut in options?.LeftOut ?? []) { text.Append(CultureInfo.InvariantCulture, $"\n    left out: {leftOut}"); }
            var isSaved = DeclaredState.IsSaved(node);
            if (options?.State is not null || isSaved)
            {
                var covered = checkpoints is null ? "not covered by the delivery level"
                    : isSaved ? "in the checkpoint"
                    : "in no checkpoint";
                var size = isUnsized ? "size not declared" : $"at most {Sizes.Text(bytes)}";
                text.Append(CultureInfo.InvariantCulture, $"\n    state, {covered}: {options?.State ?? "not described"}, {size}");
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
        if (checkpoints is not null) { text.Append(checkpoints(state, queued + inWork + outputs, unsized)); }
        var more = unsized.Count == 0 ? "" : $", and the state of {string.Join(", ", unsized)}, whose size is not declared";
        text.Append(CultureInfo.InvariantCulture,
            $"\nworst case {Sizes.Text(queued + inWork + outputs + state)}: edges {Sizes.Text(queued)}, messages in work "
                + $"{Sizes.Text(inWork)}, outputs of a few calls {Sizes.Text(outputs)}, declared state {Sizes.Text(state)}");
        return text.Append(more).Append('\n').ToString();
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

    private static string DeliveryText(SubscribeOptions options, bool isSaved) =>
        !options.AfterCheckpoint ? "processed"
        : isSaved ? "checkpointed"
        : "processed (checkpointed where checkpoints are kept)";

    private static string Promise(Node node, bool isSaved) => node.Work switch
    {
        SubscribeWork work =>
            $"; delivery {DeliveryText(work.Options, isSaved)}, at most {work.Options.Capacity} unacknowledged",
        SourceWork or SequenceWork or InputWork or ConnectionsWork => "; delivery: nothing to acknowledge",
        ForeignWork => "; foreign block: a message is acknowledged when it accepts it",
        PublishWork work => (work.Window > 1 ? $"; at most {work.Window} in flight" : "")
            + (node.Errors == ErrorPolicy.Fail ? "" : $"; on error {node.Errors}")
            + (isSaved && work.WaitsForCheckpoint ? "; waits for a checkpoint" : "")
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

    private static string? RenamedTopic(Node node) =>
        node is { Work: PublishWork, Options: LinkOptions { Topic: var topic } } && node.Name != $"publish {topic}" ? topic : null;

    private static string EdgeLabel(Pipeline pipeline, Edge edge, PipelineRun? run)
    {
        var types = edge.Port < pipeline.Nodes[edge.From].Outputs.Length
            ? TypeName(pipeline.Nodes[edge.From].Outputs[edge.Port])
            : nameof(DeadLetter);
        var fill = run is null ? "" : string.Create(CultureInfo.InvariantCulture, $", {run.Metrics.Edges[edge.Index].Queued} queued");
        var input = edge.IsControl ? "control" : edge.IsSecond ? $"second, {edge.Options}" : edge.Options.ToString();
        return $"{types}{PortName(edge)}, {input}{fill}";
    }

    private static string Rates(PipelineRun run, Node node)
    {
        var (metrics, seconds) = (run.Metrics[node.Name], Math.Max(run.TotalAge.TotalSeconds, 1e-9));
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
