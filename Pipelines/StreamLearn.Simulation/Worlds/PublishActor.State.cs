namespace StreamLearn.Simulation;

/// <content>What is on its way, also from a device that has ended.</content>
internal sealed partial class PublishActor
{
    private protected override void SaveRest(StateWriter writer, SavedWith with)
    {
        writer.Write(_sequence);
        writer.Write(_letters);
        writer.Write(_sending);
        writer.Write(_cut);
        writer.Write(_lost);
        writer.Write(_next);
        writer.Write(_onTheWay.Count);
        foreach (var payload in _onTheWay) { with.Payloads.Write(writer, payload); }
    }

    private protected override void LoadRest(ref StateReader reader, SavedWith with)
    {
        (_sequence, _letters) = (reader.ReadInt64(), reader.ReadInt64());
        (_sending, _cut) = (reader.ReadBoolean(), reader.ReadBoolean());
        (_lost, _next) = (reader.ReadInt32(0, int.MaxValue), reader.ReadInt32(0, Math.Max(0, Inputs.Count - 1)));
        for (var count = reader.ReadInt32(0, int.MaxValue); count > 0; count--) { _onTheWay.Enqueue(with.Payloads.Read(ref reader)); }
    }
}
