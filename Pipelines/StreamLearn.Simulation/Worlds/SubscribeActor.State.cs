namespace StreamLearn.Simulation;

/// <content>What is on its way, also to a device that has ended, and what waits for the next block.</content>
internal sealed partial class SubscribeActor
{
    private protected override void SaveRest(StateWriter writer, SavedWith with)
    {
        writer.Write(_number);
        writer.Write(_lost);
        writer.Write(Ending);
        foreach (var queue in new[] { _onTheWay, _arrived })
        {
            writer.Write(queue.Count);
            foreach (var (_, payload, isRetained) in queue)
            {
                with.Payloads.Write(writer, payload);
                writer.Write(isRetained);
            }
        }
    }

    private protected override void LoadRest(ref StateReader reader, SavedWith with)
    {
        (_number, _lost, Ending) = (reader.ReadInt64(), reader.ReadInt32(0, int.MaxValue), reader.ReadBoolean());
        foreach (var queue in new[] { _onTheWay, _arrived })
        {
            for (var count = reader.ReadInt32(0, int.MaxValue); count > 0; count--)
            {
                var payload = with.Payloads.Read(ref reader);
                queue.Enqueue(new(payload.Topic, payload, reader.ReadBoolean()));
            }
        }
    }
}
