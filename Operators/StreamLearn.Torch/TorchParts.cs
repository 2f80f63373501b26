using static TorchSharp.torch;

namespace StreamLearn.Torch;

internal sealed class TorchParts
{
    private readonly Func<Tensor, Tensor>[] _trunks;
    private readonly Func<Tensor, Tensor>?[] _heads;

    private TorchParts(nn.Module root, Func<Tensor, Tensor> call) => (Root, _trunks, _heads, Stages) = (root, [call], [static x => x], []);

    private TorchParts(TorchExits exits)
    {
        (Root, Stages) = (exits, [.. exits.Stages]);
        _trunks = [.. Stages.Select(static s => (Func<Tensor, Tensor>)s.Trunk.call)];
        _heads = [.. Stages.Select(static s => s.Head is { } head ? (Func<Tensor, Tensor>)head.call : null)];
    }

    internal nn.Module Root { get; }

    internal int Count => _trunks.Length;

    internal IEnumerable<int> Exits => Enumerable.Range(0, Count).Where(p => _heads[p] is not null);

    /// <summary>The stages; empty for a module of one part.</summary>
    internal TorchStage[] Stages { get; }

    internal static TorchParts Of(nn.Module<Tensor, Tensor> module)
    {
        if (module is null) { throw new ArgumentException("expected a module, got null"); }
        Begin(module);
        return module is TorchExits exits ? new(exits) : new(module, module.call);
    }

    /// <summary>Resets group norms as PyTorch does, because TorchSharp 0.107 leaves gains and biases uninitialized.</summary>
    private static void Begin(nn.Module root)
    {
        using var still = no_grad();
        foreach (var norm in root.modules().Append(root).OfType<TorchSharp.Modules.GroupNorm>())
        {
            if (norm.weight is { } gains) { nn.init.ones_(gains); }
            if (norm.bias is { } biases) { nn.init.zeros_(biases); }
        }
    }

    internal static TorchParts Of(byte[] script)
    {
        var module = jit.load<Tensor, Tensor>(script);
        return new(module, module.call);
    }

    internal Tensor Trunk(int from, int to, Tensor input, Action<int, Tensor>? after = null)
    {
        for (var part = from; part < to; part++)
        {
            input = _trunks[part](input);
            after?.Invoke(part, input);
        }

        return input;
    }

    internal Tensor Head(int part, Tensor input) => _heads[part]!(input);

    internal (Tensor Output, List<Tensor> Scores) Forward(int from, int to, Tensor input)
    {
        var scores = new List<Tensor>();
        var output = Trunk(from, to, input, (part, x) =>
        {
            if (_heads[part] is { } head) { scores.Add(head(x)); }
        });
        return (output, scores);
    }

    internal int PartOf(string name)
    {
        for (var part = 0; part < Stages.Length; part++)
        {
            if (name.StartsWith($"trunk{part}.", StringComparison.Ordinal) || name.StartsWith($"head{part}.", StringComparison.Ordinal))
            {
                return part;
            }
        }

        return 0;
    }
}
