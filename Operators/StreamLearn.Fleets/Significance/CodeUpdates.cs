using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace StreamLearn.Fleets;

/// <summary>Encodes updates. The coding error is added to later ones.</summary>
/// <remarks>Source: Karimireddy et al. (2019), error feedback; Lin et al. (2018), momentum correction.</remarks>
internal sealed class CodeUpdates : Operator<WeightDelta>, IStateful, IControlledBy<Receipt>
{
    private readonly ModelPlan _plan;
    private readonly CodeUpdatesOptions _options;
    private readonly OperatorContext _context;
    private readonly IOutput<WeightDelta> _output;
    private readonly UnsentChanges _waiting;
    private readonly float[] _velocity;
    private readonly float[] _sum;
    private int _samples;       // samples of the last update
    private int _steps;
    private int _coded;         // number of coded updates, up to the warm-up

    internal CodeUpdates(CodeUpdatesBlock block, OperatorContext context, IOutput<WeightDelta> output)
    {
        (_plan, _options, _context, _output) = (block.Model.Plan, block.Options, context, output);
        _waiting = new(_plan, _options.MaxUnanswered, block.Receipts, context);
        (_velocity, _sum) = (new float[_options.Momentum > 0 ? _plan.Values : 0], new float[_plan.Values]);
    }

    public string StateFormat => "code-updates/2";

    public void State(ref StateStream s)
    {
        s.Value(ref _samples, 0, int.MaxValue);
        s.Value(ref _steps, 0, int.MaxValue);
        s.Value(ref _coded, 0, int.MaxValue);
        s.Values<float>(_waiting.Values);       // also for a code without feedback, because the previous code may have had it
        s.Values<float>(_velocity);
        _waiting.State(ref s, hasCodes: true);
    }

    public override void Process(WeightDelta input)
    {
        if (input.SchemaHash != _plan.SchemaHash || input.Values.Length != _plan.Values)
        {
            _context.Drop(input, "schema");
            return;
        }

        if (_waiting.Again(input) is { } again) { _output.Emit(again); }
        else if (input.IsResent) { Send(input); }           // sent before this block existed: it may have been applied unchanged
        else if (input.Steps > 0 || (input.Leaving && _steps > 0 && _waiting.Values.AsSpan().ContainsAnyExcept(0))) { Send(Take(input)); }
        else { _output.Emit(input); }
    }

    public void Control(Receipt message) => _waiting.Receive(message, _options.HasFeedback);

    /// <summary>Returns the coded changes, or everything pending if the device leaves.</summary>
    private WeightDelta Take(WeightDelta update)
    {
        var values = update.Values.AsSpan();
        if (!float.IsFinite(TensorPrimitives.SumOfMagnitudes(values))) { return update; }       // refused later
        if (update.Steps > 0) { (_samples, _steps) = (update.Samples, update.Steps); }
        else { update = update with { Samples = _samples, Steps = _steps }; }
        Add(values);
        var coded = update.Leaving ? null : CodedValues.Of(_plan, _sum, _options.CodeAfter(_coded), _context.Random);
        if (_coded < _options.WarmUp) { _coded++; }
        var sent = coded?.Values ?? ImmutableCollectionsMarshal.AsImmutableArray(_sum.ToArray());
        if (_options.HasFeedback) { KeepRest(sent.AsSpan()); }
        else { _waiting.Values.AsSpan().Clear(); }
        var result = update with { Values = sent, Coded = coded };
        _context.Record("bytes", update.EncodedBytes);
        _context.Record("bytes-sent", result.EncodedBytes);
        return result;
    }

    /// <summary>Does not accumulate values that are not trained.</summary>
    private void Add(ReadOnlySpan<float> values)
    {
        values.CopyTo(_sum);
        var factor = Shortened();
        foreach (var slice in _plan.Slices)
        {
            if (slice.Kind != SliceKind.Trained) { continue; }
            var sum = slice.Of(_sum.AsSpan());
            if (factor < 1) { TensorPrimitives.Multiply(sum, factor, sum); }
            if (_velocity.Length > 0)
            {
                var velocity = slice.Of(_velocity.AsSpan());
                TensorPrimitives.MultiplyAdd(velocity, _options.Momentum, sum, velocity);
                velocity.CopyTo(sum);
            }

            TensorPrimitives.Add(sum, slice.Of(_waiting.Values.AsSpan()), sum);
        }
    }

    private float Shortened()
    {
        if (_options.MaxNorm is not { } most) { return 1; }
        var squares = 0.0;
        foreach (var slice in _plan.Slices)
        {
            if (slice.Kind == SliceKind.Trained) { squares += Sums.OfSquares(slice.Of(_sum.AsSpan())).Squares; }
        }

        return squares > (double)most * most ? (float)(most / Math.Sqrt(squares)) : 1;
    }

    private void KeepRest(ReadOnlySpan<float> sent)
    {
        foreach (var slice in _plan.Slices)
        {
            if (slice.Kind != SliceKind.Trained) { continue; }
            TensorPrimitives.Subtract(slice.Of(_sum.AsSpan()), slice.Of(sent), slice.Of(_waiting.Values.AsSpan()));
        }

        // momentum factor masking: values that were sent lose their velocity
        for (var i = 0; i < _velocity.Length; i++) { _velocity[i] = sent[i] == 0 ? _velocity[i] : 0; }
    }

    private void Send(WeightDelta update)
    {
        _waiting.Remember(update);
        _output.Emit(update);
    }
}

internal sealed record CodeUpdatesBlock(IModel Model, CodeUpdatesOptions Options, bool Receipts) : IBlockOptions
{
    public IReadOnlyList<MessageCodec> MessageCodecs => UpdateMessages.All;

    public long MessageBytes => Model.Plan.ParameterBytes;

    public string State => "changes that wait" + (Options.Momentum > 0 ? ", their velocity" : "")
        + (Receipts ? ", unanswered updates" : "");

    public long StateBytes(Schema? input) => (2 + (Options.Momentum > 0 ? 1 : 0) + (Receipts ? Options.MaxUnanswered : 0))
        * Model.Plan.ParameterBytes;

    public override string ToString() => Options.ToString();
}
