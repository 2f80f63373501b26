using System.Collections.Immutable;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Fleets;

/// <summary>Adds up the changes of updates, and lets those go that are significant.</summary>
/// <remarks>
/// Shape: an update in, an update of the same values out, most of them 0. State: the changes that wait, the newest version, what was sent
/// and is unanswered. Source: Hsieh et al. (2017), Gaia.
/// </remarks>
internal sealed class KeepSignificant : Operator<WeightDelta>, IStateful, IControlledBy<Weights>, IControlledBy<Receipt>
{
    /// <summary>Answered updates that are remembered: one that is sent again may meet its own answer on the way here.</summary>
    private const int MaxAnswered = 4;

    private readonly ModelPlan _plan;
    private readonly KeepSignificantOptions _options;
    private readonly bool _isAnswered;
    private readonly OperatorContext _context;
    private readonly IOutput<WeightDelta> _output;
    private readonly float[] _unsent;
    private readonly ThresholdControl _threshold;
    private readonly List<SentUpdate> _sent = [];
    private Weights _newest;
    private long _clock;
    private int _samples;       // of the last update
    private int _steps;

    internal KeepSignificant(KeepSignificantBlock block, OperatorContext context, IOutput<WeightDelta> output)
    {
        (_plan, _options, _isAnswered, _context, _output) = (block.Model.Plan, block.Options, block.Receipts, context, output);
        (_unsent, _newest, _threshold) = (new float[_plan.Values], block.Model.Initial, new(_options.Threshold));
    }

    /// <inheritdoc />
    public string StateFormat => "keep-significant/3";

    /// <inheritdoc />
    public void State(ref StateStream s)
    {
        s.Value(ref _clock);
        s.Value(ref _samples, 0, int.MaxValue);
        s.Value(ref _steps, 0, int.MaxValue);
        s.Values<float>(_unsent);
        _threshold.State(ref s);
        s.Value(ref _newest, LearningCodecs.Weights);
        s.Items(_sent, _options.MaxUnanswered, _plan.Values, State);
    }

    private static void State(ref StateStream s, ref SentUpdate sent, int values)
    {
        var (epoch, sequence) = (s.Value(sent?.Epoch ?? 0), s.Value(sent?.Sequence ?? 0));
        var (samples, steps) = (s.Value(sent?.Samples ?? -1, -1, int.MaxValue), s.Value(sent?.Steps ?? -1, -1, int.MaxValue));
        var isAnswered = s.Value(sent?.IsAnswered ?? false);
        var changes = s.Values(sent?.Values ?? [], values);
        if (s.IsReading) { sent = new(epoch, sequence, samples, steps, changes, isAnswered); }
    }

    public override void Process(WeightDelta input)
    {
        if (input.SchemaHash != _plan.SchemaHash || input.Values.Length != _plan.Values)
        {
            _context.Drop(input, "schema");
            return;
        }

        foreach (var before in _sent)
        {
            if (before.Epoch != input.Epoch || before.Sequence != input.Sequence) { continue; }
            _output.Emit(before.Again(input));
            return;
        }

        if (input.IsResent)
        {
            // from before this stage was there: its fate is open, and it may have been applied as it was
            Send(input);
            return;
        }

        if (input.Steps == 0)
        {
            if (input.Leaving && _steps > 0 && _unsent.AsSpan().ContainsAnyExcept(0)) { SendRest(input); }
            else { _output.Emit(input); }
            return;
        }

        (_samples, _steps) = (input.Samples, input.Steps);
        Send(Take(input));
    }

    /// <inheritdoc />
    public void Control(Weights message)
    {
        if (message.SchemaHash != _plan.SchemaHash || message.Values.Length != _plan.Values)
        {
            _context.Drop(message, "schema");
            return;
        }

        if (_threshold.Measures) { Measure(message); }
        _newest = message;
    }

    /// <summary>Measures how the model moves from the newest version to the next.</summary>
    private void Measure(Weights next)
    {
        foreach (var slice in _plan.Slices)
        {
            if (slice.Kind != SliceKind.Trained) { continue; }
            ReadOnlySpan<float> from = slice.Of(_newest.Values.AsSpan()), to = slice.Of(next.Values.AsSpan()), unsent = slice.Of(_unsent);
            var moved = Sums.OfSquares(to).Squares + Sums.OfSquares(from).Squares - (2 * Sums.Of(from, to).Product);
            _threshold.Move(Sums.Of(unsent, to).Product - Sums.Of(unsent, from).Product, Math.Max(0, moved));
        }
    }

    /// <summary>Hears what has become of updates: those that were applied are done with, the changes of refused ones wait again.</summary>
    public void Control(Receipt message)
    {
        for (var i = 0; i < _sent.Count; i++)
        {
            var sent = _sent[i];
            if (sent.IsAnswered || sent.Epoch != message.Epoch) { continue; }
            if (message.FateOf(sent.Sequence) is not { Outcome: not UpdateOutcome.Held } fate) { continue; }
            if (fate.Outcome == UpdateOutcome.Refused) { Restore(sent.Values.AsSpan()); }
            _sent[i] = sent with { IsAnswered = true };
        }

        while (_sent.Count(static s => s.IsAnswered) > MaxAnswered) { _sent.RemoveAt(_sent.FindIndex(static s => s.IsAnswered)); }
    }

    /// <summary>An update as it goes: with all that waits, if the device leaves.</summary>
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

            var unsent = slice.Of(_unsent);
            TensorPrimitives.Add(unsent, slice.Of(values), unsent);
            all += slice.Length;
            given += _options.Significance.Take(slice.Of(weights), threshold, unsent, slice.Of(sent));
        }

        if (!update.Leaving) { _threshold.Choose(given, _unsent); }
        _context.Record("changes", all);
        _context.Record("changes-sent", given);
        var significant = update with { Values = ImmutableCollectionsMarshal.AsImmutableArray(sent) };
        _context.Record("bytes", update.EncodedBytes);
        _context.Record("bytes-sent", significant.EncodedBytes);
        _threshold.Show(_context, threshold);
        return significant;
    }

    /// <summary>Sends all that waits with the farewell of a device that has learned nothing since: it counts as the update before
    /// did.</summary>
    private void SendRest(WeightDelta farewell)
    {
        Send(Take(farewell with { Samples = _samples, Steps = _steps }));
    }

    /// <summary>Sends an update, and remembers it where it is answered: if it comes again, it has the same bits.</summary>
    private void Send(WeightDelta update)
    {
        if (_isAnswered)
        {
            if (_sent.Count == _options.MaxUnanswered) { _sent.RemoveAt(Math.Max(0, _sent.FindIndex(static s => s.IsAnswered))); }
            _sent.Add(new(update.Epoch, update.Sequence, update.Samples, update.Steps, update.Values, IsAnswered: false));
        }

        _output.Emit(update);
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

    /// <summary>What was sent of an update.</summary>
    /// <param name="Epoch">The start of the device.</param>
    /// <param name="Sequence">The number of the update.</param>
    /// <param name="Samples">What it counts as; −1: in a state of before, which does not have it.</param>
    /// <param name="Steps">As it was sent; −1 likewise.</param>
    /// <param name="Values">The changes.</param>
    /// <param name="IsAnswered">True: its fate is known.</param>
    private sealed record SentUpdate(long Epoch, long Sequence, int Samples, int Steps, ImmutableArray<float> Values, bool IsAnswered)
    {
        internal WeightDelta Again(WeightDelta update) => Steps < 0 ? update with { Values = Values }
            : update with { Values = Values, Samples = Samples, Steps = Steps };
    }
}
