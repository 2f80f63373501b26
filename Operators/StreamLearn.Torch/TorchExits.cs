using System.Collections.Immutable;
using static TorchSharp.torch;

namespace StreamLearn.Torch;

/// <summary>A part of a module of several: what runs, and the head that answers after it.</summary>
/// <param name="Trunk">Takes what the trunk before gave; the first one takes the rows.</param>
/// <param name="Head">Gives scores, <c>[rows, outputs]</c>, of what the trunk gave; null: there is no exit here.</param>
/// <param name="MultiplyAdds">Multiply-adds of one row through both; 0, the default: one for each trained value.</param>
/// <param name="LossWeight">What the head's loss counts in the joint loss, at least 0; default 1.</param>
public sealed record TorchStage(
    nn.Module<Tensor, Tensor> Trunk, nn.Module<Tensor, Tensor>? Head, long MultiplyAdds = 0, float LossWeight = 1);

/// <summary>A module in stages, which can answer before its end and be split: trunks one after the other, with heads.</summary>
/// <remarks>
/// A <see cref="TorchModel"/> of it learns from all heads together, each by its loss weight, takes part in early exits, and is split at
/// any stage. Called as a module it gives the last head's scores. Source: Teerapittayanon, McDanel, Kung (2016), BranchyNet.
/// </remarks>
public sealed class TorchExits : nn.Module<Tensor, Tensor>
{
    /// <summary>Makes a module of stages.</summary>
    /// <param name="stages">The stages in order, at least one.</param>
    /// <exception cref="ArgumentException">There is none, the last one has no head, or a setting is out of range.</exception>
    public TorchExits(params TorchStage[] stages) : base(nameof(TorchExits))
    {
        ArgumentNullException.ThrowIfNull(stages);
        if (stages is not [.., { Head: not null }])
        {
            throw new ArgumentException("expected stages, the last one with a head", nameof(stages));
        }

        Stages = [.. stages];
        for (var e = 0; e < stages.Length; e++)
        {
            if (!(stages[e].LossWeight >= 0 && float.IsFinite(stages[e].LossWeight)) || stages[e].MultiplyAdds < 0)
            {
                throw new ArgumentException($"stage {e}: expected a loss weight and multiply-adds of at least 0, got {stages[e]}");
            }

            register_module($"trunk{e}", stages[e].Trunk);
            if (stages[e].Head is { } head) { register_module($"head{e}", head); }
        }
    }

    /// <summary>The stages in order.</summary>
    public ImmutableArray<TorchStage> Stages { get; }

    /// <inheritdoc />
    public override Tensor forward(Tensor input)
    {
        var x = input;
        foreach (var stage in Stages) { x = stage.Trunk.call(x); }
        return Stages[^1].Head!.call(x);
    }
}
