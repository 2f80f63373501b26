namespace StreamLearn.Simulation;

/// <content>What it has to tell.</content>
internal sealed partial class ConnectionsActor
{
    private static readonly ConnectionMessages Changes = new();

    private protected override void SaveRest(StateWriter writer, SavedWith with)
    {
        writer.Write(_number);
        writer.Write(_ending);
        writer.Write(_next is not null);
        if (_next is not null) { Changes.Write(writer, _next); }
    }

    private protected override void LoadRest(ref StateReader reader, SavedWith with)
    {
        (_number, _ending) = (reader.ReadInt64(), reader.ReadBoolean());
        _next = reader.ReadBoolean() ? (ConnectionChange)Changes.Read(ref reader) : null;
    }
}
