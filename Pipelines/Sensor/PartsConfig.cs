using System.Collections.Immutable;
using StreamLearn.Models;
using StreamLearn.Nodes;

namespace Sensor;

/// <summary>The parts of the layers that nodes compute.</summary>
internal sealed record PartsConfig(ImmutableArray<string> Nodes, ImmutableArray<PartBlock> Blocks, TimeSpan Within)
{
    private const string Own = "here";

    internal static PartsConfig Read(ConfigMap map, ConfigEntry nodes, ModelConfig model, TimeSpan within)
    {
        var named = nodes
            .Map(static m => m.Keys.Select(key => (key, Speed: m[key].Number(0, 1e6).Required())).ToImmutableArray()).Required();
        named = named.IsDefault ? [] : named;
        foreach (var (name, speed) in named)
        {
            if (name == Own || (speed > 0 && LinkConfig.IsDeviceName(name))) { continue; }
            nodes.Refuse(FormattableString.Invariant($"expected names of nodes with a speed above 0, got {name}: {speed}"));
        }

        ImmutableArray<(string Name, double Speed)> workers = [.. named.Where(static n => n.key != Own && n.Speed > 0)];
        var blocks = workers.IsEmpty ? []
            : BlocksOf(model.Create(), workers, named.FirstOrDefault(static n => n.key == Own).Speed);
        if (workers.IsEmpty) { nodes.Refuse("expected at least one node"); }
        else if (blocks.IsEmpty) { map["where"].Refuse("expected a network with convolutions: no layer can be cut"); }
        return new([.. workers.Select(static w => w.Name)], blocks, within);
    }

    internal InferPartsOptions Options(long epoch) => new() { Blocks = Blocks, Deadline = Within, Epoch = epoch, Versions = true };

    /// <summary>Cuts each run of layers that can be cut by lines and has work.</summary>
    private static ImmutableArray<PartBlock> BlocksOf(
        Network network, ImmutableArray<(string Name, double Speed)> workers, double here)
    {
        var blocks = ImmutableArray.CreateBuilder<PartBlock>();
        for (int first = 0, end; first < network.Layers.Length; first = Math.Max(first + 1, end))
        {
            end = RowPartition.Reach(network, first);
            if (end > first && network.MultiplyAdds(first, end) > 0)
            {
                blocks.Add(new() { First = first, End = end, Workers = workers, OwnRate = here });
            }
        }

        return blocks.ToImmutable();
    }
}
