using System.Collections.Concurrent;
using StreamLearn.Learning;

namespace Quickstart;

/// <summary>What the run shows of itself: evaluations of the devices and judgments of versions. Written by blocks, read by the
/// view.</summary>
internal sealed class FleetWatch
{
    private readonly ConcurrentDictionary<string, Evaluation> _devices = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<Judgment> _judgments = new();
    private Judgment? _newest;

    internal IReadOnlyCollection<Judgment> Judgments => _judgments;

    internal Judgment? Newest => Volatile.Read(ref _newest);

    internal void Add(Evaluation evaluation) =>
        _devices.AddOrUpdate(evaluation.Device, static (_, added) => added,
            static (_, all, added) => Evaluation.Add(all, added), evaluation);

    internal void Judged(Judgment judgment)
    {
        _judgments.Enqueue(judgment);
        Volatile.Write(ref _newest, judgment);
    }

    internal Evaluation? Of(string device) => _devices.GetValueOrDefault(device);
}
