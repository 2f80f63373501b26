namespace StreamLearn.Learning;

/// <summary>A copy of the rows of a step, on which models are compared.</summary>
internal sealed class PinnedBatch(ModelPlan plan)
{
    private Memory<float> _features;
    private int[] _labels = [];
    private float[] _targets = [];
    private float[] _offsets = [];
    private (int Features, int Labels, int Targets, int Offsets) _lengths;
    private long _number;

    internal int Rows { get; private set; }

    internal Sample Sample => _lengths.Labels == 0
        ? new(_features.Span[.._lengths.Features], Rows) { Number = _number, Targets = Targets, LogitOffsets = Offsets }
        : new(_features.Span[.._lengths.Features], _labels.AsSpan(0, _lengths.Labels))
        {
            Number = _number,
            Targets = Targets,
            LogitOffsets = Offsets,
        };

    private ReadOnlySpan<float> Targets => _targets.AsSpan(0, _lengths.Targets);

    private ReadOnlySpan<float> Offsets => _offsets.AsSpan(0, _lengths.Offsets);

    internal void Take(in Sample sample)
    {
        Rows = sample.Rows;
        _number = sample.Number;
        _lengths = (sample.Features.Length, sample.Labels.Length, sample.Targets.Length, sample.LogitOffsets.Length);
        Reserve();
        sample.Features.CopyTo(_features.Span);
        sample.Labels.CopyTo(_labels);
        sample.Targets.CopyTo(_targets);
        sample.LogitOffsets.CopyTo(_offsets);
    }

    internal void Clear() => (Rows, _lengths) = (0, default);

    internal void State(ref StateStream s, int maxRows)
    {
        Rows = s.Value(Rows, 0, maxRows);
        s.Value(ref _number);
        _lengths = (Rows * plan.Input.Size, s.Value(_lengths.Labels, 0, Rows),
            s.Value(_lengths.Targets, 0, Rows * Math.Max(1, plan.Outputs)), s.Value(_lengths.Offsets, 0, plan.Outputs));
        if (s.IsReading) { Reserve(); }
        s.Values(_features.Span[.._lengths.Features]);
        s.Values(_labels.AsSpan(0, _lengths.Labels));
        s.Values(_targets.AsSpan(0, _lengths.Targets));
        s.Values(_offsets.AsSpan(0, _lengths.Offsets));
    }

    private void Reserve()
    {
        if (_features.Length < _lengths.Features) { _features = Workspace.Zeros(_lengths.Features); }
        if (_labels.Length < _lengths.Labels) { _labels = new int[_lengths.Labels]; }
        if (_targets.Length < _lengths.Targets) { _targets = new float[_lengths.Targets]; }
        if (_offsets.Length < _lengths.Offsets) { _offsets = new float[_lengths.Offsets]; }
    }
}
