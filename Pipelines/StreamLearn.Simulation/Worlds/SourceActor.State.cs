namespace StreamLearn.Simulation;

/// <content>How far its source has come. One that can neither be saved nor sought is played again, and what it makes is put aside: the
/// same inputs give the same messages.</content>
internal sealed partial class SourceActor
{
    protected override OperatorContext Context => _context;

    private protected override void SaveRest(StateWriter writer, SavedWith with)
    {
        if (Ended) { return; }
        writer.Write(_made);
        writer.Write(_scheduled);
        writer.Write(_ending);
        _context.Save(writer, with.Now);
    }

    private protected override void LoadRest(ref StateReader reader, SavedWith with)
    {
        if (Ended) { return; }
        _made = reader.ReadInt64();
        (_scheduled, _ending) = (reader.ReadBoolean(), reader.ReadBoolean());
        if (_source is ISeekable seekable and not IStateful) { seekable.Seek(_made); }
        else if (_source is not IStateful) { PlayAgain(); }
        _context.Load(ref reader, with.Now);
    }

    private void PlayAgain()
    {
        for (var i = 0L; i < _made; i++)
        {
            if (_source.NextAt is not { } due) { throw new StateException($"the source made {_made} messages, and now ends after {i}"); }
            _context.Begin(due);
            Ownership.End(_source.NextItem());
        }
    }
}
