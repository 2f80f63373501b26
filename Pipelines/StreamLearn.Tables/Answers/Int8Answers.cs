using StreamLearn.Compression;

namespace StreamLearn.Tables;

/// <summary>8-bit network versions, with ranges from a device's first windows.</summary>
internal sealed class Int8Answers(Network model, QuantizeOptions options)
{
    private readonly int _size = model.Plan.Input.Size;
    private float[] _rows = [];                     // grows during the first windows only
    private int _count;
    private Weights? _asked;                        // the newest version seen
    private (Answerer Answerer, Weights Weights)? _made;

    private bool IsReady => _count == options.CalibrationRows;

    internal void Add(Batch window)
    {
        if (IsReady) { return; }
        if (_rows.Length == 0) { _rows = new float[options.CalibrationRows * _size]; }
        Answerer.CopyRow(window, _rows.AsSpan(_count++ * _size, _size));
    }

    /// <summary>Quantizes on first use; null if there are too few windows, or values between layers overflow. Charges
    /// <paramref name="context"/>.</summary>
    internal (Answerer Answerer, Weights Weights)? Of(Weights version, OperatorContext context)
    {
        if (!IsReady) { return null; }
        if (ReferenceEquals(_asked, version)) { return _made; }
        (_asked, _made) = (version, null);
        context.Charge(_count * model.Plan.MultiplyAdds);
        try
        {
            var small = new LoadedModel(model, version, ModelCard.Empty).Quantize(new(_rows, _count), options);
            _made = (new(small.Model, leaving: null), small.Weights);
            context.Record("int8-versions");
        }
        catch (ArgumentException)
        {
            context.Record("float32-versions");
        }

        return _made;
    }

    internal static void Skip(ref StateStream s)
    {
        s.Value(0);
        s.Array(ReadOnlySpan<float>.Empty, int.MaxValue);
    }

    internal void State(ref StateStream s)
    {
        s.Value(ref _count, 0, options.CalibrationRows);
        var kept = s.Array<float>(_rows.AsSpan(0, s.IsWriting ? _count * _size : 0), options.CalibrationRows * _size);
        if (s.IsWriting) { return; }
        if (kept.Length != _count * _size)
        {
            throw new StateException(FormattableString.Invariant($"expected {_count} windows of {_size} values, got {kept.Length} values"));
        }

        _rows = new float[options.CalibrationRows * _size];
        kept.CopyTo(_rows, 0);
    }
}
