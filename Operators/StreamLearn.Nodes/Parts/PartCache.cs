namespace StreamLearn.Nodes;

internal sealed class PartCache(Network network)
{
    private const int Most = 256;

    private readonly Dictionary<(int First, int End, PartCut By, IndexRange Outputs), NetworkPart> _parts = [];

    internal NetworkPart Of(CutBlock block, IndexRange outputs)
    {
        var key = (block.First, block.End, block.By, outputs);
        if (_parts.TryGetValue(key, out var part)) { return part; }
        if (_parts.Count == Most) { _parts.Clear(); }
        return _parts[key] = block.Part(outputs);
    }

    /// <summary>Finds the part that an untrusted task names; returns null with the reason if there is none.</summary>
    internal NetworkPart? Find(PartTask task, out string reason)
    {
        reason = "";
        var (first, end, outputs) = (task.First, task.End, task.Lines);
        if (_parts.TryGetValue((first, end, task.By, outputs), out var part)) { return part; }
        reason = "layers";
        if (first < 0 || first >= end || first >= network.Layers.Length || end > CutBlock.Reach(network, first, task.By)) { return null; }
        reason = "lines";
        var block = new CutBlock(network, first, end, task.By);
        return outputs.From < 0 || outputs.From >= outputs.To || outputs.To > block.Count ? null : Of(block, outputs);
    }

    internal static void Check(Network network, Weights? start)
    {
        if (start is null || (start.SchemaHash == network.Plan.SchemaHash && start.Values.Length == network.Plan.Values)) { return; }
        throw new ArgumentException($"expected weights of {network.Structure}, got weights of another model");
    }
}
