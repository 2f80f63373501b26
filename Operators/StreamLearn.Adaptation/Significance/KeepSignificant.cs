using System.Collections.Immutable;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using StreamLearn.Learning;

namespace StreamLearn.Adaptation;

/// <summary>Adds up the changes of updates, and lets those go that are significant.</summary>
/// <remarks>
/// Shape: an update in, an update of the same values out, most of them 0. State: the changes that wait, the newest version, what was sent
/// and is unanswered. Source: Hsieh et al. (2017), Gaia.
/// </remarks>
internal sealed class KeepSignificant : Operator<WeightDelta>, IStateful, IControlledBy<Weights>, IControlledBy<Receipt>
{
    private readonly ModelPlan _plan;
    private readonly KeepSignificantOptions _options;
    private readonly bool _isAnswered;
    private readonly OperatorContext _context;
    private readonly IOutput<WeightDelta> _output;
    private readonly float[] _unsent;
    private readonly List<(long Epoch, long Sequence, ImmutableArray<float> Sent)> _unanswered = [];
    private Weights _newest;
    private long _clock;
    private int _samples;       // of the last update
    private int _steps;

    internal KeepSignificant(KeepSignificantBlock block, OperatorContext context, IOutput<WeightDelta> output)
    {
        (_plan, _options, _isAnswered, _context, _output) = (block.Model.Plan, block.Options, block.Receipts, context, output);
        (_unsent, _newest) = (new float[_plan.Values], block.Model.Initial);
    }

    /// <inheritdoc />
    public string StateFormat => "keep-significant/1";

    /// <inheritdoc />
    public void Save(StateWriter writer)
    {
        writer.Write(_clock);
        writer.Write(_samples);
        writer.Write(_steps);
        writer.Write<float>(_unsent);
        writer.Write(LearningCodecs.Weights, _newest);
        writer.Write(_unanswered.Count);
        foreach (var (epoch, sequence, sent) in _unanswered)
        {
            writer.Write(epoch);
            writer.Write(sequence);
            writer.Write(sent.AsSpan());
        }
    }

    /// <inheritdoc />
    public void Load(ref StateReader reader)
    {
        (_clock, _samples, _steps) = (reader.ReadInt64(), reader.ReadInt32(0, int.MaxValue), reader.ReadInt32(0, int.MaxValue));
        reader.Read<float>(_unsent);
        _newest = reader.Read(LearningCodecs.Weights);
        _unanswered.Clear();
        for (var left = reader.ReadInt32(0, _options.MaxUnanswered); left > 0; left--)
        {
            var (epoch, sequence, sent) = (reader.ReadInt64(), reader.ReadInt64(), new float[_plan.Values]);
            reader.Read<float>(sent);
            _unanswered.Add((epoch, sequence, ImmutableCollectionsMarshal.AsImmutableArray(sent)));
        }
    }

    public override void Process(WeightDelta input)
    {
        if (input.SchemaHash != _plan.SchemaHash || input.Values.Length != _plan.Values)
        {
            _context.Drop(input, "schema");
            return;
        }

        foreach (var (epoch, sequence, before) in _unanswered)
        {
            if (epoch != input.Epoch || sequence != input.Sequence) { continue; }
            _output.Emit(input with { Values = before });
            return;
        }

        if (input.IsResent)
        {
            // from before this stage was there: its fate is open, and it may have been applied as it was
            if (_isAnswered) { Await(input, input.Values); }
            _output.Emit(input);
            return;
        }

        if (input.Steps == 0)
        {
            _output.Emit(input.Leaving ? Farewell(input) : input);
            return;
        }

        (_samples, _steps) = (input.Samples, input.Steps);
        var sent = Take(input);
        if (_isAnswered) { Await(input, sent); }
        _output.Emit(input with { Values = sent });
    }

    /// <inheritdoc />
    public void Control(Weights message)
    {
        if (message.SchemaHash == _plan.SchemaHash && message.Values.Length == _plan.Values) { _newest = message; }
        else { _context.Drop(message, "schema"); }
    }

    /// <summary>Hears what has become of updates: those that were applied are done with, the changes of refused ones wait again.</summary>
    public void Control(Receipt message)
    {
        for (var i = _unanswered.Count - 1; i >= 0; i--)
        {
            var (epoch, sequence, sent) = _unanswered[i];
            if (epoch != message.Epoch || message.FateOf(sequence) is not { Outcome: not UpdateOutcome.Held } fate) { continue; }
            if (fate.Outcome == UpdateOutcome.Refused) { Restore(sent.AsSpan()); }
            _unanswered.RemoveAt(i);
        }
    }

    /// <summary>What goes of an update: all that waits, if the device leaves.</summary>
    private ImmutableArray<float> Take(WeightDelta update)
    {
        ReadOnlySpan<float> values = update.Values.AsSpan(), weights = _newest.Values.AsSpan();
        var sent = new float[_plan.Values];
        var threshold = update.Leaving ? 0 : _options.Threshold.At(++_clock);
        var (all, given) = (0, 0);
        foreach (var slice in _plan.Slices)
        {
            if (slice.Kind != SliceKind.Trained)
            {
                slice.Of(values).CopyTo(slice.Of(sent));
                continue;
            }

            var unsent = slice.Of(_unsent);
            TensorPrimitives.Add(unsent, slice.Of(values), unsent);
            all += slice.Length;
            given += _options.Significance.Take(slice.Of(weights), threshold, unsent, slice.Of(sent));
        }

        _context.Record("changes", all);
        _context.Record("changes-sent", given);
        _context.Gauge("threshold", threshold);
        return ImmutableCollectionsMarshal.AsImmutableArray(sent);
    }

    /// <summary>A farewell of a device that has learned nothing since, with all that waits: it counts as the update before did.</summary>
    private WeightDelta Farewell(WeightDelta farewell)
    {
        if (_steps == 0 || !_unsent.AsSpan().ContainsAnyExcept(0)) { return farewell; }
        var whole = farewell with { Samples = _samples, Steps = _steps };
        return whole with { Values = Take(whole) };
    }

    private void Await(WeightDelta update, ImmutableArray<float> sent)
    {
        if (_unanswered.Count == _options.MaxUnanswered) { _unanswered.RemoveAt(0); }
        _unanswered.Add((update.Epoch, update.Sequence, sent));
    }

    /// <summary>Lets changes wait that were sent in vain; what is not finite never counts.</summary>
    private void Restore(ReadOnlySpan<float> sent)
    {
        if (!float.IsFinite(TensorPrimitives.SumOfMagnitudes(sent))) { return; }
        foreach (var slice in _plan.Slices)
        {
            if (slice.Kind != SliceKind.Trained) { continue; }
            var unsent = slice.Of(_unsent);
            TensorPrimitives.Add(unsent, slice.Of(sent), unsent);
            _context.Record("changes-restored", slice.Length - MemoryMarshal.Cast<float, int>(slice.Of(sent)).Count(0));
        }
    }
}
