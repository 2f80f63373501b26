namespace StreamLearn.Models;

internal static class LayerRun
{
    /// <summary>Runs backward. With a <paramref name="descent"/> (may be empty), it also moves the trained values, and gradients need not
    /// be cleared. If the layer moves its own weights, <paramref name="call"/> has the descent.</summary>
    internal static void Backward(Layer layer, LayerPlan plan, in LayerCall call, FusedUpdate descent)
    {
        var moves = !descent.IsEmpty && plan.Values > 0 && !plan.SupportsFusedUpdate;
        if (moves) { ClearTrained(plan, call.Gradients); }
        Backward(layer, plan, call);
        if (moves) { Move(plan, call.Gradients, descent); }
    }

    internal static void Forward(Layer layer, LayerPlan plan, in LayerCall call)
    {
        if (!plan.NeedsBatchStatistics || !call.Training)
        {
            Run(layer, plan, LayerPass.Forward, call);
            return;
        }

        Run(layer, plan, LayerPass.Reduce, call);
        Run(layer, plan, LayerPass.Finalize, call);
        Run(layer, plan, LayerPass.Normalize, call);
    }

    internal static void Run(Layer layer, LayerPlan plan, LayerPass pass, in LayerCall call)
    {
        var isShared = call.Second is not null && plan.Shares && pass is not (LayerPass.Finalize or LayerPass.FinalizeBack)
            && Math.Max(plan.MultiplyAdds, plan.Output.Size) * call.Rows >= SecondThread.MinWork;
        if (isShared) { call.Second!.Share(layer, plan, pass, call); }
        else { layer.Run(pass, call); }
    }

    internal static void Move(LayerPlan plan, Span<float> gradients, FusedUpdate descent)
    {
        var at = 0;
        foreach (var (_, kind, length) in plan.Slices)
        {
            if (kind == SliceKind.Trained) { Sgd.Move(gradients.Slice(at, length), descent.Of(at, length)); }
            at += length;
        }
    }

    internal static void ClearTrained(LayerPlan plan, Span<float> gradients) => Clear(plan, gradients, SliceKind.Trained);

    internal static void ClearFrozen(LayerPlan plan, Span<float> gradients) => Clear(plan, gradients, SliceKind.Frozen);

    /// <summary>Copies statistics to the gradients; a step skips constant ones.</summary>
    internal static void CopyStatistics(LayerPlan plan, ReadOnlySpan<float> weights, Span<float> gradients, FusedUpdate descent)
    {
        if (!plan.RenewsStatistics && !descent.IsEmpty) { return; }
        var at = 0;
        foreach (var (_, kind, length) in plan.Slices)
        {
            if (kind == SliceKind.Statistic) { weights.Slice(at, length).CopyTo(gradients[at..]); }
            at += length;
        }
    }

    private static void Backward(Layer layer, LayerPlan plan, in LayerCall call)
    {
        if (!plan.NeedsBatchStatistics)
        {
            Run(layer, plan, LayerPass.Backward, call);
            return;
        }

        Run(layer, plan, LayerPass.ReduceBack, call);
        Run(layer, plan, LayerPass.FinalizeBack, call);
        Run(layer, plan, LayerPass.NormalizeBack, call);
    }

    private static void Clear(LayerPlan plan, Span<float> gradients, SliceKind kind)
    {
        var at = 0;
        foreach (var slice in plan.Slices)
        {
            if (slice.Kind == kind) { gradients.Slice(at, slice.Length).Clear(); }
            at += slice.Length;
        }
    }
}
