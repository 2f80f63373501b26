namespace StreamLearn.Simulation;

/// <content>What is on its way, also to a device that has ended, and what waits for the next block.</content>
internal sealed partial class SubscribeActor
{
    private protected override void RestState(ref StateStream s, SavedWith with)
    {
        s.Value(ref _number);
        s.Value(ref _lost, 0, int.MaxValue);
        Ending = s.Value(Ending);
        foreach (var queue in new[] { _onTheWay, _arrived })
        {
            s.Items(queue, int.MaxValue, with.Payloads, static (ref StateStream s, ref MessageInTransit message, PayloadTable payloads) =>
            {
                var payload = payloads.State(ref s, message.Payload);
                message = new(payload.Topic, payload, s.Value(message.IsRetained));
            });
        }
    }
}
