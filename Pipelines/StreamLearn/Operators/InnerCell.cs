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
        foreach (var (_, item) in Outputs) { (item as IDisposable)?.Dispose(); }
        Outputs.Clear();
        (_operator as IDisposable)?.Dispose();
    }

    internal void Call(CallKind kind, object? item)
    {
        var handle = OpenHandle.Of(item);
        try
        {
            Make(kind, item);
        }
        catch
        {
            foreach (var (_, output) in Outputs) { (output as IDisposable)?.Dispose(); }
            Outputs.Clear();
            handle.Close();
            throw;
        }
    }

    internal override void Emit(int port, object item) => Outputs.Add((port, item));

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
