namespace StreamLearn;

/// <summary>The blocks that a run waits for. It does not wait for connection reports and for blocks that only they feed.</summary>
internal static class Awaited
{
    internal static bool[] Of(Pipeline pipeline)
    {
        var awaited = pipeline.Nodes.Select(static n => n.Work is not ConnectionsWork).ToArray();
        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var edge in pipeline.Edges)
            {
                if (edge.IsControl || awaited[edge.From] || !awaited[edge.To]) { continue; }
                awaited[edge.To] = false;
                changed = true;
            }
        }

        return awaited;
    }
}
