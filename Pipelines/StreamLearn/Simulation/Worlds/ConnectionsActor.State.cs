namespace StreamLearn.Simulation;

internal sealed partial class ConnectionsActor
{
    private static readonly ConnectionMessages Changes = new();

    private protected override void RestState(ref StateStream s, SavedWith with)
    {
        s.Value(ref _number);
        s.Value(ref _ending);
        if (!s.Value(_next is not null)) { return; }
        _next = (ConnectionChange)Changes.State(ref s, _next);
    }
}
