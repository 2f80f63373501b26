namespace StreamLearn.Simulation;

internal sealed partial class PublishActor
{
    internal override string WorldFormat => "world-publish/2";

    private protected override void RestState(ref StateStream s, SavedWith with)
    {
        s.Value(ref _sequence);
        s.Value(ref _letters);
        s.Value(ref _sending);
        s.Value(ref _leaves);
        if (s.Value(_direct is not null)) { _direct = with.Payloads.State(ref s, _direct); }
        s.Value(ref _cut);
        s.Value(ref _lost, 0, int.MaxValue);
        s.Value(ref _next, 0, Math.Max(0, Inputs.Count - 1));
        s.Items(_onTheWay, int.MaxValue, with.Payloads,
            static (ref StateStream s, ref Payload payload, PayloadTable payloads) => payload = payloads.State(ref s, payload));
    }
}
