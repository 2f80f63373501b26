using System.Runtime.InteropServices;

namespace StreamLearn.Learning;

/// <summary>The layers [First, End) of one side in training.</summary>
/// <remarks>It holds all values of the model; those of the other side may be outdated and have zero optimizer state. For non-finite steps
/// see <see cref="TrainingState"/>.</remarks>
public sealed class TrainedPart
{
    private readonly ISplitModel _model;
    private readonly Optimizer _whole;          // the optimizer, with its schedule from the start
    private readonly Scoreboard _board;
    private readonly Workspace _memory = new();
    private readonly TrainingState _learned;
    private readonly Memory<float> _gradients;
    private readonly OperatorContext? _context;     // counts work and rollbacks
    private Optimizer _optimizer;               // optimizer of the round
    private ModelPlan _plan;
    private ImmutableArray<Slice> _slices;      // slices of its layers and their exits
    private long _rolledBack;       // number of rollbacks since the last report
    private long _multiplyAdds;
    private long _backwardMultiplyAdds;
    private int _exit;

    /// <summary>Trains layers [first, end).</summary>
    /// <param name="model">The network.</param>
    /// <param name="optimizer">The optimizer, with its schedule from the first step.</param>
    /// <param name="start">The initial weights; null: those of the model.</param>
    /// <param name="first">The first layer.</param>
    /// <param name="end">One past the last layer.</param>
    /// <param name="context">Counts work and rolled-back steps; null: not counted.</param>
    public TrainedPart(ISplitModel model, Optimizer optimizer, Weights? start, int first, int end, OperatorContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(optimizer);
        (_model, _whole, _optimizer, _board, _context) = (model, optimizer, optimizer, new(model), context);
        _learned = new(model.Plan, _optimizer.StateValues, (start ?? model.Initial).Values.AsSpan());
        _gradients = model.Plan.Zeros();
        (First, End, _plan) = (first, end, model.Plan);
        Move(first, end);
    }

    /// <summary>The first layer.</summary>
    public int First { get; private set; }

    /// <summary>One past the last layer.</summary>
    public int End { get; private set; }

    /// <summary>True if this side has no layers.</summary>
    public bool IsEmpty => First == End;

    /// <summary>Steps applied, including those rolled back later.</summary>
    public long Steps { get; private set; }

    /// <summary>Values per row before the first layer.</summary>
    public int Inputs => _model.ShapeAt(First).Size;

    /// <summary>Values per row after the last layer.</summary>
    public int Outputs => _model.ShapeAt(End).Size;

    /// <summary>Multiply-adds in all passes.</summary>
    public long Work { get; private set; }

    /// <summary>Schedule steps before the current round.</summary>
    public long StepsBefore { get; private set; }

    /// <summary>Steps in the round, without those rolled back.</summary>
    public int StepsOfRound => (int)_learned.Counts.Steps;

    /// <summary>All model values; other layers may be outdated.</summary>
    public ReadOnlySpan<float> Weights => _learned.Weights;

    /// <summary>True if there is an exit that learns from labels.</summary>
    public bool HasExit => _exit >= 0;

    /// <summary>Saves or restores the state.</summary>
    public void State(ref StateStream s)
    {
        var first = s.Value(First, 0, _model.PartCount);
        var end = s.Value(End, first, _model.PartCount);
        if (s.IsReading) { Hold(first, end); }
        _learned.State(ref s);
        _board.State(ref s);
        Steps = s.Value(Steps);
        StepsBefore = s.Value(StepsBefore);
        if (StepsBefore < 0) { throw new StateException($"expected 0 or more steps, got {StepsBefore}"); }
        if (s.IsReading) { _optimizer = LocalRound.After(_whole, StepsBefore); }
        s.Value(ref _rolledBack);
    }

    /// <summary>Moves the split. Values of new layers are already in the model; removed layers lose their optimizer state.</summary>
    public void Move(int first, int end)
    {
        Mend();
        Hold(first, end);
        foreach (var slice in _plan.Slices)
        {
            if (slice.Kind == SliceKind.Trained) { continue; }
            for (var kind = 0; kind < _optimizer.StateValues; kind++) { slice.Of(_learned.OptimizerValues(kind)).Clear(); }
        }

        _learned.Keep();
    }

    /// <summary>Begins a round: resets optimizer state; the schedule continues.</summary>
    public void Begin(int first, int end, ReadOnlySpan<float> values, long stepsBefore)
    {
        _model.SetValues(first, end, values, _learned.Weights);
        _learned.Optimizer.Clear();
        _learned.Begin();
        (StepsBefore, _optimizer) = (stepsBefore, LocalRound.After(_whole, stepsBefore));
        Hold(first, end);
        _learned.Keep();
    }

    /// <summary>Sets the scale that is used until a version has that of the fleet.</summary>
    public void UseScale(RunningMoments own) => _learned.UseScale(own);

    /// <summary>Continues a round that began elsewhere. <paramref name="steps"/>: number of steps already done.</summary>
    public void Resume(ModelPart part, long stepsBefore, int steps)
    {
        Begin(part.First, part.End, part.Values.AsSpan(), stepsBefore);
        Put(part);
        _learned.Continue(steps);
        _learned.Keep();
    }

    /// <summary>Runs forward. The batch number seeds random layers and is the same on all sides.</summary>
    public void Forward(ReadOnlySpan<float> inputs, int rows, ISplitTape tape, bool pin, long number)
    {
        tape.Number = number;
        _model.Forward(_learned.Weights, First, End, inputs, rows, tape, pin);
        Charge(rows, backward: false);
    }

    /// <summary>Returns the loss of all exits, with the gradient on the tape; 0 without an exit.</summary>
    public float Losses(ISplitTape tape, ReadOnlySpan<int> labels)
    {
        if (!HasExit) { return 0; }
        var mark = _memory.Mark();
        var logits = tape.Scores(_exit);
        var outputs = _memory.Rent(logits.Length);
        logits.CopyTo(outputs);
        _model.Objective.Answer(outputs, tape.Rows);
        _board.Count(outputs, new([], labels));
        _memory.Release(mark);
        return _model.ExitLosses(tape, new([], labels));
    }

    /// <summary>Makes a step; false: a gradient is not finite, and nothing is applied. <paramref name="outputGradients"/>: empty at the
    /// network's end. <paramref name="pinned"/>: true: uses the tape's pinned weights.</summary>
    public bool Step(ISplitTape tape, ReadOnlySpan<float> outputGradients, Span<float> inputGradients, bool pinned)
    {
        _gradients.Span.Clear();
        _model.Backward(pinned ? [] : _learned.Weights, tape, outputGradients, _gradients.Span, inputGradients);
        Charge(tape.Rows, backward: true);
        if (!Finite.All(_gradients.Span) || !Finite.All(inputGradients))
        {
            RollBack();
            return false;
        }

        _optimizer.Step(_plan, _learned.Weights, _gradients.Span, _learned.Optimizer, _learned.Counts.Steps + 1);
        foreach (var slice in _slices)
        {
            if (slice.Kind != SliceKind.Statistic) { continue; }
            WeightChange.Renew(slice, _learned.Weights, _gradients.Span, pinned ? tape.Pinned : default);
        }

        Steps++;
        Count(_learned.Applied(tape.Rows, loss: 0));
        return true;
    }

    /// <summary>Returns false if the loss or a gradient is not finite; nothing is then applied.</summary>
    public bool Learn(ISplitTape tape, ReadOnlySpan<int> labels, Span<float> back, out float loss)
    {
        loss = Losses(tape, labels);
        if (float.IsFinite(loss)) { return Step(tape, [], back, pinned: false); }
        RollBack();
        return false;
    }

    /// <summary>Learns from a batch with its labels at the last layers: forward, loss, backward, step. Returns the gradient to send
    /// back.</summary>
    public BoundaryGradients Learn(Activations input, ReadOnlySpan<int> labels, ISplitTape tape)
    {
        Forward(input.Values.AsSpan(), input.Rows, tape, pin: false, input.Sequence);
        var back = First == 0 ? [] : new float[input.Values.Length];
        var applied = Learn(tape, labels, back, out var loss);
        return new()
        {
            Device = input.Device,
            Epoch = input.Epoch,
            Sequence = input.Sequence,
            Split = First,
            SchemaHash = input.SchemaHash,
            Values = applied ? ImmutableCollectionsMarshal.AsImmutableArray(back) : [],
            Loss = applied ? loss : 0,
            RolledBack = !applied,
        };
    }

    /// <summary>Counts a skipped step; restores the last good weights if these are not finite, or after two failures.</summary>
    public void RollBack() => Count(1 + _learned.Failed());

    /// <summary>Returns a copy of layers [from, to), with their optimizer state.</summary>
    public ModelPart Take(int from, int to)
    {
        Mend();
        var values = _model.Values(from, to, _learned.Weights);
        var state = new float[_optimizer.StateValues * values.Length];
        for (var kind = 0; kind < _optimizer.StateValues; kind++)
        {
            _model.Values(from, to, _learned.OptimizerValues(kind)).CopyTo(state, kind * values.Length);
        }

        return new()
        {
            First = from,
            End = to,
            Values = ImmutableCollectionsMarshal.AsImmutableArray(values),
            State = ImmutableCollectionsMarshal.AsImmutableArray(state),
        };
    }

    /// <summary>Returns why a part is not acceptable; null if it is.</summary>
    public string? Refuse(ModelPart? part, int from, int to) => Refuse(part, from, to, _optimizer.StateValues);

    /// <summary>Checks values like <c>Refuse</c>, for layers without optimizer state.</summary>
    public string? RefuseValues(ModelPart? part, int from, int to) => Refuse(part, from, to, stateValues: 0);

    private string? Refuse(ModelPart? part, int from, int to, int stateValues)
    {
        var count = _model.Slices(from, to).Sum(static slice => slice.Length);
        if (part is null || part.First != from || part.End != to || part.Values.Length != count || part.State.Length != stateValues * count)
        {
            return "shape";
        }

        return Finite.All(part.Values.AsSpan()) && Finite.All(part.State.AsSpan()) ? null : "non-finite";
    }

    /// <summary>Must be followed by <see cref="Move"/>.</summary>
    public void Put(ModelPart part)
    {
        Mend();
        _model.SetValues(part.First, part.End, part.Values.AsSpan(), _learned.Weights);
        for (var kind = 0; kind < _optimizer.StateValues; kind++)
        {
            var state = part.State.AsSpan().Slice(kind * part.Values.Length, part.Values.Length);
            _model.SetValues(part.First, part.End, state, _learned.OptimizerValues(kind));
        }
    }

    /// <summary>Returns the evaluation, the weights and the number of rolled-back steps since the last call.</summary>
    /// <param name="source">The device or node that the evaluation names.</param>
    public (Evaluation? Evaluation, Weights Weights, long RolledBack) Report(string source)
    {
        Mend();
        var rolledBack = _rolledBack;
        _rolledBack = 0;
        return (_board.Rows == 0 ? null : _board.Take(source, Steps, rolledBack),
            new() { Version = Steps, SchemaHash = _model.Plan.SchemaHash, Values = [.. _learned.Weights] }, rolledBack);
    }

    /// <summary>Writes the change of trained values and statistics since a start; leaves other values.</summary>
    /// <param name="plan">The model's plan.</param>
    /// <param name="weights">The weights now.</param>
    /// <param name="start">The weights at the start.</param>
    /// <param name="values">The changes.</param>
    public static void Change(ModelPlan plan, ReadOnlySpan<float> weights, ReadOnlySpan<float> start, Span<float> values) =>
        WeightChange.Subtract(plan, weights, start, start, values);

    /// <summary>Slices not given count as untrained.</summary>
    public static ModelPlan PlanOf(ModelPlan model, ImmutableArray<Slice> slices) => new(model.Input, model.Outputs, model.MultiplyAdds,
        model.Slices.Select(s => (s.Name, slices.Contains(s) ? s.Kind : SliceKind.Statistic, s.Length)));

    private void Hold(int first, int end)
    {
        (First, End) = (first, end);
        _slices = _model.Slices(first, end);
        _plan = PlanOf(_model.Plan, _slices);
        (_multiplyAdds, _backwardMultiplyAdds) = (_model.MultiplyAdds(first, end), _model.BackwardMultiplyAdds(first, end));
        _exit = _model.ExitCount - 1;
        while (_exit >= 0 && (_model.PartOf(_exit) < first || _model.PartOf(_exit) >= end)) { _exit--; }
    }

    private void Charge(int rows, bool backward)
    {
        var work = (backward ? _backwardMultiplyAdds : _multiplyAdds) * rows;
        Work += work;
        _context?.ChargeLayers(First, End, rows, backward, work);
    }

    /// <summary>Restores finite weights before layers leave or others arrive.</summary>
    private void Mend() => Count(_learned.Mend());

    private void Count(int steps)
    {
        if (steps == 0) { return; }
        _rolledBack += steps;
        _context?.Record("rolled-back-steps", steps);
    }
}
