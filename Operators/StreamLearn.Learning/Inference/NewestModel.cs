namespace StreamLearn.Learning;

/// <summary>The newest version received. It refuses and counts versions that are older, have another schema, are not finite, or come from a
/// future start. After a long silence, older versions are accepted again.</summary>
public sealed class NewestModel(IModel model, OperatorContext context, Weights? start = null)
{
    private Memory<float> _values;
    private Weights? _copied;
    private DateTimeOffset _heldSince;

    /// <summary>True once a version has arrived.</summary>
    public bool Received { get; private set; }

    /// <summary>The newest version; the initial one until a version has arrived.</summary>
    public Weights Weights { get; private set; } = start ?? model.Initial;

    /// <summary>The version to report as held; null before the first.</summary>
    public ModelVersion? Held => Received ? Weights.Id : null;

    /// <summary>Size in bytes when <see cref="Values"/> is used: the version plus its copy for kernels.</summary>
    public static long Bytes(ModelPlan plan) => 2 * plan.ParameterBytes;

    /// <summary>Values for kernels, copied once per version.</summary>
    public ReadOnlySpan<float> Values
    {
        get
        {
            if (ReferenceEquals(_copied, Weights)) { return _values.Span; }
            if (_values.IsEmpty) { _values = model.Plan.Zeros(); }
            Weights.Values.AsSpan().CopyTo(_values.Span);
            _copied = Weights;
            return _values.Span;
        }
    }

    /// <summary>Answers rows with the newest version.</summary>
    public void Answer(in Sample rows, Span<float> outputs, Workspace memory) => model.Infer(Weights, Values, rows, outputs, memory);

    /// <summary>Saves or restores the state.</summary>
    public void State(ref StateStream s)
    {
        Received = s.Value(Received);
        s.ClockTime(ref _heldSince);
        if (Received) { Weights = s.Weights(Weights, model.Plan); }
    }

    /// <summary>Accepts a version; returns false if it changes nothing.</summary>
    public bool Take(Weights weights)
    {
        if (weights.SchemaHash != model.Plan.SchemaHash || weights.Values.Length != model.Plan.Values)
        {
            context.Drop(weights, "schema");
            return false;
        }

        if (!Finite.All(weights.Values.AsSpan()))
        {
            context.Drop(weights, "non-finite");
            return false;
        }

        if (!Plausible.IsVersion(weights.Id, context.Now))
        {
            context.Drop(weights, "implausible-epoch");
            return false;
        }

        if (Received && !Plausible.Replaces(weights.Id, Weights.Id, _heldSince, context.Now))
        {
            if (weights.Id < Weights.Id) { context.Record("stale-models"); }
            return false;
        }

        (Received, Weights, _heldSince) = (true, weights, context.Now);
        return true;
    }

    /// <summary>Accepts any version next; keeps the values until then.</summary>
    public void Forget() => Received = false;
}
