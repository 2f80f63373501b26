namespace StreamLearn.Programs;

internal sealed class AnswersGiven(IModel model, OperatorContext context)
{
    private readonly Workspace _memory = new();
    private readonly float[] _outputs = new float[model.Plan.Outputs];
    private readonly float[] _probabilities = new float[model.Plan.Classes];
    private readonly Memory<float> _values = model.Plan.Aligned(model.Initial.Values.AsSpan());
    private Weights? _newest;
    private DateTimeOffset _heldSince;

    internal ModelVersion Version => (_newest ?? model.Initial).Id;

    internal void State(ref StateStream s)
    {
        _newest = s.Optional(_newest, LearningCodecs.Weights);
        s.ClockTime(ref _heldSince);
        if (s.IsWriting || _newest is null) { return; }
        if (!Fits(_newest)) { throw new StateException("expected a version of this model"); }
        _newest.Values.CopyTo(_values.Span);
    }

    /// <summary><c>Train</c> counts unusable versions.</summary>
    internal void Take(Weights version)
    {
        if (!Fits(version) || !Plausible.IsVersion(version.Id, context.Now)) { return; }
        if (_newest is { } known && !Plausible.Replaces(version.Id, known.Id, _heldSince, context.Now)) { return; }
        foreach (var value in version.Values)
        {
            if (!float.IsFinite(value)) { return; }
        }

        (_newest, _heldSince) = (version, context.Now);
        version.Values.CopyTo(_values.Span);
    }

    /// <summary>Returns class probabilities; empty before the first version, or for a non-finite result.</summary>
    internal ReadOnlySpan<float> To(ReadOnlySpan<float> window)
    {
        if (_newest is null) { return []; }
        model.Infer(_newest, _values.Span, new(window, 1), _outputs, _memory);
        context.Charge(model.Plan.MultiplyAdds);
        foreach (var value in _outputs)
        {
            if (!float.IsFinite(value)) { return []; }
        }

        if (_outputs.Length == _probabilities.Length) { return _outputs; }
        (_probabilities[0], _probabilities[1]) = (1 - _outputs[0], _outputs[0]);      // the output is the probability of the second class
        return _probabilities;
    }

    private bool Fits(Weights version) => version.SchemaHash == model.Plan.SchemaHash && version.Values.Length == model.Plan.Values;
}
