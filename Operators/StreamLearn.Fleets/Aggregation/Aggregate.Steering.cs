using System.Collections.Immutable;
using System.Runtime.InteropServices;
using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Fleets;

/// <content>Rounds that are steered by what earlier ones have shown.</content>
internal sealed partial class Aggregate
{
    private readonly Action<string, double> _gauge;
    private ISteering? _steering;       // null: nothing is steered

    private bool HasEnded => _steering is { HasEnded: true };

    /// <summary>What becomes of an update once learning has ended: that a device comes or goes is noted, and changes nothing.</summary>
    private static string? AfterTheEnd(WeightDelta update) => update.Steps > 0 ? "ended" : null;

    /// <summary>Hears that the data of devices have changed; warnings are passed over. A rule that remembers what rounds have shown forgets
    /// it, others never knew.</summary>
    public void Control(DriftAlarm message)
    {
        if (message.Level != DriftLevel.Drift) { return; }
        _context.Record("alarms");
        _steering?.Restart();
    }

    /// <summary>Remembers what an update shows that has been accepted.</summary>
    private void Watch(WeightDelta update)
    {
        if (_steering is null || (update.Steps == 0 && update.HeldBack is null)) { return; }
        _round.Steered.Add(new(update with { Values = [] }, update.EncodedBytes));
    }

    /// <summary>Remembers what an update has cost that was refused.</summary>
    private void WatchRefused(WeightDelta update)
    {
        if (_steering is not null) { _round.RefusedBytes += update.EncodedBytes; }
    }

    /// <summary>Shows the round that ends, and gives the version in use.</summary>
    private Weights Steer(ISteering steering, Weights made, Weights averaged, bool valid)
    {
        if (valid) { _round.Steered.Sort(SteeredUpdate.Order); }
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

    /// <summary>What devices are told: by the rule that asks each, and over that by the one that remembers.</summary>
    private ImmutableArray<Directive> Directives()
    {
        var asked = _directives.For(_fleet.Medians, _fleet.Ready, View());
        if (_steering?.Directive is not { } steered || steered == Directive.Unchanged) { return asked; }
        var isForAll = asked.Any(static d => d.Device is null);
        return isForAll ? [.. asked.Select(steered.Over)] : [.. asked.Select(steered.Over), steered];
    }
}
