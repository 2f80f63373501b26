using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>Parts of a network's blocks that were worked out, kept for the next input; so many that those of a few plans fit.</summary>
internal sealed class PartCache(Network network)
{
    private const int Most = 256;

    private readonly Dictionary<(int First, int End, PartCut By, IndexRange Outputs), NetworkPart> _parts = [];

    /// <summary>The part that gives some lines or channels, which the block has.</summary>
    internal NetworkPart Of(CutBlock block, IndexRange outputs)
    {
        var key = (block.First, block.End, block.By, outputs);
        if (_parts.TryGetValue(key, out var part)) { return part; }
        if (_parts.Count == Most) { _parts.Clear(); }
        return _parts[key] = block.Part(outputs);
    }

    /// <summary>The part of a task, of which somebody else says that there is one; null with the reason if there is none.</summary>
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

    /// <summary>Throws unless values are of the network.</summary>
    internal static void Check(Network network, Weights? start)
    {
        if (start is null || (start.SchemaHash == network.Plan.SchemaHash && start.Values.Length == network.Plan.Values)) { return; }
        throw new ArgumentException($"expected values of {network.Structure}, got those of another model");
    }
}
