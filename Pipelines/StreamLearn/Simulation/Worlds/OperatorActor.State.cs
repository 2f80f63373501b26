namespace StreamLearn.Simulation;

internal sealed partial class OperatorActor
{
    protected override OperatorContext Context => _cell.Context;

    private protected override void RestState(ref StateStream s, SavedWith with)
    {
        if (Ended) { return; }
        s.Value(ref _busy);
        IsIdle = s.Value(IsIdle);
        s.Value(ref _inControlLine);
        s.Value(ref _inDataLine);
        _mailbox.State(ref s, with.Now);
        _cell.State(ref s, with.Messages, Device.Pipeline.Edges, with.Now);
        s.Items(_cell.Outputs, int.MaxValue, (Node, with.Messages), Output);
    }

    private static void Output(ref StateStream s, ref (int Port, Item Item) output, (Node Node, SavedMessages Messages) with)
    {
        var port = s.Value(output.Port, 0, Ports.PortCount - 1);
        output = (port, with.Messages.State(ref s, SavedMessages.TypeOf(with.Node, port), output.Item));
    }
}
