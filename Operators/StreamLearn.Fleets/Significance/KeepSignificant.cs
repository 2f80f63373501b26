using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace StreamLearn.Fleets;

/// <summary>Accumulates changes and sends the significant ones.</summary>
/// <remarks>Source: Hsieh et al. (2017), Gaia.</remarks>
internal sealed class KeepSignificant : Operator<WeightDelta>, IStateful, IControlledBy<Weights>, IControlledBy<Receipt>
{
    private readonly ModelPlan _plan;
    private readonly KeepSignificantOptions _options;
    private readonly OperatorContext _context;
    private readonly IOutput<WeightDelta> _output;
    private readonly ThresholdControl _threshold;
    private readonly UnsentChanges _waiting;
    private Weights _newest;
    private long _clock;
    private int _samples;       // samples of the last update
    private int _steps;

    internal KeepSignificant(KeepSignificantBlock block, OperatorContext context, IOutput<WeightDelta> output)
    {
        (_plan, _options, _context, _output) = (block.Model.Plan, block.Options, context, output);
        _waiting = new(_plan, _options.MaxUnanswered, block.Receipts, context);
        (_newest, _threshold) = (block.Model.Initial, new(_options.Threshold));
    }

    public string StateFormat => "keep-significant/4";

    public void State(ref StateStream s)
    {
        s.Value(ref _clock);
        s.Value(ref _samples, 0, int.MaxValue);
        s.Value(ref _steps, 0, int.MaxValue);
        s.Values<float>(_waiting.Values);
        _threshold.State(ref s);
        s.Value(ref _newest, LearningCodecs.Weights);
        _waiting.State(ref s, hasCodes: false);
    }

    public override void Process(WeightDelta input)
    {
        if (input.SchemaHash != _plan.SchemaHash || input.Values.Length != _plan.Values)
        {
            _context.Drop(input, "schema");
            return;
        }

        if (_waiting.Again(input) is { } again)
        {
            _output.Emit(again);
            return;
        }

        if (input.IsResent)
        {
            // first sent before this block existed: it may have been applied whole
            Send(input);
            return;
        }

        if (input.Steps == 0)
        {
            if (input.Leaving && _steps > 0 && _waiting.Values.AsSpan().ContainsAnyExcept(0)) { SendRest(input); }
            else { _output.Emit(input); }
            return;
        }

        (_samples, _steps) = (input.Samples, input.Steps);
        Send(Take(input));
    }

    public void Control(Weights message)
    {
        if (message.SchemaHash != _plan.SchemaHash || message.Values.Length != _plan.Values)
        {
            _context.Drop(message, "schema");
            return;
        }

        if (!TensorPrimitives.IsFiniteAll<float>(message.Values.AsSpan()))
        {
            _context.Drop(message, "non-finite");
            return;
        }

        if (_threshold.Measures) { Measure(message); }
        _newest = message;
    }

    private void Measure(Weights next)
    {
        foreach (var slice in _plan.Slices)
        {
            if (slice.Kind != SliceKind.Trained) { continue; }
            ReadOnlySpan<float> from = slice.Of(_newest.Values.AsSpan()), to = slice.Of(next.Values.AsSpan());
            ReadOnlySpan<float> unsent = slice.Of(_waiting.Values);
            var moved = Sums.OfSquares(to).Squares + Sums.OfSquares(from).Squares - (2 * Sums.Of(from, to).Product);
            _threshold.Move(Sums.Of(unsent, to).Product - Sums.Of(unsent, from).Product, Math.Max(0, moved));
        }
    }

    public void Control(Receipt message) => _waiting.Receive(message, restores: true);

    /// <summary>Removes and returns the significant changes, or all pending ones if the device leaves.</summary>
    private WeightDelta Take(WeightDelta update)
    {
        ReadOnlySpan<float> values = update.Values.AsSpan(), weights = _newest.Values.AsSpan();
        var sent = new float[_plan.Values];
        var threshold = update.Leaving ? 0 : _threshold.At(++_clock);
        var (all, given) = (0, 0);
        foreach (var slice in _plan.Slices)
        {
            if (slice.Kind != SliceKind.Trained)
            {
                slice.Of(values).CopyTo(slice.Of(sent));
                continue;
            }

            var unsent = slice.Of(_waiting.Values);
            TensorPrimitives.Add(unsent, slice.Of(values), unsent);
            all += slice.Length;
            given += _options.Significance.Take(slice.Of(weights), threshold, unsent, slice.Of(sent));
        }

        if (!update.Leaving) { _threshold.Choose(given, _waiting.Values); }
        _context.Record("changes", all);
        _context.Record("changes-sent", given);
        var significant = update with { Values = ImmutableCollectionsMarshal.AsImmutableArray(sent) };
        _context.Record("bytes", update.EncodedBytes);
        _context.Record("bytes-sent", significant.EncodedBytes);
        _threshold.Show(_context, threshold);
        return significant;
    }

    /// <summary>Sends everything pending with the leave message of an idle device, weighted like its previous update.</summary>
    private void SendRest(WeightDelta farewell) => Send(Take(farewell with { Samples = _samples, Steps = _steps }));

    private void Send(WeightDelta update)
    {
        _waiting.Remember(update);
        _output.Emit(update);
    }
}
