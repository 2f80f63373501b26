namespace StreamLearn.Compression;

internal sealed class PruneRule : StepRule
{
    private readonly PruneOptions _options;
    private readonly WeightMask _mask;
    private readonly float[] _used;

    internal PruneRule(ModelPlan plan, PruneOptions options, Span<float> weights)
    {
        (_options, _mask) = (options, new(plan));
        _used = options.Regrowth == Regrowth.Surgery ? new float[plan.Values] : [];
        if (options.Regrowth != Regrowth.Gradient) { return; }
        _mask.KeepLargest(weights, options.Schedule.Final, options.Scope);
        _mask.Apply(weights);
    }

    internal override Span<float> Used(Span<float> weights)
    {
        if (_options.Regrowth != Regrowth.Surgery) { return weights; }
        weights.CopyTo(_used);
        _mask.Apply(_used);
        return _used;
    }

    internal override void Stepped(Span<float> weights, ReadOnlySpan<float> gradients, int step)
    {
        var schedule = _options.Schedule;
        if (schedule.IsDue(step))
        {
            switch (_options.Regrowth)
            {
                case Regrowth.Surgery when !schedule.IsLast(step):
                    _mask.Cross(weights, schedule.At(step), _options.Scope, _options.Hysteresis);
                    break;
                case Regrowth.Gradient:
                    _mask.Apply(weights);       // the optimizer has also changed pruned values
                    _mask.Exchange(weights, gradients, DropShare(step));
                    break;
                default: _mask.KeepLargest(weights, schedule.At(step), _options.Scope); break;
            }
        }

        if (_options.Regrowth != Regrowth.Surgery) { _mask.Apply(weights); }
    }

    internal void End(Span<float> weights)
    {
        if (_options.Regrowth != Regrowth.Gradient) { _mask.KeepLargest(Used(weights), _options.Schedule.Final, _options.Scope); }
        _mask.Apply(weights);
    }

    private double DropShare(int step)
    {
        var schedule = _options.Schedule;
        var passed = (double)(step - schedule.FirstStep) / (schedule.Every * (double)schedule.Changes);
        return _options.DropShare / 2 * (1 + Math.Cos(Math.PI * passed));
    }
}
