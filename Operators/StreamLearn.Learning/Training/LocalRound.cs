using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace StreamLearn.Learning;

/// <summary>How a device learns: its options, changed by the directives that have come.</summary>
internal readonly record struct LocalSettings(
    int StepsPerUpdate, int BatchRows, Optimizer Optimizer, float Proximal, TimeSpan? RoundTime)
{
    internal static LocalSettings Of(TrainOptions options) =>
        new(options.StepsPerUpdate, options.BatchRows, options.Optimizer, options.Proximal, null);

    /// <summary>The settings after a directive; what it leaves open stays.</summary>
    internal LocalSettings After(Directive directive, int maxBatchRows) => new(
        directive.StepsPerUpdate ?? StepsPerUpdate,
        directive.BatchRows is { } rows ? Math.Min(rows, maxBatchRows) : BatchRows,
        directive.LearningRate is { } rate && rate != Optimizer.LearningRate ? Optimizer with { LearningRate = rate } : Optimizer,
        directive.Proximal ?? Proximal,
        directive.RoundTime ?? RoundTime);
}

/// <summary>The steps from one pull of a model to the update after it. Nothing is allocated but the update.</summary>
internal sealed class LocalRound(IModel model, TrainOptions options, OperatorContext context, ReplayBuffer buffer)
{
    private const float Unseen = -30;

    private readonly Slice? _mean = model.Plan.Find(ModelPlan.ScaleMean);
    private readonly Slice? _inverse = model.Plan.Find(ModelPlan.ScaleInverse);
    private readonly BatchDraw _draw = new(buffer, options.Draw, context.Random);
    private readonly Workspace _memory = new();
    private readonly float[] _weights = [.. model.Initial.Values];
    private readonly float[] _velocity = new float[options.Optimizer.StateValues * model.Plan.Values];
    private readonly float[] _gradients = new float[model.Plan.Values];
    private readonly float[] _offsets = options.AdjustLogits ? new float[model.Plan.Outputs] : [];
    private LocalSettings _settings = LocalSettings.Of(options);
    private int[] _labels = [];
    private DateTimeOffset _pulledAt = context.Now;
    private DateTimeOffset _lastStepAt;
    private long _visits;
    private double _loss;

    /// <summary>The model that the round started from.</summary>
    internal Weights Base { get; private set; } = model.Initial;

    /// <summary>True if this device is asked to make steps from that model.</summary>
    internal bool Invited { get; private set; } = true;

    internal int Steps { get; private set; }

    /// <summary>The weights as learned so far.</summary>
    internal ReadOnlySpan<float> Weights => _weights;

    internal int StepsPerUpdate => _settings.StepsPerUpdate;

    /// <summary>True if the update is due: all steps are made, or the time is up and there is at least one.</summary>
    internal bool IsOver => Steps == _settings.StepsPerUpdate || (EndsAt is { } end && context.Now >= end);

    /// <summary>When the round ends with the steps that are made; null if only its last step ends it.</summary>
    internal DateTimeOffset? EndsAt =>
        Steps > 0 && _settings.RoundTime is { } time && time < DateTimeOffset.MaxValue - _pulledAt ? _pulledAt + time : null;

    /// <summary>Starts the round anew from a model.</summary>
    internal void Pull(Weights weights, LocalSettings settings)
    {
        (Base, _settings, _pulledAt) = (weights, settings, context.Now);
        Invited = weights.Invited is not { } devices || devices.Contains(context.Pipeline);
        Base.Values.CopyTo(_weights);
        Array.Clear(_velocity);
        (Steps, _visits, _loss) = (0, 0, 0);
    }

    /// <summary>Scales by this device's own rows while no model has come that knows the fleet's.</summary>
    internal void UseScale(RunningMoments own)
    {
        if (Base.Scale is not null || _mean is not { } mean || _inverse is not { } inverse) { return; }
        for (var c = 0; c < mean.Length; c++)
        {
            _weights[mean.Offset + c] = (float)own.Mean(c);
            _weights[inverse.Offset + c] = (float)own.Inverse(c);
        }
    }

    internal void Step()
    {
        var most = _draw.Most(_settings.BatchRows);
        if (_labels.Length < most) { _labels = new int[most]; }
        var mark = _memory.Mark();
        var features = _memory.Rent(most * model.Plan.Input.Size);
        var rows = _draw.Next(features, _labels.AsSpan(0, most));
        Sample batch = new(features[..(rows * model.Plan.Input.Size)], _labels.AsSpan(0, rows)) { LogitOffsets = Offsets() };
        _loss += model.Loss(_weights, batch, _gradients, _memory);
        if (_settings.Proximal > 0) { PullBack(_settings.Proximal); }
        _settings.Optimizer.Step(model.Plan, _weights, _gradients, _velocity, ++Steps);
        _memory.Release(mark);
        (_visits, _lastStepAt) = (_visits + rows, context.Now);
        context.Charge(3 * model.Plan.MultiplyAdds * rows);
        context.Record("steps");
        context.Record("rows-trained", rows);
    }

    /// <summary>What the steps have learned.</summary>
    internal WeightDelta Update(long sequence, ChannelMoments? moments, bool leaving) => new()
    {
        Device = context.Pipeline,
        Epoch = options.Epoch,
        Sequence = sequence,
        BaseVersion = Base.Version,
        Samples = (int)Math.Min(_visits, int.MaxValue),
        SchemaHash = model.Plan.SchemaHash,
        Values = Learned(),
        Moments = moments,
        Steps = Steps,
        Loss = Steps == 0 ? 0 : (float)(_loss / Steps),
        RoundTime = Steps == 0 ? default : _lastStepAt - _pulledAt,
        Leaving = leaving,
    };

    /// <summary>Adds μ (w − base) to the gradient.</summary>
    private void PullBack(float strength)
    {
        foreach (var slice in model.Plan.Slices)
        {
            if (slice.Kind != SliceKind.Trained) { continue; }
            for (var i = slice.Offset; i < slice.Offset + slice.Length; i++)
            {
                _gradients[i] = MathF.FusedMultiplyAdd(strength, _weights[i] - Base.Values[i], _gradients[i]);
            }
        }
    }

    /// <summary>The logarithm of each class's share in the buffer.</summary>
    private ReadOnlySpan<float> Offsets()
    {
        for (var c = 0; c < _offsets.Length; c++)
        {
            _offsets[c] = buffer.Held[c] == 0 ? Unseen : (float)Math.Log((double)buffer.Held[c] / buffer.Count);
        }

        return _offsets;
    }

    private ImmutableArray<float> Learned()
    {
        var values = new float[_weights.Length];
        foreach (var slice in model.Plan.Slices)
        {
            if (slice.Kind != SliceKind.Trained || Steps == 0) { continue; }
            for (var i = slice.Offset; i < slice.Offset + slice.Length; i++) { values[i] = _weights[i] - Base.Values[i]; }
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(values);
    }
}
