namespace StreamLearn;

/// <summary>One inner operator with the outputs of its last call.</summary>
internal sealed class InnerCell : Ports, IDisposable
{
    private readonly Operator _operator;

    internal InnerCell(OperatorWork work, OperatorContext context)
    {
        Context = context;
        _operator = work.Create(context, this);
        WakeAt = context.TakeWake();
    }

    internal OperatorContext Context { get; }

    internal List<(int Port, object Item)> Outputs { get; } = [];

    internal DateTimeOffset? WakeAt { get; set; }

    internal bool Ready => _operator.Ready;

    /// <inheritdoc />
    public void Dispose()
    {
        ref var calling = ref CallingHere;
        var outer = calling;
        calling = this;
        try
        {
            DiscardOutputs();
            (_operator as IDisposable)?.Dispose();
        }
        finally
        {
            calling = outer;
        }
    }

    internal void Call(CallKind kind, object? item)
    {
        Ownership.HandOver(item, this);
        ref var calling = ref CallingHere;
        var outer = calling;
        calling = this;
        try
        {
            Make(kind, item);
        }
        catch
        {
            DiscardOutputs();
            Ownership.TakeBack(item);
            throw;
        }
        finally
        {
            calling = outer;
        }
    }

    internal override void Emit(int port, object item)
    {
        Ownership.PassOn(item, this);
        Outputs.Add((port, item));
    }

    private void DiscardOutputs()
    {
        foreach (var (_, output) in Outputs) { Ownership.End(output); }
        Outputs.Clear();
    }

    private void Make(CallKind kind, object? item)
    {
        switch (kind)
        {
            case CallKind.Process: _operator.ProcessItem(item!); break;
            case CallKind.WakeUp:
                WakeAt = null;
                _operator.WakeUp();
                break;
            default: _operator.Complete(); break;
        }
    }
}
