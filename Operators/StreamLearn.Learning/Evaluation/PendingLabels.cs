namespace StreamLearn.Learning;

internal readonly record struct RowAnswer(int Class, float Confidence);

/// <summary>Bounded queues of answers that wait for labels and of labels that wait for answers; the oldest is evicted.</summary>
internal sealed class PendingLabels(PrequentialBlock block, OperatorContext context)
{
    private readonly KeyRing _answers = new(block.Options.MaxPendingRows);
    private readonly KeyRing _labels = new(block.Options.MaxPendingRows);
    private readonly KeyRing _forgotten = new(block.Options.MaxPendingRows);
    private readonly RowAnswer[] _waiting = new RowAnswer[block.Options.MaxPendingRows];
    private readonly int[] _early = new int[block.Options.MaxPendingRows];
    private readonly DateTimeOffset[] _since = new DateTimeOffset[block.Options.MaxPendingRows];
    private float[] _probabilities = [];

    internal int Answers => _answers.Count;

    internal void State(ref StateStream s)
    {
        _answers.State(ref s);
        _labels.State(ref s);
        _forgotten.State(ref s);
        for (var place = 0; place < _waiting.Length; place++)
        {
            _waiting[place] = new(s.Value(_waiting[place].Class, 0, block.Classes - 1), s.Value(_waiting[place].Confidence));
            s.ClockTime(ref _since[place]);
        }

        s.Values<int>(_early);
        if (_early.AsSpan().ContainsAnyExceptInRange(0, block.Classes - 1)) { throw new StateException("expected labels of classes"); }
        s.Array(ref _probabilities, _waiting.Length * block.Classes);
        if (_probabilities.Length > 0 && _probabilities.Length < _waiting.Length * block.Classes)
        {
            throw new StateException("expected a probability for each class");
        }
    }

    internal void Answer(long? key, RowAnswer answer, ReadOnlySpan<float> probabilities, PrequentialMeasure measure)
    {
        if (key is not { } known || _answers.Contains(known))
        {
            context.DropRows(1, "repeated-key");
            return;
        }

        if (_labels.TryTake(known, out var early))
        {
            measure.Add(_early[early], answer.Class, answer.Confidence, probabilities);
            return;
        }

        var (place, evicted) = _answers.Add(known);
        (_waiting[place], _since[place]) = (answer, context.Now);
        context.WakeAt(context.Now + block.Options.MaxWait);
        if (!probabilities.IsEmpty)
        {
            if (_probabilities.Length == 0) { _probabilities = new float[_waiting.Length * block.Classes]; }
            probabilities.CopyTo(_probabilities.AsSpan(place * block.Classes));
        }

        if (evicted is { } old) { Forget(old); }
        context.Gauge("rows-held", _answers.Count);
    }

    internal void Label(long key, int label, PrequentialMeasure measure)
    {
        if (_answers.TryTake(key, out var place))
        {
            var probabilities = _probabilities.Length == 0 ? default : _probabilities.AsSpan(place * block.Classes, block.Classes);
            measure.Add(label, _waiting[place].Class, _waiting[place].Confidence, probabilities);
            context.Gauge("rows-held", _answers.Count);
        }
        else if (_forgotten.TryTake(key, out _)) { context.Record("labels-late"); }
        else if (_labels.Contains(key)) { context.Record("labels-unmatched"); }
        else
        {
            var (at, evicted) = _labels.Add(key);
            _early[at] = label;
            if (evicted is not null) { context.Record("labels-unmatched"); }
        }
    }

    internal void GiveUp()
    {
        DateTimeOffset? next = null;
        for (var place = 0; place < _since.Length; place++)
        {
            if (_answers.At(place) is not { } key) { continue; }
            var due = _since[place] + block.Options.MaxWait;
            if (due > context.Now)
            {
                next = next < due ? next : due;
                continue;
            }

            _answers.TryTake(key, out _);
            Forget(key);
        }

        if (next is { } wake) { context.WakeAt(wake); }
        context.Gauge("rows-held", _answers.Count);
    }

    internal void End()
    {
        if (_answers.Count > 0) { context.DropRows(_answers.Count, "label-missing"); }
        if (_labels.Count > 0) { context.Record("labels-unmatched", _labels.Count); }
        context.Gauge("rows-held", 0);
    }

    private void Forget(long key)
    {
        context.DropRows(1, "label-missing");
        if (!_forgotten.Contains(key)) { _forgotten.Add(key); }
    }
}
