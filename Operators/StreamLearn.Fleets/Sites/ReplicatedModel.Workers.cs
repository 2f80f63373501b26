using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace StreamLearn.Fleets;

internal sealed partial class ReplicatedModel
{
    private readonly SiteWorkers? _workers;     // null: a single worker, whose name is ignored
    private WeightDelta? _gathered;             // the workers' changes since the last sent update
    private bool _owesLast;                     // the final version is due after the last worker has left

    private bool IsAwaited => _workers is { } workers ? _owesLast || workers.AreWaiting(_clock) : _given != _clock;

    /// <summary>Adds an update of a worker. If ordered, it is applied when all workers have reached its clock.</summary>
    private void Hear(SiteWorkers workers, WeightDelta update)
    {
        if (update.Moments is { } moments && moments.Channels != _plan.Input.Channels)
        {
            _context.Drop(update, "schema");
            return;
        }

        var worker = workers.Find(update.Device, _context.Now);
        if (worker?.Hear(update, _clock, _context.Now) != true)
        {
            _context.Drop(update, worker is null ? "unknown-worker" : "duplicate");
            return;
        }

        if (update.Steps == 0 && !update.Leaving) { return; }       // it only reports that it is present and waits
        worker.Clock++;
        if (!_options.IsOrdered)
        {
            Gather(update);
            return;
        }

        worker.Held.Add(update with { BaseVersion = worker.Clock });
        if (worker.Held.Count <= _options.MaxHeld) { return; }
        _context.Record("updates-early");
        Gather(worker.TakeHeld());
    }

    /// <summary>While the site joins, the worker waits for the first version.</summary>
    private void Note(WeightDelta update)
    {
        if (_workers is { } workers && IsOfModel(update)) { workers.Find(update.Device, _context.Now)?.Hear(update, _clock, _context.Now); }
    }

    private void Gather(WeightDelta update)
    {
        TensorPrimitives.Add(_values, update.Values.AsSpan(), _values);
        update = update with { Device = _context.Pipeline };
        _gathered = _gathered is null ? update : WeightDelta.Add(_gathered, update);
    }

    private void Advance(SiteWorkers workers)
    {
        var now = _context.Now;
        var leaves = !_hasLeft && workers.HaveLeft(now);
        var slowest = leaves ? _clock + 1 : workers.Slowest(_clock, now);
        while (workers.NextHeld(leaves ? long.MaxValue : slowest) is { } worker) { Gather(worker.TakeHeld()); }
        if (slowest > _clock)
        {
            (_clock, _hasLeft, _owesLast) = (slowest, leaves, leaves);
            var update = (_gathered ?? Nothing()) with { Epoch = _epoch!.Value, BaseVersion = _clock, BaseEpoch = 0, Leaving = leaves };
            _gathered = null;
            Tell(update with { Values = Take(update) });
        }

        var (count, lead) = workers.Standing(_clock, now);
        _context.Gauge("workers", count);
        _context.Gauge("worker-lead", lead);
    }

    /// <summary>Returns an empty update, for a clock without changes.</summary>
    private WeightDelta Nothing() => new()
    {
        Device = _context.Pipeline,
        Epoch = 0,
        Sequence = 0,
        BaseVersion = 0,
        Samples = 0,
        SchemaHash = _plan.SchemaHash,
        Values = ImmutableCollectionsMarshal.AsImmutableArray(new float[_plan.Values]),
    };
}
