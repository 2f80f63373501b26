namespace StreamLearn.Simulation;

/// <summary>A local source in virtual time. It needs no core: a message is created when it is due and the edge has space.</summary>
internal sealed class SourceActor : Actor
{
    private readonly Source _source;
    private readonly OperatorContext _context;
    private long _made;
    private bool _scheduled;
    private bool _ending;

    internal SourceActor(VirtualDevice device, Node node)
        : base(device, node)
    {
        var world = device.World;
        (_source, _context) = ((SourceWork)node.Work).Open(
            world.ContextFor(device, node, Metrics),
            device.Began < world.Now ? () => world.ContextFor(device, node, Metrics, beginsNow: true) : null);
    }

    internal override string HostFormat => SourceState.Format;

    internal override IStateful? Stateful => _source as IStateful;

    private protected override void OwnState(ref StateStream s, SavedMessages messages, DateTimeOffset now) =>
        _made = SourceState.State(ref s, _made, _source, _context, Metrics, now);

    internal void EndNow()
    {
        _ending = true;
        Wake();
    }

    protected override void Advance()
    {
        if (_scheduled && !_ending) { return; }
        if (_source.LooksAgain) { _context.Begin(World.Now); }
        if (_ending || _source.NextAt is not { } due)
        {
            End();
            return;
        }

        _scheduled = true;
        World.At(due - World.Start, EventKind.Source, this);
    }

    protected override void Happened(EventKind kind)
    {
        _scheduled = false;
        if (Ended) { return; }
        LookAtClock();
        _context.Begin(World.Now);
        if (_source.LooksAgain && !(_source.NextAt <= World.Now))
        {
            Continue();
            return;
        }

        var value = _source.NextItem();
        Ownership.PassOn(value);
        Node.RequireDeclared(value);
        var item = Item.Of(value, null, _made, _made);
        _made++;
        Metrics.Gave(item.Rows);
        World.Trace.Write(Device, Node, "make", item.Rows);
        Out.Pending.Add((0, item));
        Continue();
    }

    protected override void Release() => (_source as IDisposable)?.Dispose();

    protected override OperatorContext Context => _context;

    private protected override void RestState(ref StateStream s, SavedWith with)
    {
        if (Ended) { return; }
        s.Value(ref _made);
        s.Value(ref _scheduled);
        s.Value(ref _ending);
        if (s.IsReading && _source is ISeekable seekable and not IStateful) { seekable.Seek(_made); }
        else if (s.IsReading && _source is not IStateful) { PlayAgain(); }
        _context.State(ref s, with.Now);
    }

    private void PlayAgain()
    {
        for (var i = 0L; i < _made; i++)
        {
            if (_source.NextAt is not { } due)
            {
                throw new StateException($"the source had made {_made} messages, but now ends after {i}");
            }
            _context.Begin(due);
            Ownership.End(_source.NextItem());
        }
    }
}
