using System.Collections.Immutable;
using static TorchSharp.torch;

namespace StreamLearn.Torch;

/// <summary>A stage of a module: a trunk and the head after it.</summary>
/// <param name="Trunk">Computes the next activations from the output of the previous trunk; the first receives the rows.</param>
/// <param name="Head">Computes scores, <c>[rows, outputs]</c>, from the trunk's output; null: no exit.</param>
/// <param name="MultiplyAdds">Multiply-adds per row through both; 0 (default): one per trained value.</param>
/// <param name="LossWeight">Weight of the head's loss, at least 0; default 1.</param>
public sealed record TorchStage(
    nn.Module<Tensor, Tensor> Trunk, nn.Module<Tensor, Tensor>? Head, long MultiplyAdds = 0, float LossWeight = 1);

/// <summary>A module of stages with early exits, which can be split between them.</summary>
/// <remarks>A <see cref="TorchModel"/> of it learns from the weighted losses of all heads. Called as a module, it returns the scores of the
/// last head. Source: Teerapittayanon, McDanel, Kung (2016), BranchyNet.</remarks>
public sealed class TorchExits : nn.Module<Tensor, Tensor>
{
    /// <summary>Creates a module of stages.</summary>
    /// <param name="stages">The stages in order, at least one.</param>
    /// <exception cref="ArgumentException">There is no stage, the last has no head, or a setting is out of range.</exception>
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
