namespace StreamLearn;

/// <summary>Finds all errors in a definition: in names, unused outputs, cycles, columns and units.</summary>
internal sealed class DefinitionCheck(List<Node> nodes, List<Edge> edges, Dictionary<int, Schema> declared, List<string> problems)
{
    internal void Run()
    {
        if (nodes.Count == 0) { problems.Add("it has no blocks"); }
        foreach (var name in nodes.GroupBy(n => n.Name, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key))
        {
            problems.Add($"two blocks are named '{name}': give one of them another name with Named");
        }

        foreach (var node in nodes)
        {
            for (var port = 0; port < node.Outputs.Length; port++)
            {
                var mayEnd = node.Options is IBlockOptions options && options.IsOptional(port);
                if (!mayEnd && !edges.Exists(e => e.From == node.Index && e.Port == port))
                {
                    var output = port switch { 0 => "its output", 1 => "its side output", _ => "its third output" };
                    problems.Add($"block '{node.Name}': {output} is not connected: use it, or end it with Discard");
                }
            }
        }

        CheckSchemas(Order());
    }

    /// <summary>Topological. Source: Kahn (1962).</summary>
    private List<int> Order()
    {
        var waiting = new int[nodes.Count];
        foreach (var edge in edges) { waiting[edge.To]++; }
        var order = Enumerable.Range(0, nodes.Count).Where(n => waiting[n] == 0).ToList();
        for (var i = 0; i < order.Count; i++)
        {
            foreach (var edge in edges.Where(e => e.From == order[i]))
            {
                if (--waiting[edge.To] == 0) { order.Add(edge.To); }
            }
        }

        if (order.Count < nodes.Count)
        {
            var names = nodes.Where(n => waiting[n.Index] > 0).Select(n => $"'{n.Name}'");
            problems.Add($"blocks {string.Join(", ", names)} form a cycle: feed back through a topic and a control input");
        }

        return order;
    }

    private void CheckSchemas(List<int> order)
    {
        foreach (var node in order.Select(i => nodes[i]))
        {
            if (SchemasInto(node, second: false) is not { } inputs || SchemasInto(node, second: true) is not { } seconds) { continue; }

            if (node.Input is null)
            {
                node.Schema = declared.GetValueOrDefault(node.Index);
                node.MaxRows ??= (node.Options as IBlockOptions)?.MaxRows(null);
            }
            else if (inputs is [{ } published] && node.Work is PublishWork work) { CheckPrivacy(node, published, work); }
            else if (inputs.Count == 1 && inputs[0] is { } input && node.Input == typeof(Batch) && node.Kind == NodeKind.Operator)
            {
                try
                {
                    var output = node.Options switch
                    {
                        IBlockOptions options when seconds.Count == 0 => options.Output(input),
                        IBlockOptions options => seconds is [{ } second] ? options.Output(input, second) : null,
                        _ => input,
                    };
                    node.MaxRows = node.Options is IBlockOptions block ? block.MaxRows(MaxRows(node)) : null;
                    node.Schema = node.Outputs.Length > 0 && node.Outputs[0] == typeof(Batch) ? output : null;
                }
                catch (Exception e)         // user options may throw anything
                {
                    problems.Add($"block '{node.Name}': {e.Message}");
                }
            }
        }
    }

    private void CheckPrivacy(Node node, Schema columns, PublishWork work)
    {
        var senders = edges.Where(e => e.To == node.Index).Select(e => $"'{nodes[e.From].Name}'");
        var edge = $"the edge {string.Join(", ", senders)} → '{node.Name}' ({work.Transport.Name})";
        foreach (var field in columns.Fields.Where(f => f.Privacy > work.Options.Carries))
        {
            problems.Add($"block '{node.Name}': {new PrivacyException(field.Name, field.Privacy, edge, work.Options.Carries).Message}");
        }
    }

    private List<Schema?>? SchemasInto(Node node, bool second)
    {
        var inputs = edges.Where(e => e.To == node.Index && !e.IsControl && e.IsSecond == second)
            .Select(e => e.Port == 0 ? nodes[e.From].Schema : null).Distinct().ToList();
        if (inputs.Count(static s => s is not null) <= 1) { return inputs; }
        problems.Add($"block '{node.Name}' takes flows of different schemas: {string.Join(" | ", inputs)}");
        return null;
    }

    private int? MaxRows(Node node)
    {
        var rows = edges.Where(e => e.To == node.Index && !e.IsControl).Select(e => e.Port == 0 ? nodes[e.From].MaxRows : null).ToList();
        return rows.Contains(null) ? null : rows.Max();
    }
}
