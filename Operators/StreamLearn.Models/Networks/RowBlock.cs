namespace StreamLearn.Models;

/// <summary>Passes over the same rows at a time; a layer that does not stream is alone.</summary>
internal sealed record RowBlock(ImmutableArray<(int Layer, LayerPass Pass)> Passes, int Rows, bool Streams)
{
    private const int BlockValues = 1 << 16;        // 256 KiB, to fit in the second-level cache with weights and gradients

    /// <summary>Splits at batch statistics and around layers that do not stream.</summary>
    internal static ImmutableArray<RowBlock> Cut(LayerChain chain, bool forward)
    {
        var (stages, passes) = (ImmutableArray.CreateBuilder<RowBlock>(), new List<(int Layer, LayerPass Pass)>());
        void End()
        {
            if (passes.Count == 0) { return; }
            var values = passes.Sum(p => (long)chain.Boundaries[p.Layer].Size + chain.Boundaries[chain.Following(p.Layer)].Size);
            stages.Add(new([.. passes], (int)Math.Clamp(BlockValues / values, 1, BlockValues), true));
            passes.Clear();
        }

        for (var n = 0; n < chain.Layers.Length; n++)
        {
            var i = forward ? n : chain.Layers.Length - 1 - n;
            if (chain.IsFusedIntoPrevious(i)) { continue; }
            if (!chain.Plans[i].Streams)
            {
                End();
                stages.Add(new([(i, forward ? LayerPass.Forward : LayerPass.Backward)], int.MaxValue, false));
            }
            else if (chain.NeedsBatchStatistics(i))
            {
                passes.Add((i, forward ? LayerPass.Reduce : LayerPass.ReduceBack));
                End();
                stages.Add(new([(i, forward ? LayerPass.Finalize : LayerPass.FinalizeBack)], int.MaxValue, true));
                passes.Add((i, forward ? LayerPass.Normalize : LayerPass.NormalizeBack));
            }
            else { passes.Add((i, forward ? LayerPass.Forward : LayerPass.Backward)); }
        }

        End();
        return stages.ToImmutable();
    }
}
