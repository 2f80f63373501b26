using System.Collections.Concurrent;
using StreamLearn;
using StreamLearn.Aggregation;
using StreamLearn.Learning;

namespace Quickstart;

/// <summary>What a run shows of itself: evaluations of the devices, rounds, samples of the counters. Written by blocks, read by the
/// view.</summary>
internal sealed class FleetWatch
{
    private readonly ConcurrentDictionary<string, Evaluation> _devices = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Evaluation> _recent = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, SentMessages> _sent = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<Round> _rounds = new();
    private Round? _newest;

    /// <summary>All rounds that have ended, in order.</summary>
    internal IReadOnlyCollection<Round> Rounds => _rounds;

    internal Round? Newest => Volatile.Read(ref _newest);

    /// <summary>Accuracy of the devices on the rows of their newest evaluation, answered before they were learned from; null: there are
    /// none yet.</summary>
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

    /// <summary>Takes note of a message that a device publishes; one that is sent again was counted before.</summary>
    internal void Sent(WeightDelta message)
    {
        if (!message.IsResent) { _sent.GetOrAdd(message.Device, static _ => new()).Add(message.Steps > 0); }
    }

    /// <summary>What a device has published.</summary>
    internal SentMessages SentBy(string device) => _sent.GetOrAdd(device, static _ => new());

    internal Evaluation? Of(string device) => _devices.GetValueOrDefault(device);

    /// <summary>Writes all that it has seen. Nobody writes to it meanwhile.</summary>
    internal void Save(StateWriter writer)
    {
        foreach (var evaluations in new[] { _devices, _recent })
        {
            writer.Write(evaluations.Count);
            foreach (var (_, evaluation) in evaluations.OrderBy(static e => e.Key, StringComparer.Ordinal)) { writer.Write(evaluation); }
        }

        writer.Write(_sent.Count);
        foreach (var (device, sent) in _sent.OrderBy(static s => s.Key, StringComparer.Ordinal))
        {
            writer.Write(device);
            writer.Write(sent.Updates);
            writer.Write(sent.Empty);
        }

        writer.Write(_rounds.Count);
        foreach (var round in _rounds) { writer.Write(round); }
    }

    /// <summary>Takes it up, in a watch that has seen nothing yet.</summary>
    internal void Load(ref StateReader reader)
    {
        foreach (var evaluations in new[] { _devices, _recent })
        {
            for (var count = reader.ReadInt32(0, int.MaxValue); count > 0; count--)
            {
                var evaluation = reader.ReadEvaluation();
                evaluations[evaluation.Device] = evaluation;
            }
        }

        for (var count = reader.ReadInt32(0, int.MaxValue); count > 0; count--)
        {
            _sent[reader.ReadText()] = new(reader.ReadInt64(), reader.ReadInt64());
        }

        for (var count = reader.ReadInt32(0, int.MaxValue); count > 0; count--) { Add(reader.ReadRound()); }
    }
}
