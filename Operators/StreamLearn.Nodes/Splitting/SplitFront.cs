namespace StreamLearn.Nodes;

/// <summary>The layers [0, split) on the device. Batches are sent in order; the split moves only when none is in flight.</summary>
/// <remarks>Source: Gupta, Raskar (2018), split learning.</remarks>
internal sealed partial class SplitFront(
    SplitFrontBlock block, OperatorContext context, IOutput<Activations> activations, IOutput<SplitReport> reports)
    : Operator<Batch>, IStateful, IControlledBy<BoundaryGradients>, IControlledBy<SplitPlan>
{
    private readonly ISplitModel _model = block.Model;
    private readonly SplitTrainOptions _options = block.Options;
    private readonly MessageNumbers _numbers = new(block.Options.Epoch, context);
    private readonly FeatureRows _rows = new(block.Model.Plan, context, labelled: true);
    private readonly RowQueue _queue = new(block.Model.Plan.Input.Size);
    private readonly Flights _flights = new(block.Model, block.Options, context, block.Model.Plan.Input.Samples);
    private readonly TrainedPart _part = new(block.Model, block.Options.Optimizer, block.Options.Start, 0, block.Split, context);
    private readonly Progress _progress = new(block.Options, context, reports);
    private readonly SplitMove _move = new(block.Options, context);
    private readonly ISplitTape _tape = block.Model.CreateTape();     // for batches that never leave the device
    private readonly SplitRounds _rounds = new(block.Model.Plan, block.Options, context);
    private readonly EdgeChoice _edge = new(context);
    private SplitPlan? _plan;

    public override bool Ready => _queue.Count < _options.BatchRows;

    public override bool AwaitingReplies => _flights.Count > 0 || _move.IsUnderWay;

    public string StateFormat => "split-front/3";

    public void State(ref StateStream s)
    {
        _numbers.State(ref s);
        _part.State(ref s);
        if (_part.First != 0) { throw new StateException($"expected layers from 0, got layers from {_part.First}"); }
        _flights.State(ref s);
        _queue.State(ref s, _model.Plan.Classes);
        _progress.State(ref s);
        _move.State(ref s, _model.PartCount);
        s.Optional(ref _plan, LearningCodecs.SplitPlans);
        _rounds.State(ref s);
        _edge.State(ref s);
        if (_plan?.Split > _model.PartCount) { throw new StateException($"expected a split of this network, got {_plan.Split}"); }
    }

    public override void Process(Batch input)
    {
        if (!_rows.Read(input))
        {
            context.Drop(input, "schema");
            return;
        }

        input.Dispose();
        _queue.Add(_rows);
        _rounds.See(_rows);
        Advance();
    }

    public void Control(SplitPlan message)
    {
        if (message.Device is { } device && device != context.Pipeline) { return; }
        if ((uint)message.Split > (uint)_model.PartCount)
        {
            context.Drop(message, "split");
            return;
        }

        _plan = message;
        Advance();
    }

    public void Control(BoundaryGradients message)
    {
        if (Identify(message) is { } reason)
        {
            context.Drop(message, reason);
            return;
        }

        var follows = _edge.Follow(message);
        if (message.Sequence > 0)
        {
            if (message.Voids) { Void(message); }
            else if (!_move.IsAnsweredBy(message)) { Learn(message); }
            else if (_rounds.IsOver) { BeginRound(message); }
            else { EndMove(message); }
        }

        if (follows) { SendAgain(); }
        Advance();
    }

    public override void WakeUp()
    {
        _flights.GiveUp(_rounds.AreOn ? Repeat : null);
        if (_move.IsOverdue)
        {
            context.Record(_rounds.IsOver ? "rounds-repeated" : "moves-repeated");
            if (_rounds.IsOver) { AskForRound(isLast: false); }
            else { AskToMove(); }
        }
        else { _move.Wake(); }
        Advance();
    }

    public override void Complete()
    {
        _flights.GiveUpAll();
        if (_queue.Count > 0) { context.DropRows(_queue.Count * _model.Plan.Input.Samples, "incomplete-batch"); }
        if (_rounds is { AreOn: true, Joins: false }) { AskForRound(isLast: true); }
        _progress.Publish(_part);
    }

    private string? Identify(BoundaryGradients message) =>
        message.Device != context.Pipeline ? "other-device"
        : message.SchemaHash != _model.Plan.SchemaHash ? "schema"
        : message.Epoch != _numbers.Epoch ? "epoch"
        : (message.Sequence < 1 && message.Edge is null) || message.Sequence > _numbers.Last ? "unknown"
        : _edge.IsPast(message) ? "moved"
        : null;

    private void Advance()
    {
        while (!_move.IsUnderWay)
        {
            if (_rounds.IsOver)
            {
                // joins only with a full batch, because the fleet waits only for devices with rows
                if (_flights.Count > 0 || (_rounds.Joins && _queue.Count < _options.BatchRows)) { break; }
                _move.Begin(_part.End, _numbers.Next());
                context.Record("updates-sent");
                AskForRound(isLast: false);
            }
            else if (_plan is { } plan && _numbers.Last + 1 >= plan.FromSequence)
            {
                if (_flights.Count > 0) { break; }
                _plan = null;
                if (plan.Split == _part.End) { continue; }
                _move.Begin(plan.Split, _numbers.Last + 1);
                AskToMove();
            }
            else if (_queue.Count < _options.BatchRows) { break; }
            else if (_part.End == _model.PartCount) { TrainAlone(); }
            else if (!_flights.IsFull) { Send(); }
            else { break; }
        }

        _progress.PublishIfDue(_part);
    }

    private void Send()
    {
        var rows = _options.BatchRows;
        var flight = _flights.Begin(context.Pipeline, _numbers.Epoch, _numbers.Next(), rows);
        var labels = _queue.Labels(rows);
        var outputs = _queue.Rows(rows);
        if (!_part.IsEmpty)
        {
            _part.Forward(outputs, rows, flight.Tape, pin: _options.InFlight > 1, _numbers.Last);
            flight.Loss = _part.Losses(flight.Tape, labels);
            outputs = flight.Tape.Outputs;
        }

        _queue.Remove(rows);
        _rounds.Send();
        if (float.IsFinite(flight.Loss) && Finite.All(outputs))
        {
            var message = Message(_numbers.Last) with { Rows = rows, Values = [.. outputs], Labels = [.. labels] };
            if (_rounds.AreOn) { flight.Message = message; }
            activations.Emit(message);
            return;
        }

        _flights.End(flight);
        _part.RollBack();
    }

    private void TrainAlone()
    {
        var rows = _options.BatchRows;
        _numbers.Next();
        _part.Forward(_queue.Rows(rows), rows, _tape, pin: false, _numbers.Last);
        var applied = _part.Learn(_tape, _queue.Labels(rows), [], out var loss);
        _queue.Remove(rows);
        _rounds.Send();
        if (applied) { Count(loss, rows); }
    }

    /// <summary>Skips the step if a gradient is not finite.</summary>
    private void Step(ISplitTape tape, ReadOnlySpan<float> gradients, bool pinned, float loss, int rows)
    {
        if (_part.Step(tape, gradients, [], pinned)) { Count(loss, rows); }
    }

    private void Count(float loss, int rows)
    {
        _progress.Add(loss, rows);
        _rounds.Add(loss, rows);
    }

    private void Learn(BoundaryGradients message)
    {
        if (_flights.Find(message, _part.End, _part.IsEmpty ? 0 : _part.Outputs, out var reason) is not { } flight)
        {
            context.Drop(message, reason);
            return;
        }

        var loss = flight.Loss + message.Loss;
        if (message.RolledBack) { _part.RollBack(); }
        else if (_part.IsEmpty) { Count(loss, flight.Rows); }
        else { Step(flight.Tape, message.Values.AsSpan(), _options.InFlight > 1, loss, flight.Rows); }
        _flights.End(flight);
    }

    private void AskToMove()
    {
        _numbers.Next();
        _move.Asked();
        activations.Emit(Message(_numbers.Last) with
        {
            MoveTo = _move.To,
            Part = _move.To < _part.End ? _part.Take(_move.To, _part.End) : null,
        });
    }

    private void EndMove(BoundaryGradients message)
    {
        if (message.Split == _part.End)
        {
            _move.End();
            context.Record("moves-refused");
            return;
        }

        var gains = _move.To > _part.End;
        if ((message.Split != _move.To ? "split" : gains ? _part.Refuse(message.Part, _part.End, _move.To) : null) is { } reason)
        {
            context.Drop(message, reason);
            return;
        }

        if (gains) { _part.Put(message.Part!); }
        _part.Move(0, _move.To);
        _move.End();
        context.Record("moves");
    }

    private Activations Message(long sequence) => new()
    {
        Device = context.Pipeline,
        Epoch = _numbers.Epoch,
        Sequence = sequence,
        Split = _part.End,
        SchemaHash = _model.Plan.SchemaHash,
        WeightsVersion = _rounds.AreOn ? _rounds.Batches : _part.Steps,
        Rows = 0,
        Edge = _edge.Name,
    };
}
