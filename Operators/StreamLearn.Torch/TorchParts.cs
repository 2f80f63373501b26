using static TorchSharp.torch;

namespace StreamLearn.Torch;

/// <summary>A module in use: its trunks, each with a head (none where the trunk answers itself).</summary>
internal sealed class TorchParts
{
    private readonly Func<Tensor, Tensor>[] _trunks;
    private readonly Func<Tensor, Tensor>?[] _heads;

    private TorchParts(nn.Module root, Func<Tensor, Tensor>[] trunks, Func<Tensor, Tensor>?[] heads, TorchStage[] stages) =>
        (Root, _trunks, _heads, Stages) = (root, trunks, heads, stages);

    /// <summary>The whole of it.</summary>
    internal nn.Module Root { get; }

    /// <summary>Exits.</summary>
    internal int Count => _trunks.Length;

    /// <summary>The stages; empty for a module of one exit.</summary>
    internal TorchStage[] Stages { get; }

    internal static TorchParts Of(nn.Module<Tensor, Tensor> module) => module switch
    {
        null => throw new ArgumentException("expected a module, got null"),
        TorchExits exits => new(exits, [.. exits.Stages.Select(static s => (Func<Tensor, Tensor>)s.Trunk.call)],
            [.. exits.Stages.Select(static s => (Func<Tensor, Tensor>)s.Head.call)], [.. exits.Stages]),
        _ => new(module, [module.call], [null], []),
    };

    internal static TorchParts Of(byte[] script)
    {
        var module = jit.load<Tensor, Tensor>(script);
        return new(module, [module.call], [null], []);
    }

    internal Tensor Trunk(int exit, Tensor input) => _trunks[exit](input);

    internal Tensor Head(int exit, Tensor input) => _heads[exit] is { } head ? head(input) : input;

    /// <summary>The scores of every exit.</summary>
    internal List<Tensor> Forward(Tensor input)
    {
        var scores = new List<Tensor>(Count);
        for (var exit = 0; exit < Count; exit++)
        {
            input = Trunk(exit, input);
            scores.Add(Head(exit, input));
        }

        return scores;
    }

    /// <summary>The part that a value belongs to: 2 · exit for a trunk, one more for a head.</summary>
    internal int PartOf(string name)
    {
        for (var exit = 0; exit < Stages.Length; exit++)
        {
            if (name.StartsWith($"trunk{exit}.", StringComparison.Ordinal)) { return 2 * exit; }
            if (name.StartsWith($"head{exit}.", StringComparison.Ordinal)) { return (2 * exit) + 1; }
        }

        return 0;
    }
}
