using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>Parts of a network's blocks that were worked out, kept for the next input; so many that those of a few plans fit.</summary>
internal sealed class PartCache(Network network)
{
    private const int Most = 256;

    private readonly Dictionary<(int First, int End, IndexRange Lines), RowPart> _parts = [];

    /// <summary>The part that gives some lines, which the block has.</summary>
    internal RowPart Of(int first, int end, IndexRange lines)
    {
        if (_parts.TryGetValue((first, end, lines), out var part)) { return part; }
        if (_parts.Count == Most) { _parts.Clear(); }
        return _parts[(first, end, lines)] = RowPart.Of(network, first, end, lines);
    }

    /// <summary>The part that gives some lines, of which somebody else says that the block has them; null with the reason if it has
    /// not.</summary>
    internal RowPart? Find(int first, int end, IndexRange lines, out string reason)
    {
        reason = "";
        if (_parts.TryGetValue((first, end, lines), out var part)) { return part; }
        if (first < 0 || first >= end || first >= network.Layers.Length || end > RowPartition.Reach(network, first)) { reason = "layers"; }
        else if (lines.From < 0 || lines.From >= lines.To || lines.To > RowPartition.Lines(network, first, end)) { reason = "lines"; }
        return reason.Length > 0 ? null : Of(first, end, lines);
    }

    /// <summary>Throws unless values are of the network.</summary>
    internal static void Check(Network network, Weights? start)
    {
        if (start is null || (start.SchemaHash == network.Plan.SchemaHash && start.Values.Length == network.Plan.Values)) { return; }
        throw new ArgumentException($"expected values of {network.Structure}, got those of another model");
    }
}
