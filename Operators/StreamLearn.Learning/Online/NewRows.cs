namespace StreamLearn.Learning;

internal sealed class NewRows(IModel model, LearnOptions options, ReadOnlySpan<long> scaleRows, OperatorContext context)
{
    private readonly SeenRows _seen = new(model.Plan, options.Shared, context, scaleRows);
    private readonly Memory<float> _rows = Workspace.Zeros((options.RowsPerStep + options.ReplayRows) * model.Plan.Input.Size);
    private readonly int[] _labels = new int[options.RowsPerStep + options.ReplayRows];
    private readonly float[] _targets = new float[options.RowsPerStep + options.ReplayRows];
    private readonly float[] _weights = new float[options.RowsPerStep + options.ReplayRows];
    private readonly bool _isWeighted = options.WeightColumn is not null || !options.ClassWeights.IsEmpty;
    private long _number;       // number of the step

    internal int Count { get; private set; }

    internal ReadOnlySpan<RunningMoments> Moments => _seen.Own;

    /// <summary><paramref name="memories"/>: number of memories in the state; the others start from the first.</summary>
    internal void State(ref StateStream s, int memories)
    {
        _seen.State(ref s, memories);
        s.Value(ref _number);
    }

    internal void Clear() => Count = 0;

    internal void Forget() => _seen.Buffer.Clear();

    /// <summary>The row can be replayed from the next step on.</summary>
    internal void Add(ReadOnlySpan<float> row, int label, float target, float weight)
    {
        _seen.Add(row, label, target, isScaleKnown: false).CopyTo(_rows.Span[(Count * row.Length)..]);
        (_labels[Count], _targets[Count], _weights[Count]) = (label, target, weight);
        Count++;
    }

    internal Sample Draw()
    {
        var (size, rows, buffer) = (model.Plan.Input.Size, Count, _seen.Buffer);
        for (var i = 0; i < options.ReplayRows; i++, rows++)
        {
            var place = context.Random.NextInt32(buffer.Count);
            buffer[place].CopyTo(_rows.Span[(rows * size)..]);
            _labels[rows] = buffer.Label(place);
            _targets[rows] = buffer.HasTargets ? buffer.Target(place) : 0;
            _weights[rows] = options.ClassWeights.IsEmpty ? 1 : options.ClassWeights[_labels[rows]];
        }

        return new(_rows.Span[..(rows * size)], _labels.AsSpan(0, rows))
        {
            Number = ++_number,
            Targets = model.Plan.Target == TargetKind.Value ? _targets.AsSpan(0, rows) : default,
            RowWeights = _isWeighted ? _weights.AsSpan(0, rows) : default,
        };
    }
}
