namespace StreamLearn;

/// <summary>The inner operators of one key, called in graph order within one call of the outer operator.</summary>
internal sealed class KeyInstance : IDisposable
{
    private readonly Pipeline _inner;
    private readonly OperatorContext _outer;
    private readonly Action<object> _emit;
    private readonly InnerCell?[] _cells;
    private readonly int _input;

    internal KeyInstance(Pipeline inner, OperatorContext outer, string key, Action<object> emit)
    {
        (_inner, _outer, _emit) = (inner, outer, emit);
        _cells = new InnerCell?[inner.Nodes.Length];
        foreach (var node in inner.Nodes)
        {
            if (node.Work is OperatorWork work) { _cells[node.Index] = new(work, outer.ForInner(node.Name, key)); }
        }

        _input = inner.Nodes.First(n => n.Kind == NodeKind.Input).Index;
        FindWake();
    }

    internal DateTimeOffset LastSeen { get; set; }

    /// <summary>The earliest wake-up that an inner operator asked for.</summary>
    internal DateTimeOffset? WakeAt { get; private set; }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var cell in _cells) { cell?.Dispose(); }
    }

    internal void Process(Batch batch, DateTimeOffset now)
    {
        Ownership.PassOn(batch, Ports.Calling);
        Pass(_input, 0, batch, now);
    }

    internal void WakeUp(DateTimeOffset now)
    {
        for (var index = 0; index < _cells.Length; index++)
        {
            if (_cells[index] is not { } cell || !(cell.WakeAt <= now)) { continue; }
            Call(index, cell, CallKind.WakeUp, null, now);
            Open(index, cell, now);
        }
    }

    /// <summary>Takes what the key shows out of the values of the outer block.</summary>
    internal void Withdraw()
    {
        foreach (var cell in _cells) { cell?.Context.Withdraw(); }
    }

    internal void Complete(DateTimeOffset now)
    {
        for (var index = 0; index < _cells.Length; index++)
        {
            if (_cells[index] is { } cell) { Call(index, cell, CallKind.Complete, null, now); }
        }
    }

    private void Pass(int from, int port, object item, DateTimeOffset now)
    {
        var edges = _inner.Edges;
        var last = -1;
        for (var e = 0; e < edges.Length; e++)
        {
            if (edges[e].From == from && edges[e].Port == port) { last = e; }
        }

        for (var e = 0; e <= last; e++)
        {
            if (edges[e].From != from || edges[e].Port != port) { continue; }
            var given = e < last && item is IOwned owned ? owned.Retain() : item;
            if (_cells[edges[e].To] is not { } cell)
            {
                Ownership.HandOver(given, Ports.Calling);      // the outer block emits it
                _emit(given);
            }
            else { Process(edges[e].To, cell, given, e < last ? item : null, now); }
        }
    }

    /// <summary>Gives a message to one block; if that throws, the handle for those after it is given back.</summary>
    private void Process(int index, InnerCell cell, object item, object? next, DateTimeOffset now)
    {
        try
        {
            Call(index, cell, CallKind.Process, item, now);
            Open(index, cell, now);
        }
        catch
        {
            Ownership.End(next);
            throw;
        }
    }

    /// <summary>Wakes a block that has closed its data input, such as one that reads a long batch in slices, until it opens.</summary>
    /// <remarks>Inside one call there is no later.</remarks>
    private void Open(int index, InnerCell cell, DateTimeOffset now)
    {
        while (!cell.Ready)
        {
            if (!(cell.WakeAt <= now))
            {
                throw new InvalidOperationException(
                    $"'{cell.Context.Block}' closed its data input and asked for no wake-up at once; inside PerKey it "
                        + "takes data in every call");
            }

            _outer.Cancellation.ThrowIfCancellationRequested();
            Call(index, cell, CallKind.WakeUp, null, now);
        }
    }

    private void Call(int index, InnerCell cell, CallKind kind, object? item, DateTimeOffset now)
    {
        cell.Context.Begin(now);
        cell.Call(kind, item);
        _outer.Charge(cell.Context.ChargedMultiplyAdds);
        if (cell.Context.TakeWake() is { } wake && !(cell.WakeAt <= wake)) { cell.WakeAt = wake; }
        FindWake();
        var passed = 0;
        try
        {
            while (passed < cell.Outputs.Count)
            {
                var (port, output) = cell.Outputs[passed++];
                Pass(index, port, output, now);
            }
        }
        finally
        {
            // a call after this one threw
            for (; passed < cell.Outputs.Count; passed++) { Ownership.End(cell.Outputs[passed].Item); }
            cell.Outputs.Clear();
        }
    }

    private void FindWake()
    {
        WakeAt = null;
        foreach (var cell in _cells)
        {
            if (cell?.WakeAt is { } wake && !(WakeAt <= wake)) { WakeAt = wake; }
        }
    }
}
