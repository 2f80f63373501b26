namespace StreamLearn.Nodes;

/// <summary>The layers of the edge for each device of a fleet.</summary>
/// <remarks>Source: Thapa et al. (2022), SplitFed.</remarks>
internal sealed partial class SplitSessions : Operator<Activations>, IStateful, IControlledBy<Weights>, IControlledBy<SplitPlan>
{
    private readonly ISplitModel _model;
    private readonly ServeSplitOptions _options;
    private readonly OperatorContext _context;
    private readonly IOutput<BoundaryGradients> _gradients;
    private readonly IOutput<WeightDelta> _updates;
    private readonly ISplitTape _tape;
    private readonly TrainedPart? _shared;
    private readonly List<SplitSession> _sessions = [];     // sorted by device name
    private readonly Dictionary<string, int> _splits = new(StringComparer.Ordinal);      // splits planned for individual devices
    private int? _split;            // split of other devices; null: as requested
    private Weights _newest;
    private DateTimeOffset _heldSince;

    internal SplitSessions(ServeSplitBlock block, OperatorContext context, IOutput<BoundaryGradients> gradients,
        IOutput<WeightDelta> updates, IOutput<SessionTransfer> transfers)
    {
        (_model, _options, _context) = (block.Model, block.Options, context);
        (_gradients, _updates, _transfers) = (gradients, updates, transfers);
        (_tape, _split, _newest) = (_model.CreateTape(), _options.Split, _options.Training.Start ?? _model.Initial);
        _shared = _options.SharesLayers ? NewPart() : null;
    }

    public string StateFormat => "split-sessions/2";

    public void State(ref StateStream s)
    {
        _shared?.State(ref s);
        _newest = s.Weights(_newest, _model.Plan);
        s.ClockTime(ref _heldSince);
        _split = s.Value(_split is not null) ? s.Value(_split ?? 0, 0, _model.PartCount) : null;
        s.Items(_splits, _options.Training.MaxDevices, static (ref StateStream s, ref string device, ref int split) =>
            (device, split) = (s.Value(device ?? ""), s.Value(split)));
        s.Items(_sessions, _options.Training.MaxDevices, this, static (ref StateStream s, ref SplitSession session, SplitSessions own) =>
        {
            session = own.NewSession(s.Value(session?.Device ?? ""), session);
            session.State(ref s, own._options.SharesLayers);
        });
        for (var i = 1; i < _sessions.Count && s.IsReading; i++)
        {
            if (string.CompareOrdinal(_sessions[i - 1].Device, _sessions[i].Device) >= 0)
            {
                throw new StateException($"expected sessions sorted by device name, got '{_sessions[i].Device}' out of order");
            }
        }

        StateOfMoves(ref s);
    }

    public override void Process(Activations input)
    {
        if (Admit(input, out var session) is { } reason) { Refuse(input, reason); }
        else if (session!.IsRepeatedBy(input)) { Repeat(session, input); }
        else if (IsAhead(session, input)) { _context.Drop(input, "ahead"); }
        else if (input.Round is { } round) { EndRound(session, input, round); }
        else { Train(session, input); }
        ForgetSilent();
    }

    /// <summary>Refuses a message. If the sides disagree on the round, the device must rejoin.</summary>
    private void Refuse(Activations input, string reason)
    {
        _context.Drop(input, reason);
        if (reason is not ("no-session" or "duplicate" or "round" or "split" or "steps")) { return; }
        var term = Find(input.Device)?.Term ?? 0;
        _gradients.Emit(new()
        {
            Device = input.Device,
            Epoch = input.Epoch,
            Sequence = input.Sequence,
            Split = input.Split,
            SchemaHash = input.SchemaHash,
            Voids = true,
            Edge = term == 0 ? null : _context.Pipeline,
            Term = term,
        });
    }

    public void Control(Weights message)
    {
        if (message.SchemaHash != _model.Plan.SchemaHash || message.Values.Length != _model.Plan.Values)
        {
            _context.Drop(message, "schema");
            return;
        }

        if (!Plausible.IsVersion(message.Id, _context.Now))
        {
            _context.Drop(message, "implausible-epoch");
            return;
        }

        if (!Plausible.Replaces(message.Id, _newest.Id, _heldSince, _context.Now)) { return; }
        (_newest, _heldSince) = (message, _context.Now);
        BeginRounds();
    }

    public void Control(SplitPlan message)
    {
        // a device refuses to keep fewer layers, and would not answer until its session is forgotten
        var least = Math.Min(_options.Training.MinLayers, _options.Split ?? int.MaxValue);
        if (message.Split < least || message.Split > _model.PartCount || (message.Device is not null && _options.SharesLayers))
        {
            _context.Drop(message, "split");
        }
        else if (message.Device is not { } device) { _split = message.Split; }
        else if (_splits.ContainsKey(device) || _splits.Count < _options.Training.MaxDevices) { _splits[device] = message.Split; }
        else { _context.Drop(message, "too-many-devices"); }
    }

    public override void WakeUp()
    {
        ForgetSilent();
        GiveUpMoves();
        ReleaseHeld();
        BeginRounds();
    }

    private SplitSession? Find(string device) => PlaceOf(device) is >= 0 and var place ? _sessions[place] : null;

    private SplitSession Add(string device)
    {
        var session = NewSession(device);
        _sessions.Insert(~PlaceOf(device), session);
        return session;
    }

    /// <summary>The index, or the complement of the insertion point.</summary>
    private int PlaceOf(string device)
    {
        var (from, to) = (0, _sessions.Count);
        while (from < to)
        {
            var middle = (from + to) / 2;
            var order = string.CompareOrdinal(_sessions[middle].Device, device);
            if (order == 0) { return middle; }
            (from, to) = order < 0 ? (middle + 1, to) : (from, middle);
        }

        return ~from;
    }

    private TrainedPart NewPart() => new(
        _model, _options.Training.Optimizer, _options.Training.Start, _options.Split ?? 0, _model.PartCount, _context);

    private SplitSession NewSession(string device, SplitSession? known = null) => known ?? new(_model, device, _shared ?? NewPart());

    private string? Admit(Activations input, out SplitSession? session)
    {
        session = null;
        if (input.SchemaHash != _model.Plan.SchemaHash) { return "schema"; }
        if (input.TopicDevice is not null) { return "not-its-topic"; }
        if (HasMoved(input)) { return "moved"; }
        var joins = input.Round is { Batches: 0, IsLast: false };
        session = Find(input.Device);
        if (session is null)
        {
            if (!joins) { return "no-session"; }
            if (_sessions.Count == _options.Training.MaxDevices) { return "too-many-devices"; }
            session = Add(input.Device);
        }

        if (session.Moves is not null) { return "moving"; }
        if (input.Epoch < session.Epoch) { return "epoch"; }
        if (input.Epoch > session.Epoch) { return joins ? null : "no-session"; }
        return input.Sequence < session.Sequence ? "duplicate" : null;
    }

    private void Repeat(SplitSession session, Activations input)
    {
        session.LastSeen = _context.Now;
        _context.Record("repeats");
        if (session.Answer is { } answer) { _gradients.Emit(answer); }
        else { _context.Drop(input, "duplicate"); }
    }

    /// <summary>Batches are missing after a crash and may still arrive: the server redelivers them, but not before newer ones.</summary>
    private bool IsAhead(SplitSession session, Activations input) =>
        _shared is null && session.IsBehind(input) && session.MayCatchUp(input);

    private void Train(SplitSession session, Activations input)
    {
        if (RefuseBatch(session, input) is { } reason)
        {
            Refuse(input, reason);
            return;
        }

        session.Took(input, _context.Now);
        _context.Record("rows-trained", input.Rows);
        Give(session, session.Part.Learn(input, input.Labels.AsSpan(), _tape));
    }

    private string? RefuseBatch(SplitSession session, Activations input)
    {
        if (!session.IsInRound) { return "round"; }
        if (input.Split != session.Split || input.Split == _model.PartCount) { return "split"; }
        if (input.Rows < 1 || input.Rows > _options.Training.BatchRows || input.Part is not null || input.MoveTo is not null
            || input.Values.Length != input.Rows * _model.ShapeAt(input.Split).Size)
        {
            return "shape";
        }

        if (_shared is null && input.WeightsVersion != session.Part.StepsOfRound) { return "steps"; }
        if (input.Labels.IsEmpty) { return "unlabelled"; }
        if (input.Labels.Length != input.Rows) { return "shape"; }
        if (!RowLabels.AreClasses(_model.Plan, input.Labels.AsSpan())) { return "bad-label"; }
        return Finite.All(input.Values.AsSpan()) ? null : "non-finite";
    }

    private void Give(SplitSession session, BoundaryGradients answer)
    {
        session.Answer = session.Term == 0 ? answer : answer with { Edge = _context.Pipeline, Term = session.Term };
        _gradients.Emit(session.Answer);
    }

    private void Forget(SplitSession session)
    {
        _sessions.Remove(session);
        _splits.Remove(session.Device);
        _context.Record("sessions-ended");
    }

    private void ForgetSilent()
    {
        DateTimeOffset? next = null;
        for (var place = _sessions.Count - 1; place >= 0; place--)
        {
            var session = _sessions[place];
            var ends = session.LastSeen + _options.SessionLifetime;
            if (session.Waits || session.Moves is not null) { continue; }
            if (ends <= _context.Now && session.Sequence > 0)
            {
                _context.Record("sessions-expired");
                Forget(session);
            }
            else if (session.Sequence > 0 && (next is null || ends < next)) { next = ends; }
        }

        if (next is { } time) { _context.WakeAt(time); }
    }
}
