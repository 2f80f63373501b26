namespace StreamLearn;

internal sealed class SourceStage : Stage
{
    private readonly Source _source;
    private readonly OperatorContext _context;
    private readonly ITimer _timer;
    private readonly long _maxGatheredBytes;
    private long _made;
    private bool _hasDue;

    internal SourceStage(PipelineRun run, Node node)
        : base(run, node)
    {
        (_source, _context) = ((SourceWork)node.Work).Open(
            run.ContextFor(node, Metrics), run.Resumes ? () => run.ContextFor(node, Metrics, beginsNow: true) : null);
        _timer = run.CreateTimer(Schedule);
        _maxGatheredBytes = run.Pipeline.MaxOutputBytes(node) / Cell.MaxGathered;
    }

    internal override string HostFormat => SourceState.Format;

    internal override IStateful? Stateful => _source as IStateful;

    private protected override bool HasDue => Volatile.Read(ref _hasDue);

    private protected override void OwnState(ref StateStream s, SavedMessages messages, DateTimeOffset now) =>
        _made = SourceState.State(ref s, _made, _source, _context, Metrics, now);

    protected override bool TryStep()
    {
        var now = Run.TimeAt(Stamp);
        if (_source.LooksAgain) { _context.Begin(now); }
        if (Run.Draining || _source.NextAt is not { } due)
        {
            End();
            return false;
        }

        if (IsEarly(due, now))
        {
            Volatile.Write(ref _hasDue, due != DateTimeOffset.MaxValue);
            if (due != DateTimeOffset.MaxValue) { PipelineRun.Set(_timer, due - Run.TimeAt(Run.Timestamp)); }
            return false;
        }

        var bytes = Make(now);
        while (Out.Pending.Count < Cell.MaxGathered && bytes < _maxGatheredBytes && _source.NextAt is { } next && !IsEarly(next, now))
        {
            bytes += Make(now);
        }

        Worked(0);
        return true;
    }

    private bool IsEarly(DateTimeOffset due, DateTimeOffset now) =>
        due == DateTimeOffset.MaxValue || ((Run.Pace == Pace.Original || _source.LooksAgain) && due > now);

    private long Make(DateTimeOffset now)
    {
        _context.Begin(now);
        Run.Log?.Made(Node, now);
        var value = _source.NextItem();
        Ownership.PassOn(value);
        Node.RequireDeclared(value);
        var item = Item.Of(value, null, _made, _made);
        _made++;
        Metrics.Gave(item.Rows);
        Out.Pending.Add((0, item));
        return item.Bytes;
    }

    protected override void Release()
    {
        _timer.Dispose();
        (_source as IDisposable)?.Dispose();
    }
}
