namespace StreamLearn.Nodes;

internal sealed partial class SplitSessions : IControlledBy<SessionTransfer>
{
    private readonly IOutput<SessionTransfer> _transfers;
    private readonly Dictionary<string, (string Edge, int Term)> _moved = new(StringComparer.Ordinal);    // devices that have moved away

    public void Control(SessionTransfer message)
    {
        if (message.Recipient != _context.Pipeline || message.From == message.To)
        {
            _context.Drop(message, "not-here");
            return;
        }

        var reason = message.Step switch
        {
            TransferStep.Move => Hand(message),
            TransferStep.Session => Take(message),
            TransferStep.Taken => Leave(message),
            _ => Keep(message),
        };
        if (reason is not null) { _context.Drop(message, reason); }
    }

    private void StateOfMoves(ref StateStream s) => s.Items(_moved, _options.Training.MaxDevices,
        static (ref StateStream s, ref string device, ref (string Edge, int Term) to) =>
            (device, to) = (s.Value(device ?? ""), (s.Value(to.Edge ?? ""), s.Value(to.Term))));

    /// <summary>Not possible with shared layers.</summary>
    private string? Hand(SessionTransfer message)
    {
        if (Find(message.Device) is not { } session || _shared is not null) { return "not-here"; }
        if (session.Moves is not null || session.Base is null) { return "moving"; }
        session.Moves = message with { Step = TransferStep.Session, Term = session.Term + 1, Session = session.Checkpoint() };
        session.MovesUntil = _context.Now + _options.TransferTimeout;
        _context.WakeAt(session.MovesUntil);
        _context.Record("sessions-handed");
        _transfers.Emit(session.Moves);
        return null;
    }

    /// <summary>Redirects the device to this edge and repeats the answer that it may have missed.</summary>
    private string? Take(SessionTransfer message)
    {
        var from = message.Session!;
        var known = Find(message.Device);
        if (known is not null && known.Term >= message.Term)
        {
            if (known.Term == message.Term) { _transfers.Emit(message with { Step = TransferStep.Taken, Session = null }); }
            return "term";
        }

        if (Refuse(from, known) is { } reason)
        {
            _transfers.Emit(message with { Step = TransferStep.Refused, Session = null });
            return reason;
        }

        var session = known ?? Add(message.Device);
        session.Resume(from, _newest, message.Term, _context.Now);
        _moved.Remove(message.Device);
        _context.Record("sessions-taken");
        _transfers.Emit(message with { Step = TransferStep.Taken, Session = null });
        Give(session, from.Answer ?? Redirect(message.Device, from.Epoch, from.SchemaHash, _context.Pipeline, message.Term));
        if (from.Answer is null) { session.Answer = null; }
        BeginRounds();
        return null;
    }

    private string? Refuse(SessionCheckpoint from, SplitSession? known)
    {
        if (_shared is not null || from.SchemaHash != _model.Plan.SchemaHash) { return "schema"; }
        if (known is null && _sessions.Count == _options.Training.MaxDevices) { return "too-many-devices"; }
        if (from.Base != _newest.Id && !(from.Waits && from.Base < _newest.Id)) { return "version"; }
        return (uint)from.Part.First > (uint)_model.PartCount || from.Part.End != _model.PartCount ? "split"
            : (known?.Part ?? NewPart()).Refuse(from.Part, from.Part.First, _model.PartCount);
    }

    /// <summary>Ends the session here; a device that still sends here is redirected.</summary>
    private string? Leave(SessionTransfer message)
    {
        if (Find(message.Device) is not { } session || session.Moves?.Term != message.Term) { return "not-here"; }
        _sessions.Remove(session);
        if (_moved.Count < _options.Training.MaxDevices) { _moved[message.Device] = (message.To, message.Term); }
        _context.Record("sessions-moved");
        return null;
    }

    private string? Keep(SessionTransfer message)
    {
        if (Find(message.Device) is not { } session || session.Moves?.Term != message.Term) { return "not-here"; }
        Continue(session);
        return null;
    }

    private void GiveUpMoves()
    {
        foreach (var session in _sessions.Where(static s => s.Moves is not null).ToArray())
        {
            if (session.MovesUntil > _context.Now) { _context.WakeAt(session.MovesUntil); }
            else { Continue(session); }
        }
    }

    /// <summary>Raises the term by two, so that it is above that of the next edge if that edge accepted the session after all.</summary>
    private void Continue(SplitSession session)
    {
        (session.Moves, session.Term) = (null, session.Term + 2);
        session.LastSeen = _context.Now;
        _context.Record("moves-given-up");
        if (session.Answer is { } answer) { Give(session, answer); }
        BeginRounds();
    }

    private bool HasMoved(Activations input)
    {
        if (!_moved.TryGetValue(input.Device, out var to)) { return false; }
        if (input.Round is { Batches: 0, IsLast: false } && input.Edge == _context.Pipeline)
        {
            _moved.Remove(input.Device);        // it returned and starts again
            return false;
        }

        _gradients.Emit(Redirect(input.Device, input.Epoch, input.SchemaHash, to.Edge, to.Term));
        return true;
    }

    private static BoundaryGradients Redirect(string device, long epoch, ulong schema, string edge, int term) => new()
    {
        Device = device,
        Epoch = epoch,
        Sequence = 0,
        Split = 0,
        SchemaHash = schema,
        Edge = edge,
        Term = term,
    };
}
