namespace StreamLearn.Models;

internal sealed class NetworkPasses(NetworkLayout layout, long seed)
{
    private readonly NetworkLayout _layout = layout;
    private readonly LayerChain _trunk = layout.Trunk;
    private readonly long _seed = seed;

    internal void Forward(ReadOnlySpan<float> weights, ReadOnlySpan<float> inputs, Tape tape)
    {
        var (layout, rows) = (tape.Layout, tape.Rows);
        var scratch = tape.ForwardScratch();
        var buffers = scratch[..layout.Buffers(rows)];
        scratch = scratch[buffers.Length..];
        if (layout.Keeps(layout.From)) { inputs.CopyTo(layout.Activations(tape, layout.From, buffers)); }
        for (var i = layout.From; i < layout.To;)
        {
            var next = layout.Next(i);
            var outputs = layout.Activations(tape, next, buffers);
            if (i < layout.Inferred) { layout.Infer(i, next, weights, inputs, outputs, rows, scratch); }
            else { ForwardLayer(weights, tape, i, inputs, outputs, scratch); }
            if (_layout.ExitAfter(next - 1) is >= 0 and var exit) { ForwardHead(weights, tape, exit, outputs, scratch); }
            i = next;
            inputs = outputs;
        }
    }

    /// <summary>Runs backward. With a descent, it moves each layer once its gradient is known, and gradients need not be cleared. The tapes
    /// of steps do not contain the features, so they are passed in.</summary>
    internal void Backward(ReadOnlySpan<float> weights, Tape tape, ReadOnlySpan<float> outputGradients, Span<float> gradients,
        Span<float> inputGradients, FusedUpdate descent, ReadOnlySpan<float> features)
    {
        if (weights.IsEmpty) { weights = tape.Pinned; }
        if (weights.IsEmpty) { throw new ArgumentException("expected weights, given or pinned by the forward pass", nameof(weights)); }
        _layout.Check(tape, weights.Length, outputGradients.Length, gradients.Length, inputGradients.Length);
        var (layout, rows) = (tape.Layout, tape.Rows);
        var widest = rows * layout.Widest;
        var scratch = tape.BackwardScratch();
        var gradient = scratch[..widest];
        var next = scratch.Slice(widest, widest);
        scratch = scratch[(2 * widest)..];
        var lowest = inputGradients.IsEmpty ? Math.Max(layout.Lowest, _trunk.FirstTrained(tape.From, tape.To)) : layout.Lowest;
        var (flowing, stops) = (!outputGradients.IsEmpty, _trunk.Plans[tape.From].StopsInside);
        if (lowest < tape.To) { outputGradients.CopyTo(gradient); }
        for (var i = tape.To - 1; i >= tape.From; i--)
        {
            LayerRun.CopyStatistics(_trunk.Plans[i], _trunk.Of(i, weights), _trunk.Of(i, gradients), descent);
            var width = rows * _trunk.Boundaries[i + 1].Size;
            if (_layout.ExitAfter(i) is >= 0 and var exit)
            {
                var ofHead = i < lowest ? [] : flowing ? next[..width] : gradient[..width];
                BackwardHead(weights, tape, exit, gradients, ofHead, scratch, descent);
                for (var j = 0; flowing && j < ofHead.Length; j++) { gradient[j] += ofHead[j]; }
                flowing = true;
            }

            if (i < lowest || !flowing) { continue; }
            var target = i > lowest ? next[..(rows * _trunk.Boundaries[i].Size)] : i == tape.From && !stops ? inputGradients : [];
            BackwardLayer(weights, tape, i, layout.Inputs(tape, i, features), gradient[..width], gradients, target, scratch, descent);
            var free = gradient;
            gradient = next;
            next = free;
        }

        if (!flowing || lowest > tape.From || stops) { inputGradients.Clear(); }
    }

    /// <summary>The range may be empty.</summary>
    internal void Trunk(ReadOnlySpan<float> weights, int from, int to, ReadOnlySpan<float> inputs, int rows, Span<float> outputs,
        Workspace memory)
    {
        outputs = outputs[..(rows * _trunk.Boundaries[to].Size)];
        if (from == to)
        {
            inputs.CopyTo(outputs);
            return;
        }

        _layout.Check(from, to, rows, weights.Length, inputs.Length);
        var mark = memory.Mark();
        var scratch = memory.Rent((2 * rows * _trunk.Widest(from, to)) + _trunk.Scratch(from, to, rows));
        _trunk.Infer(weights, from, to, inputs, rows, outputs, scratch);
        memory.Release(mark);
    }

    internal void Head(ReadOnlySpan<float> weights, int exit, ReadOnlySpan<float> activations, int rows, Span<float> logits,
        Workspace memory)
    {
        var mark = memory.Mark();
        _layout.Exits[exit].Head.Forward(new()
        {
            Input = _trunk.Boundaries[_layout.Exits[exit].After + 1],
            Rows = rows,
            Weights = _layout.Head(exit, weights),
            Inputs = activations,
            Outputs = logits,
            Scratch = memory.Rent(_layout.Heads[exit].Scratch(rows)),
        });
        memory.Release(mark);
    }

    private void ForwardLayer(ReadOnlySpan<float> weights, Tape tape, int layer, ReadOnlySpan<float> inputs, Span<float> outputs,
        Span<float> scratch) => LayerRun.Forward(_trunk.Layers[layer], _trunk.Plans[layer], new()
        {
            Second = tape.Second,
            Input = _trunk.Boundaries[layer],
            Rows = tape.Rows,
            Weights = _trunk.Of(layer, weights),
            Inputs = inputs,
            Outputs = outputs,
            Tape = tape.Layout.Layer(tape, layer),
            Parts = _trunk.Plans[layer].Parts,
            Training = true,
            RandomKey = RandomKeys.Of(_seed, layer, tape.Number),
            Scratch = scratch,
        });

    private void ForwardHead(ReadOnlySpan<float> weights, Tape tape, int exit, ReadOnlySpan<float> inputs, Span<float> scratch)
    {
        _layout.Exits[exit].Head.Forward(new()
        {
            Input = _trunk.Boundaries[_layout.Exits[exit].After + 1],
            Rows = tape.Rows,
            Weights = _layout.Head(exit, weights),
            Inputs = inputs,
            Outputs = _layout.Logits(tape, exit),
            Tape = tape.Layout.Head(tape, exit),
            Parts = _layout.Heads[exit].Parts,
            Training = tape.Layout.Trains(exit),
            RandomKey = RandomKeys.Of(_seed, ~exit, tape.Number),
            Scratch = scratch,
        });
        _layout.LogitGradients(tape, exit).Clear();
    }

    private void BackwardLayer(ReadOnlySpan<float> weights, Tape tape, int layer, ReadOnlySpan<float> inputs,
        ReadOnlySpan<float> outputGradients, Span<float> gradients, Span<float> inputGradients, Span<float> scratch, FusedUpdate descent)
    {
        var plan = _trunk.Plans[layer];
        gradients = _trunk.Of(layer, gradients);
        descent = descent.Of(_trunk.Offsets[layer], plan.Values);
        LayerRun.Backward(_trunk.Layers[layer], plan, new()
        {
            FusedUpdate = plan.SupportsFusedUpdate ? descent : default,
            Input = _trunk.Boundaries[layer],
            Rows = tape.Rows,
            Second = tape.Second,
            Weights = _trunk.Of(layer, weights),
            Inputs = inputs,
            Outputs = tape.Layout.Outputs(tape, layer),
            Tape = tape.Layout.Layer(tape, layer),
            Parts = plan.Parts,
            OutputGradients = outputGradients,
            InputGradients = inputGradients,
            Gradients = gradients,
            RandomKey = RandomKeys.Of(_seed, layer, tape.Number),
            Scratch = scratch,
        }, descent);
        LayerRun.ClearFrozen(plan, gradients);
    }

    private void BackwardHead(ReadOnlySpan<float> weights, Tape tape, int exit, Span<float> gradients, Span<float> inputGradients,
        Span<float> scratch, FusedUpdate descent)
    {
        var (plan, layout) = (_layout.Heads[exit], tape.Layout);
        gradients = _layout.Head(exit, gradients);
        LayerRun.CopyStatistics(plan, _layout.Head(exit, weights), gradients, descent);
        if (inputGradients.IsEmpty && !plan.Has(SliceKind.Trained)) { return; }
        descent = descent.Of(_layout.HeadOffset(exit), plan.Values);
        LayerRun.Backward(_layout.Exits[exit].Head, plan, new()
        {
            FusedUpdate = plan.SupportsFusedUpdate ? descent : default,
            Input = _trunk.Boundaries[_layout.Exits[exit].After + 1],
            Rows = tape.Rows,
            Weights = _layout.Head(exit, weights),
            Inputs = layout.HeadInputs(tape, exit),
            Outputs = _layout.Logits(tape, exit),
            Tape = layout.Head(tape, exit),
            Parts = plan.Parts,
            OutputGradients = _layout.LogitGradients(tape, exit),
            InputGradients = inputGradients,
            Gradients = gradients,
            RandomKey = RandomKeys.Of(_seed, ~exit, tape.Number),
            Scratch = scratch,
        }, descent);
        LayerRun.ClearFrozen(plan, gradients);
    }
}
