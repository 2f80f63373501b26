using System.Collections.Immutable;
using StreamLearn.Models;
using StreamLearn.Nodes;

namespace Sensor;

/// <summary>The nodes that compute parts of the layers, with their relative speeds. <paramref name="Here"/>: that of the device.</summary>
internal sealed record PartsConfig(ImmutableArray<(string Name, double Speed)> Nodes, double Here, TimeSpan Within)
{
    private const string Own = "here";

    internal static PartsConfig Read(ConfigMap map, ModelConfig model, TimeSpan within)
    {
        var named = map["nodes"]
            .Map(static m => m.Keys.Select(key => (key, Speed: m[key].Number(0, 1e6).Required())).ToImmutableArray()).Required();
        named = named.IsDefault ? [] : named;
        foreach (var (name, speed) in named)
        {
            if (name == Own || (speed > 0 && LinkConfig.IsDeviceName(name))) { continue; }
            map["nodes"].Refuse(FormattableString.Invariant($"expected names of nodes with a speed above 0, got {name}: {speed}"));
        }

        var parts = new PartsConfig([.. named.Where(static n => n.key != Own && n.Speed > 0)],
            named.FirstOrDefault(static n => n.key == Own).Speed, within);
        if (parts.Nodes.IsEmpty) { map["nodes"].Refuse("expected at least one node"); }
        else if (parts.BlocksOf(model.Create()).IsEmpty)
        {
            map["where"].Refuse("expected a network with convolutions: no layer can be cut");
        }

        return parts;
    }

    internal InferPartsOptions Options(ModelConfig model, long epoch) =>
        new() { Blocks = BlocksOf(model.Create()), Deadline = Within, Epoch = epoch, Versions = true };

    /// <summary>Cuts each run of layers that can be cut by lines and has work.</summary>
    private ImmutableArray<PartBlock> BlocksOf(Network network)
    {
        var blocks = ImmutableArray.CreateBuilder<PartBlock>();
        for (int first = 0, end; first < network.Layers.Length && !Nodes.IsEmpty; first = Math.Max(first + 1, end))
        {
            end = RowPartition.Reach(network, first);
            if (end > first && network.MultiplyAdds(first, end) > 0)
            {
                blocks.Add(new() { First = first, End = end, Workers = Nodes, OwnRate = Here });
            }
        }

        return blocks.ToImmutable();
    }
}
