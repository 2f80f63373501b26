namespace StreamLearn.Simulation;

internal sealed partial class SubscribeActor
{
    internal override string WorldFormat => "world-subscribe/2";

    private protected override void RestState(ref StateStream s, SavedWith with)
    {
        s.Value(ref _number);
        s.Value(ref _lost, 0, int.MaxValue);
        Ending = s.Value(Ending);
        List<MessageInTransit> onTheWay =
            s.IsReading ? [] : [.. _onTheWay.UnorderedItems.OrderBy(static m => m.Priority).Select(static m => m.Element)];
        s.Items(onTheWay, int.MaxValue, with, MessageInTransit.State);
        if (s.IsReading) { onTheWay.ForEach(m => Travel(m)); }
        s.Items(_arrived, int.MaxValue, with, MessageInTransit.State);
    }
}
