namespace StreamLearn.Models;

/// <summary>Layers on some lines; each layer needs a few more lines than the next one.</summary>
internal sealed class StripChain
{
    private readonly LayerChain _chain;
    private readonly int _first;
    private readonly ImmutableArray<StripLayer> _strips;
    private readonly int _widest;

    /// <summary>Derives the lines backward from the last layer.</summary>
    internal StripChain(LayerChain chain, int first, int end, IndexRange outputs, bool across)
    {
        var strips = new StripLayer[end - first];
        for (var i = end; i-- > first;)
        {
            strips[i - first] = new(chain.Layers[i], chain.Boundaries[i], chain.Plans[i], outputs, across);
            outputs = strips[i - first].Inputs;
        }

        (_chain, _first, _strips, Inputs) = (chain, first, [.. strips], outputs);
        for (var i = 0; i < _strips.Length; i++)
        {
            MultiplyAdds += _strips[i].MultiplyAdds;
            if (i + 1 < _strips.Length) { _widest = Math.Max(_widest, _strips[i].Output.Size); }
        }
    }

    internal IndexRange Inputs { get; }

    internal Shape Input => _strips[0].Input;

    internal Shape Output => _strips[^1].Output;

    /// <summary>Multiply-adds per row, including the halo.</summary>
    internal long MultiplyAdds { get; }

    internal void Forward(ReadOnlySpan<float> weights, ReadOnlySpan<float> inputs, int rows, Span<float> outputs, Workspace memory)
    {
        var mark = memory.Mark();
        var free = memory.Rent(rows * _widest);
        var next = memory.Rent(_strips.Length > 2 ? rows * _widest : 0);
        for (var i = 0; i < _strips.Length; i++)
        {
            var results = (i + 1 == _strips.Length ? outputs : free)[..(rows * _strips[i].Output.Size)];
            _strips[i].Forward(_chain.Of(_first + i, weights), inputs, rows, results, memory);
            inputs = results;
            var used = free;
            free = next;
            next = used;
        }

        memory.Release(mark);
    }
}
