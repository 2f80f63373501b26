using System.Runtime.InteropServices;

namespace StreamLearn.Fleets;

internal sealed partial class Aggregate
{
    private readonly Action<string, double> _gauge;
    private ISteering? _steering;       // null: no steering

    private bool HasEnded => _steering is { HasEnded: true };

    /// <summary>Refuses updates after learning has ended; joins and leaves are still recorded.</summary>
    private static UpdateRefusal? AfterTheEnd(WeightDelta update) => update.Steps > 0 ? UpdateRefusal.Ended : null;

    /// <summary>A detected drift resets the memory that a rule has of rounds; warnings are ignored.</summary>
    public void Control(DriftAlarm message)
    {
        if (message.Level != DriftLevel.Drift) { return; }
        _context.Record("alarms");
        _steering?.Restart();
    }

    private void Watch(WeightDelta update)
    {
        if (_steering is null || (update.Steps == 0 && update.HeldBack is null)) { return; }
        _round.Steered.Add((update with { Values = [] }, update.EncodedBytes));
    }

    private void WatchRefused(WeightDelta update)
    {
        if (_steering is not null) { _round.RefusedBytes += update.EncodedBytes; }
    }

    private Weights Steer(ISteering steering, Weights made, Weights averaged, bool valid)
    {
        if (valid) { _round.Steered.Sort(Order); }
        else { _round.Steered.Clear(); }
        steering.After(new()
        {
            Made = made,
            Averaged = averaged,
            Updates = CollectionsMarshal.AsSpan(_round.Steered),
            Elapsed = _context.Now - (_round.StartedAt ?? _context.Now),
            Devices = _fleet.Ready.Count,
            RefusedBytes = _round.RefusedBytes,
        });
        steering.Show(_gauge);
        return steering.InUse is { } best ? best with { Version = made.Version, Epoch = made.Epoch } : averaged;
    }

    private static int Order((WeightDelta Update, long Bytes) a, (WeightDelta Update, long Bytes) b)
    {
        var devices = string.CompareOrdinal(a.Update.Device, b.Update.Device);
        return devices != 0 ? devices : (a.Update.Epoch, a.Update.Sequence).CompareTo((b.Update.Epoch, b.Update.Sequence));
    }

    /// <summary>A rule with memory overrides the rule per device.</summary>
    private ImmutableArray<Directive> Directives()
    {
        var asked = _directives.For(_fleet.Medians, _fleet.Ready, View());
        if (_steering?.Directive is not { } steered || steered == Directive.Unchanged) { return asked; }
        var isForAll = asked.Any(static d => d.Device is null);
        return isForAll ? [.. asked.Select(steered.Over)] : [.. asked.Select(steered.Over), steered];
    }
}
