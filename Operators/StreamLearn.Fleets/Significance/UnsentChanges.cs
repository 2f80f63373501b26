using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace StreamLearn.Fleets;

/// <summary>The pending changes and unanswered updates of a sender. Changes of a refused update become pending again.</summary>
internal sealed class UnsentChanges(ModelPlan plan, int maxUnanswered, bool isAnswered, OperatorContext context)
{
    /// <summary>Number of answered updates to remember, because a resend may cross its answer.</summary>
    private const int MaxAnswered = 4;

    private readonly List<SentUpdate> _sent = [];

    internal float[] Values { get; } = new float[plan.Values];

    /// <summary><paramref name="hasCodes"/>: true if some are sent as codes.</summary>
    internal void State(ref StateStream s, bool hasCodes) => s.Items(_sent, maxUnanswered, (plan.Values, hasCodes), SentUpdate.State);

    internal WeightDelta? Again(WeightDelta input)
    {
        foreach (var before in _sent)
        {
            if (before.Epoch == input.Epoch && before.Sequence == input.Sequence) { return before.Again(input); }
        }

        if (!input.IsResent) { return null; }
        var fingerprint = input.Fingerprint;
        var at = _sent.FindIndex(s => !s.IsAnswered && s.Fingerprint == fingerprint);
        if (at < 0) { return null; }
        _sent[at] = _sent[at] with { Sequence = input.Sequence };       // its number was already used for another update
        return _sent[at].Again(input);
    }

    /// <summary>Keeps an update until it is answered, so that it is resent unchanged.</summary>
    internal void Remember(WeightDelta update)
    {
        if (!isAnswered) { return; }
        if (_sent.Count == maxUnanswered) { _sent.RemoveAt(Math.Max(0, _sent.FindIndex(static s => s.IsAnswered))); }
        _sent.Add(new(update.Epoch, update.Sequence, update.Fingerprint, update.Samples, update.Steps, update.Values, update.Coded,
            IsAnswered: false));
    }

    internal void Receive(Receipt message, bool restores)
    {
        for (var i = 0; i < _sent.Count; i++)
        {
            var sent = _sent[i];
            if (sent.IsAnswered || sent.Epoch != message.Epoch) { continue; }
            if (message.FateOf(sent.Sequence) is not { Outcome: not UpdateOutcome.Held } fate) { continue; }
            if (fate.Fingerprint != 0 && fate.Fingerprint != sent.Fingerprint) { continue; }       // it is sent again with another number
            if (fate.Outcome == UpdateOutcome.Refused && restores) { Restore(sent.Values.AsSpan()); }
            _sent[i] = sent with { IsAnswered = true };
        }

        while (_sent.Count(static s => s.IsAnswered) > MaxAnswered) { _sent.RemoveAt(_sent.FindIndex(static s => s.IsAnswered)); }
    }

    /// <summary>Non-finite changes are not restored.</summary>
    private void Restore(ReadOnlySpan<float> sent)
    {
        if (!float.IsFinite(TensorPrimitives.SumOfMagnitudes(sent))) { return; }
        foreach (var slice in plan.Slices)
        {
            if (slice.Kind != SliceKind.Trained) { continue; }
            var unsent = slice.Of(Values.AsSpan());
            TensorPrimitives.Add(unsent, slice.Of(sent), unsent);
            context.Record("changes-restored", slice.Length - MemoryMarshal.Cast<float, int>(slice.Of(sent)).Count(0));
        }
    }

    private sealed record SentUpdate(
        long Epoch, long Sequence, uint Fingerprint, int Samples, int Steps, ImmutableArray<float> Values, CodedValues? Coded,
        bool IsAnswered)
    {
        internal static void State(ref StateStream s, ref SentUpdate sent, (int Values, bool HasCodes) form)
        {
            var (epoch, sequence) = (s.Value(sent?.Epoch ?? 0), s.Value(sent?.Sequence ?? 0));
            var fingerprint = (uint)s.Value((int)(sent?.Fingerprint ?? 0));
            var (samples, steps) = (s.Value(sent?.Samples ?? -1, -1, int.MaxValue), s.Value(sent?.Steps ?? -1, -1, int.MaxValue));
            var isAnswered = s.Value(sent?.IsAnswered ?? false);
            var coded = form.HasCodes && s.Value(sent?.Coded is not null) ? CodedValues.State(ref s, sent?.Coded, form.Values) : null;
            var changes = coded?.Values ?? s.Values(sent?.Values ?? [], form.Values);
            if (s.IsReading) { sent = new(epoch, sequence, fingerprint, samples, steps, changes, coded, isAnswered); }
        }

        internal WeightDelta Again(WeightDelta update) => Steps < 0 ? update with { Values = Values, Coded = Coded }
            : update with { Values = Values, Coded = Coded, Samples = Samples, Steps = Steps };
    }
}
