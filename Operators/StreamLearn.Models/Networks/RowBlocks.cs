namespace StreamLearn.Models;

/// <summary>Trains consecutive layers. Streaming layers take a few rows at a time, so that data stays in the cache.</summary>
/// <remarks>A stage is a run of passes over the same rows, ended by batch statistics; a non-streaming layer is its own stage. Tape: each
/// layer's part, then its outputs if read backward. Block size does not change the bits.</remarks>
internal sealed class RowBlocks
{
    private const int SharedRows = 8;               // minimum rows when two threads share them

    private readonly ImmutableArray<RowBlock> _forward;
    private readonly ImmutableArray<RowBlock> _backward;
    private readonly int[] _own;                    // [i]: offset of layer i's part on a row's tape
    private readonly int[] _kept;                   // [b]: offset of boundary b; negative: not kept
    private readonly RowBlockBuffers _results;
    private readonly RowBlockBuffers _gradients;
    private readonly int[] _turns;                  // [i]: scratch memory of layer i, if it runs first; see Looked
    private readonly (int Values, int PerRow)[] _looked = new (int, int)[2];

    internal RowBlocks(LayerChain chain)
    {
        var (plans, layers) = (chain.Plans, chain.Layers.Length);
        (LayerChain, _own, _kept, _turns) = (chain, new int[layers], new int[layers + 1], new int[layers]);
        Array.Fill(_kept, -1);
        for (var i = 0; i < layers; i++)
        {
            _own[i] = TapeValues;
            TapeValues = checked(TapeValues + Own(i));
            if (!Keeps(i)) { continue; }
            _kept[i + 1] = TapeValues;
            TapeValues = checked(TapeValues + plans[i].Output.Size);
        }

        for (var (i, turn) = (0, 0); i < layers; i++)
        {
            if (!chain.NeedsBatchStatistics(i)) { continue; }
            ref var looked = ref _looked[_turns[i] = turn];
            looked = (Math.Max(looked.Values, plans[i].ScratchValues), Math.Max(looked.PerRow, plans[i].ScratchValuesPerRow));
            turn = 1 - turn;
        }

        _results = new(chain, b => plans[b - 1].Streams && plans[b].Streams && !chain.NeedsBatchStatistics(b));
        bool Streams(int boundary) => plans[boundary - 1].Streams && plans[boundary].Streams
            && !chain.NeedsBatchStatistics(chain.IsFusedIntoPrevious(boundary - 1) ? boundary - 2 : boundary - 1);
        _gradients = new(chain, Streams);
        (_forward, _backward) = (RowBlock.Cut(chain, forward: true), RowBlock.Cut(chain, forward: false));
        BlockRows = Math.Max(SharedRows, _forward.Concat(_backward).Max(s => s.Rows == int.MaxValue ? 0 : s.Rows));
    }

    internal LayerChain LayerChain { get; }

    internal int TapeValues { get; }

    internal int BlockRows { get; }

    internal int ScratchValuesPerBlockRow => 2 * Math.Max(_results.Inside, _gradients.Inside);

    internal int ScratchValuesPerRow => checked(LayerChain.Plans.Max(p => p.ScratchValuesPerRow)
        + Math.Max(2 * LayerChain.Widest(0, LayerChain.Layers.Length),
            (2 * Math.Max(_results.Between, _gradients.Between)) + _looked[0].PerRow + _looked[1].PerRow));

    internal int ScratchValues => checked(_looked[0].Values + _looked[1].Values
        + LayerChain.Plans.Max(p => p.ScratchValues + (p.BlockRows * p.ScratchValuesPerBlockRow)));

    internal int SharedScratch(int rows) => LayerChain.SharedScratch(rows, BlockRows);

    internal void Forward(in LayerCall call)
    {
        var memory = Divide(call);
        foreach (var stage in _forward.AsSpan())
        {
            var block = RowsAtOnce(stage, call);
            for (var r = 0; r < call.Rows; r += block)
            {
                foreach (var (i, pass) in stage.Passes.AsSpan())
                {
                    var part = Part(call, memory, i, r, Math.Min(block, call.Rows - r), 0, pass);
                    if (stage.Streams) { LayerRun.Run(LayerChain.Fused[i], LayerChain.Plans[i], pass, part); }
                    else { LayerRun.Forward(LayerChain.Fused[i], LayerChain.Plans[i], part); }
                }
            }
        }
    }

    internal void Backward(in LayerCall call, int lowest)
    {
        var memory = Divide(call);
        for (var i = lowest; i < LayerChain.Layers.Length && !call.FusedUpdate.IsEmpty; i++)
        {
            if (LayerChain.Plans[i].Streams) { LayerRun.ClearTrained(LayerChain.Plans[i], LayerChain.Of(i, call.Gradients)); }
        }

        foreach (var stage in _backward.AsSpan())
        {
            var block = RowsAtOnce(stage, call);
            for (var r = 0; r < call.Rows; r += block)
            {
                foreach (var (i, pass) in stage.Passes.AsSpan())
                {
                    if (i < lowest) { continue; }
                    var part = Part(call, memory, i, r, Math.Min(block, call.Rows - r), lowest, pass);
                    if (stage.Streams) { LayerRun.Run(LayerChain.Fused[i], LayerChain.Plans[i], pass, part); }
                    else { LayerRun.Backward(LayerChain.Fused[i], LayerChain.Plans[i], part, FusedUpdateOf(call, i)); }
                }
            }
        }

        for (var i = lowest; i < LayerChain.Layers.Length && !call.FusedUpdate.IsEmpty; i++)
        {
            if (LayerChain.Plans[i].Streams)
            {
                LayerRun.Move(LayerChain.Plans[i], LayerChain.Of(i, call.Gradients), FusedUpdateOf(call, i));
            }
        }
    }

    private LayerCall Part(in LayerCall call, in RowBlockMemory memory, int layer, int row, int rows, int lowest, LayerPass pass)
    {
        var forward = pass is LayerPass.Forward or LayerPass.Reduce or LayerPass.Finalize or LayerPass.Normalize;
        var writes = pass is not (LayerPass.Reduce or LayerPass.Finalize or LayerPass.ReduceBack or LayerPass.FinalizeBack);
        var (plan, next, end) = (LayerChain.Plans[layer], LayerChain.Following(layer), LayerChain.Layers.Length);
        var (before, behind) = (LayerChain.Boundaries[layer].Size, LayerChain.Boundaries[next].Size);
        return new()
        {
            Second = call.Second,
            Input = LayerChain.Boundaries[layer],
            Rows = rows,
            FirstRow = row,
            Training = forward && layer >= LayerChain.Inferred,
            Parts = plan.Parts,
            RandomKey = RandomKeys.Bits(call.RandomKey, (ulong)layer),
            Weights = LayerChain.Of(layer, call.Weights),
            Gradients = forward ? [] : LayerChain.Of(layer, call.Gradients),
            FusedUpdate = forward || plan.Streams || !plan.SupportsFusedUpdate ? default : FusedUpdateOf(call, layer),
            Inputs = !forward && !plan.ReadsInputs ? [] : layer == 0 ? RowBlockMemory.Rows(call.Inputs, before, row, rows)
                : Result(call, memory, layer, row, rows, forward),
            Outputs = forward && !writes ? [] : next == end ? RowBlockMemory.Rows(call.Outputs, behind, row, rows)
                : Result(call, memory, next, row, rows, forward),
            OutputGradients = forward ? [] : next == end ? RowBlockMemory.Rows(call.OutputGradients, behind, row, rows)
                : _gradients.Of(next, behind, row, rows, memory.Between, memory.Inside),
            InputGradients = forward || !writes ? [] : layer == 0 ? RowBlockMemory.Rows(call.InputGradients, before, row, rows)
                : layer == lowest ? [] : _gradients.Of(layer, before, row, rows, memory.Between, memory.Inside),
            Tape = plan.NeedsBatchStatistics ? call.Tape.Slice(_own[layer] * call.Rows, Own(layer) * call.Rows)
                : call.Tape.Slice((_own[layer] * call.Rows) + (row * Own(layer)), Own(layer) * rows),
            Scratch = !LayerChain.NeedsBatchStatistics(layer) ? memory.Rest : _turns[layer] == 0 ? memory.Looked : memory.LookedNext,
        };
    }

    private Span<float> Result(in LayerCall call, in RowBlockMemory memory, int boundary, int row, int rows, bool forward)
    {
        var size = LayerChain.Boundaries[boundary].Size;
        if (_kept[boundary] >= 0) { return call.Tape.Slice((_kept[boundary] * call.Rows) + (row * size), rows * size); }
        return forward ? _results.Of(boundary, size, row, rows, memory.Between, memory.Inside) : [];
    }

    /// <summary>True if a layer's outputs are kept: not the last ones, which the caller keeps, nor those that no layer reads.</summary>
    private bool Keeps(int layer) => layer < LayerChain.Layers.Length - 1
        && ((layer >= LayerChain.Inferred && LayerChain.Plans[layer].ReadsOutputs)
            || (layer + 1 >= LayerChain.Inferred && LayerChain.Plans[layer + 1].ReadsInputs));

    private int Own(int layer) =>
        layer < LayerChain.Inferred || LayerChain.IsFusedIntoPrevious(layer) ? 0 : LayerChain.Plans[layer].TapeValues;

    private FusedUpdate FusedUpdateOf(in LayerCall call, int layer) =>
        call.FusedUpdate.Of(LayerChain.Offsets[layer], LayerChain.Plans[layer].Values);

    private static int RowsAtOnce(RowBlock stage, in LayerCall call) => call.Second is null ? stage.Rows : Math.Max(stage.Rows, SharedRows);

    private RowBlockMemory Divide(in LayerCall call)
    {
        var between = 2 * call.Rows * Math.Max(_results.Between, _gradients.Between);
        var inside = Math.Min(call.Rows, BlockRows) * ScratchValuesPerBlockRow;
        var looked = _looked[0].Values + (call.Rows * _looked[0].PerRow);
        var next = _looked[1].Values + (call.Rows * _looked[1].PerRow);
        return RowBlockMemory.Of(call.Scratch, between, inside, looked, next);
    }
}
