using System.Collections.Concurrent;
using StreamLearn.Fleets;
using StreamLearn.Learning;

namespace StreamLearn.Simulated;

internal sealed class FleetWatch
{
    private readonly ConcurrentDictionary<string, Evaluation> _devices = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Evaluation> _recent = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, SentMessages> _sent = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<Round> _rounds = new();
    private Round? _newest;

    internal IReadOnlyCollection<Round> Rounds => _rounds;

    internal Round? Newest => Volatile.Read(ref _newest);

    /// <summary>Accuracy over each device's newest evaluation, made before learning; null before the first.</summary>
    internal double? RecentAccuracy
    {
        get
        {
            var (correct, rows) = (0L, 0L);
            foreach (var evaluation in _recent.Values) { (correct, rows) = (correct + evaluation.Correct, rows + evaluation.Rows); }
            return rows == 0 ? null : (double)correct / rows;
        }
    }

    internal void Add(Evaluation evaluation)
    {
        _recent[evaluation.Device] = evaluation;
        _devices.AddOrUpdate(evaluation.Device, static (_, added) => added,
            static (_, all, added) => Evaluation.Add(all, added), evaluation);
    }

    internal void Add(Round round)
    {
        _rounds.Enqueue(round);
        Volatile.Write(ref _newest, round);
    }

    /// <summary>Ignores resent messages.</summary>
    internal void Sent(WeightDelta message)
    {
        if (!message.IsResent) { _sent.GetOrAdd(message.Device, static _ => new()).Add(message.Steps > 0); }
    }

    internal SentMessages SentBy(string device) => _sent.GetOrAdd(device, static _ => new());

    internal Evaluation? Of(string device) => _devices.GetValueOrDefault(device);

    /// <summary>Needs exclusive access; restores only into an empty watch.</summary>
    internal void State(ref StateStream s, string device)
    {
        foreach (var evaluations in new[] { _devices, _recent })
        {
            var evaluation = evaluations.GetValueOrDefault(device);
            if (!s.Value(evaluation is not null)) { continue; }
            SavedReport.State(ref s, ref evaluation!);
            if (s.IsReading) { evaluations[device] = evaluation; }
        }

        var sent = SentBy(device);
        sent = new(s.Value(sent.Updates), s.Value(sent.Empty));
        if (s.IsReading) { _sent[device] = sent; }
    }

    /// <summary>Needs exclusive access; restores only into an empty watch. <paramref name="isJudged"/>: is called with a round and the next
    /// one, null for the last; returns true to keep its weights.</summary>
    internal void State(ref StateStream s, Func<Round, Round?, bool> isJudged)
    {
        Round? before = null;
        for (var count = s.Value(_rounds.Count, 0, int.MaxValue); s.IsReading && count > 0; count--)
        {
            SavedReport.State(ref s, ref before!, withWeights: true);
            Add(before);
        }

        if (s.IsReading) { return; }
        foreach (var round in _rounds)
        {
            if (before is not null) { SavedReport.State(ref s, ref before, isJudged(before, round)); }
            before = round;
        }

        if (before is not null) { SavedReport.State(ref s, ref before, isJudged(before, null)); }
    }
}
