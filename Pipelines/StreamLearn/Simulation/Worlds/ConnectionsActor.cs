namespace StreamLearn.Simulation;

internal sealed class ConnectionsActor(VirtualDevice device, Node node) : Actor(device, node)
{
    private readonly string _transport = ((ConnectionsWork)node.Work).Transport.Name;
    private ConnectionChange? _next;
    private bool _ending;
    private long _number;

    internal override string HostFormat => "virtual-connections/1";

    private protected override void OwnState(ref StateStream s, SavedMessages messages, DateTimeOffset now) => s.Value(ref _number);

    internal override bool Waits => base.Waits || _next is not null;

    internal void Tell(string reason)
    {
        if (_ending) { return; }
        _next = new()
        {
            Transport = _transport,
            Session = Device.Name,
            IsConnected = Device.IsConnected,
            Connects = Device.Connects,
            Reason = reason,
        };
        Wake();
    }

    internal void EndNow()
    {
        _ending = true;
        Wake();
    }

    protected override void Advance()
    {
        if (_next is { } change)
        {
            _next = null;
            World.Trace.Write(Device, Node, change.IsConnected ? "connected" : "lost", 0);
            Metrics.Gave(0);
            Out.Pending.Add((0, Item.Of(change, null, _number, _number)));
            _number++;
            if (!Out.TryFlush()) { return; }
        }

        if (_ending) { End(); }
    }

    private static readonly ConnectionMessages Changes = new();

    private protected override void RestState(ref StateStream s, SavedWith with)
    {
        s.Value(ref _number);
        s.Value(ref _ending);
        if (!s.Value(_next is not null)) { return; }
        _next = (ConnectionChange)Changes.State(ref s, _next);
    }
}
