namespace StreamLearn;

internal sealed partial class KeyInstance
{
    internal int SavedAs { get; set; }

    /// <summary>Restores before any input.</summary>
    internal void State(ref StateStream s, DateTimeOffset now)
    {
        var ago = s.Value((now - LastSeen).Ticks);
        if (s.IsReading) { LastSeen = now - new TimeSpan(Math.Clamp(ago, 0, now.UtcTicks)); }
        IsLeaving = s.Value(IsLeaving);
        IsEvicted = s.Value(IsEvicted);
        s.Value(ref _given);
        s.Value(ref _idle);
        _entry.State(ref s, _plan.Messages, _plan.Entry);
        foreach (var block in _blocks) { block.State(ref s, _plan, now); }
        if (s.IsWriting) { return; }
        if (_given < 0)
        {
            foreach (var edge in _entry.Targets) { edge.EndSender(); }
        }

        FindNext();
    }
}

internal sealed partial class KeyBlock
{
    internal void State(ref StateStream s, KeyPlan plan, DateTimeOffset now)
    {
        Ended = s.Value(Ended);
        Out.State(ref s, plan.Messages, _cell.Node);
        var outer = plan.Metrics.Block;
        foreach (var input in _inputs) { input.Queue.State(ref s, plan.Messages, plan.TypeOf(input), isLocal: true, outer); }
        _mailbox.State(ref s, now);
        _cell.State(ref s, plan.Messages, plan.Inner.Edges, now);
        var expected = _cell.Stateful?.StateFormat ?? "";
        var format = s.Value(expected);
        if (format != expected && _cell.Stateful?.Reads(format) != true)
        {
            throw new StateException($"block '{_cell.Node.Name}' inside it: expected {FormText(expected)}, got {FormText(format)}");
        }

        var around = s.Format;
        s.Reader.Format = format;
        _cell.Stateful?.State(ref s);
        s.Reader.Format = around;
        if (s.IsWriting) { return; }
        _mailbox.SeeWake();
        if (!Ended) { return; }
        foreach (var target in Out.Targets) { target.EndSender(); }
    }

    private static string FormText(string format) => format.Length == 0 ? "no state" : $"state of format {format}";
}
