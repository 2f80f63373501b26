namespace StreamLearn.Simulation;

internal sealed partial class SourceActor
{
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
                throw new StateException($"the source had made {_made} messages, but now ends after "
                + $"{i}");
            }
            _context.Begin(due);
            Ownership.End(_source.NextItem());
        }
    }
}
