namespace StreamLearn.Simulation;

/// <content>Its operator with the call that is under way.</content>
internal sealed partial class OperatorActor
{
    protected override OperatorContext Context => _cell.Context;

    private protected override void SaveRest(StateWriter writer, SavedWith with)
    {
        if (Ended) { return; }
        writer.Write(_busy);
        writer.Write(IsIdle);
        writer.Write(_inControlLine);
        writer.Write(_inDataLine);
        _mailbox.Save(writer, with.Now);
        _cell.Save(writer, with.Messages, with.Now);
        writer.Write(_cell.Outputs.Count);
        foreach (var (port, item) in _cell.Outputs)
        {
            writer.Write(port);
            with.Messages.Write(writer, SavedMessages.TypeOf(Node, port), item);
        }
    }

    private protected override void LoadRest(ref StateReader reader, SavedWith with)
    {
        if (Ended) { return; }
        (_busy, IsIdle) = (reader.ReadBoolean(), reader.ReadBoolean());
        (_inControlLine, _inDataLine) = (reader.ReadBoolean(), reader.ReadBoolean());
        _mailbox.Load(ref reader, with.Now);
        _cell.Load(ref reader, with.Messages, Device.Pipeline.Edges, with.Now);
        for (var count = reader.ReadInt32(0, int.MaxValue); count > 0; count--)
        {
            var port = reader.ReadInt32(0, Ports.PortCount - 1);
            _cell.Outputs.Add((port, with.Messages.Read(ref reader, SavedMessages.TypeOf(Node, port))));
        }
    }
}
