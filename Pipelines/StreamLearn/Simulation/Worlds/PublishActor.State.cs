namespace StreamLearn.Simulation;

/// <content>What is on its way, also from a device that has ended.</content>
internal sealed partial class PublishActor
{
    private protected override void RestState(ref StateStream s, SavedWith with)
    {
        s.Value(ref _sequence);
        s.Value(ref _letters);
        s.Value(ref _sending);
        s.Value(ref _cut);
        s.Value(ref _lost, 0, int.MaxValue);
        s.Value(ref _next, 0, Math.Max(0, Inputs.Count - 1));
        s.Items(_onTheWay, int.MaxValue, with.Payloads,
            static (ref StateStream s, ref Payload payload, PayloadTable payloads) => payload = payloads.State(ref s, payload));
    }
}
