namespace StreamLearn;

/// <summary>A local source in the dataflow host: paced by its own times, or as fast as the pipeline goes.</summary>
internal sealed class SourceStage : Stage
{
    private readonly Source _source;
    private readonly OperatorContext _context;
    private readonly ITimer _timer;
    private long _made;

    internal SourceStage(PipelineRun run, Node node)
        : base(run, node)
    {
        _context = run.ContextFor(node, Metrics);
        _source = ((SourceWork)node.Work).Create(_context);
        _timer = run.CreateTimer(Schedule);
    }

    protected override bool TryStep()
    {
        if (Run.Draining || _source.NextAt is not { } due)
        {
            End();
            return false;
        }

        if (due == DateTimeOffset.MaxValue) { return false; }
        var now = Run.TimeAt(Stamp);
        if (Run.Pace == Pace.Original && due > now)
        {
            PipelineRun.Set(_timer, due - now);
            return false;
        }

        _context.Begin(now);
        Run.Log?.Made(Node, now);
        var value = _source.NextItem();
        Ownership.PassOn(value);
        Node.RequireDeclared(value);
        var item = Item.Of(value, null, _made, _made);
        _made++;
        Metrics.Gave(item.Rows);
        Worked(0);
        Out.Pending.Add((0, item));
        return true;
    }

    protected override void Release()
    {
        _timer.Dispose();
        (_source as IDisposable)?.Dispose();
    }
}
