namespace StreamLearn;

internal static class EdgeWidths
{
    /// <summary>Number of the largest declared messages that such an edge can hold.</summary>
    internal const int MinMessages = 4;

    /// <summary>Widens default limits for larger declared messages. A block without a declaration has the size of its input.</summary>
    internal static void Fit(List<Node> nodes, List<Edge> edges)
    {
        var said = nodes.ConvertAll(static n => (n.Options as IBlockOptions)?.MessageBytes ?? 0);
        if (said.TrueForAll(static b => b == 0)) { return; }
        var passed = said.ToArray();
        for (var goesOn = true; goesOn;)
        {
            goesOn = false;
            foreach (var edge in edges)
            {
                if (said[edge.To] > 0 || passed[edge.From] <= passed[edge.To]) { continue; }
                passed[edge.To] = passed[edge.From];
                goesOn = true;
            }
        }

        for (var i = 0; i < edges.Count; i++)
        {
            var (edge, bytes) = (edges[i], MinMessages * Math.Max(passed[edges[i].From], said[edges[i].To]));
            if (edge.Options.CapacityBytes != EdgeOptions.DefaultBytes || bytes <= EdgeOptions.DefaultBytes) { continue; }
            edges[i] = edge with { Options = edge.Options with { CapacityBytes = bytes } };
        }
    }
}
