using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace StreamLearn.Learning;

/// <summary>Blocks that learn.</summary>
public static partial class LearningFlowExtensions
{
    /// <summary>
    /// Learns from a stream, test then train: each row is answered before it is learned from, and what was learned is sent as updates.
    /// </summary>
    /// <remarks>
    /// Shape: rows of float32 columns in the model's order, and a nullable int32 <c>label</c>. Units: those of the columns; the model's
    /// first layer scales them.
    /// State: weights, velocity, replay buffer of raw rows, moments; not saved. Cost: one forward pass a row, three for each row of a step;
    /// no allocation but the messages.
    /// Emits: after every <see cref="TrainOptions.StepsPerUpdate"/> steps, and at the end, an update (main) and the evaluation of the rows
    /// since the last one (side).
    /// Drops: <c>unlabelled</c>, <c>bad-label</c>, <c>non-finite</c>, <c>schema</c>. Source: McMahan et al. (2017), the device's part;
    /// Gama, Sebastião, Rodrigues (2013), prequential evaluation.
    /// </remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="model">The model.</param>
    /// <param name="models">New versions: each round starts from the newest.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range; thrown here, never while running.</exception>
    public static Fork<WeightDelta, Evaluation> Train(this Flow<Batch> flow, IModel model, Flow<Weights> models,
        TrainOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(model);
        options ??= new();
        options.Check();
        return flow.Via("train", new TrainBlock(model, options),
            static (TrainBlock block, OperatorContext context, IOutput<WeightDelta> deltas, IOutput<Evaluation> evaluations) =>
                new Train(block, context, deltas, evaluations)).ControlledBy(models);
    }
}

/// <summary>The model and settings of a training block.</summary>
internal sealed record TrainBlock(IModel Model, TrainOptions Options) : IBlockOptions
{
    /// <inheritdoc />
    public int MaxOutputsPerCall => 2;

    /// <inheritdoc />
    public string State => "weights, velocity, replay buffer, moments";

    /// <inheritdoc />
    public long StateBytes(Schema? input) =>
        (4 * Model.Plan.ParameterBytes) + (4L * (Model.Plan.Input.Size + 1) * (Options.BufferRows + Options.BatchRows))
            + (32L * Model.Plan.Input.Size);

    /// <inheritdoc />
    public Schema Output(Schema input)
    {
        FeatureRows.Require(Model.Plan, input, labelled: true);
        return input;
    }

    /// <inheritdoc />
    public override string ToString() => $"{Model}; {Options}";
}

/// <summary>
/// A round is the steps from one pull of a model to the update after it. One call publishes once at most; steps still owed then come by
/// wake-up.
/// </summary>
internal sealed class Train(TrainBlock block, OperatorContext context, IOutput<WeightDelta> deltas, IOutput<Evaluation> evaluations)
    : Operator<Batch>, IControlledBy<Weights>
{
    private readonly IModel _model = block.Model;
    private readonly Slice? _mean = block.Model.Plan.Find(ModelPlan.ScaleMean);
    private readonly Slice? _inverse = block.Model.Plan.Find(ModelPlan.ScaleInverse);
    private readonly TrainOptions _options = block.Options;
    private readonly NewestModel _newest = new(block.Model, context);
    private readonly FeatureRows _rows = new(block.Model.Plan, context, labelled: true);
    private readonly ReplayBuffer _buffer = new(block.Options.BufferRows, block.Model.Plan.Input.Size);
    private readonly Scoreboard _board = new(block.Model);
    private readonly RunningMoments _own = new(block.Model.Plan.Input);
    private readonly RunningMoments _sinceUpdate = new(block.Model.Plan.Input);
    private readonly Workspace _memory = new();
    private readonly float[] _weights = [.. block.Model.Initial.Values];
    private readonly float[] _velocity = new float[block.Options.Optimizer.StateValues * block.Model.Plan.Values];
    private readonly float[] _gradients = new float[block.Model.Plan.Values];
    private readonly int[] _labels = new int[block.Options.BatchRows];
    private Weights _pulled = block.Model.Initial;
    private bool _waiting;
    private long _credit;       // in steps × RowsPerStep
    private long _sequence;
    private int _steps;
    private double _loss;

    /// <summary>Closed while steps are owed, and in lock-step from an update to the next model.</summary>
    public override bool Ready => !_waiting && _credit < _options.RowsPerStep;

    public override void Process(Batch input)
    {
        if (!_rows.Read(input))
        {
            context.Drop(input, "schema");
            return;
        }

        input.Dispose();
        if (_rows.Count == 0) { return; }
        _board.Score(_weights, _rows.Unlabelled, _rows.Labels, _memory);
        context.Charge(_model.Plan.MultiplyAdds * _rows.Count);
        for (var r = 0; r < _rows.Count; r++) { Learn(_rows[r], _rows.Labels[r]); }
        UseOwnScale();
        Advance();
    }

    /// <inheritdoc />
    public void Control(Weights message)
    {
        if (!_newest.Take(message) || _steps > 0) { return; }
        _waiting &= _newest.Weights.Version <= _pulled.Version;
        Pull();
        Advance();
    }

    public override void WakeUp() => Advance();

    public override void Complete() => Publish(leaving: true);

    private void Learn(ReadOnlySpan<float> row, int label)
    {
        if (_pulled.Scale is null) { _own.Add(row); }
        _sinceUpdate.Add(row);
        _buffer.Add(row, label, context.Random);
        if (_buffer.Seen >= _options.StartAfterRows) { _credit += _options.StepsPerRow; }
    }

    /// <summary>Takes the steps that are owed, up to the next update.</summary>
    private void Advance()
    {
        if (_waiting) { return; }
        for (; _credit >= _options.RowsPerStep && _steps < _options.StepsPerUpdate; _credit -= _options.RowsPerStep) { Step(); }
        if (_steps == _options.StepsPerUpdate) { Publish(leaving: false); }
        if (!_waiting && _credit >= _options.RowsPerStep) { context.WakeAt(context.Now); }
    }

    private void Step()
    {
        var mark = _memory.Mark();
        var features = _memory.Rent(_labels.Length * _model.Plan.Input.Size);
        _buffer.Draw(features, _labels, context.Random);
        _loss += _model.Loss(_weights, new(features, _labels), _gradients, _memory);
        _options.Optimizer.Step(_model.Plan, _weights, _gradients, _velocity, ++_steps);
        _memory.Release(mark);
        context.Charge(3 * _model.Plan.MultiplyAdds * _labels.Length);
        context.Record("rows-trained", _labels.Length);
    }

    private void Publish(bool leaving)
    {
        deltas.Emit(new()
        {
            Device = context.Pipeline,
            Epoch = _options.Epoch,
            Sequence = ++_sequence,
            BaseVersion = _pulled.Version,
            Samples = _steps * _labels.Length,
            SchemaHash = _model.Plan.SchemaHash,
            Values = Learned(),
            Moments = _sinceUpdate.Take(),
            Steps = _steps,
            Loss = _steps == 0 ? 0 : (float)(_loss / _steps),
            Leaving = leaving,
        });
        if (_board.Rows > 0) { evaluations.Emit(_board.Take(context.Pipeline, _pulled.Version)); }
        (_steps, _loss) = (0, 0);
        _waiting = _options.Pace == TrainPace.LockStep && _newest.Weights.Version <= _pulled.Version;
        Pull();
    }

    /// <summary>Starts a round from the newest model, which may be the one before.</summary>
    private void Pull()
    {
        _pulled = _newest.Weights;
        _pulled.Values.CopyTo(_weights);
        Array.Clear(_velocity);
        UseOwnScale();
    }

    /// <summary>Scales by this device's own rows while no model has come that knows the fleet's.</summary>
    private void UseOwnScale()
    {
        if (_pulled.Scale is not null || _mean is not { } mean || _inverse is not { } inverse) { return; }
        for (var c = 0; c < mean.Length; c++)
        {
            _weights[mean.Offset + c] = (float)_own.Mean(c);
            _weights[inverse.Offset + c] = (float)_own.Inverse(c);
        }
    }

    private ImmutableArray<float> Learned()
    {
        var values = new float[_weights.Length];
        foreach (var slice in _model.Plan.Slices)
        {
            if (slice.Kind != SliceKind.Trained || _steps == 0) { continue; }
            for (var i = slice.Offset; i < slice.Offset + slice.Length; i++) { values[i] = _weights[i] - _pulled.Values[i]; }
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(values);
    }
}
