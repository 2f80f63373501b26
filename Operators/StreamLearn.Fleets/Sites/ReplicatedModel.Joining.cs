using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace StreamLearn.Fleets;

internal sealed partial class ReplicatedModel
{
    private bool _isJoining;
    private DateTimeOffset? _asksAt;        // when to ask again

    public void Control(SiteSignal message)
    {
        var now = _context.Now;
        _others.Begin(now);
        var isKeyed = message.Keys.IsEmpty || message.Keys[^1] < _plan.Values;
        if (message.SchemaHash != _plan.SchemaHash || message.Site == _context.Pipeline || !isKeyed)
        {
            _context.Drop(message, message.Site == _context.Pipeline ? "own" : "schema");
            return;
        }

        if (message.Recipient is { } recipient && recipient != _context.Pipeline) { return; }
        if (_isJoining)
        {
            if (message.Kind == SiteSignalKind.Snapshot) { Begin(message); }
            Ask();
            return;
        }

        switch (message.Kind)
        {
            case SiteSignalKind.Join:
                Help(message.Site);
                Give();
                return;
            case SiteSignalKind.Snapshot:
                return;         // one answer is enough
        }

        if (_others.Find(message.Site, now, _sequence) is not { } site)
        {
            _context.Drop(message, "unknown-site");
            return;
        }

        Hear(site, message);
        Give();
    }

    private void Hear(OtherSite site, SiteSignal message)
    {
        switch (message.Kind)
        {
            case SiteSignalKind.Pending when _options.Barrier is not null:
                site.Await(message, _context.Now);
                break;
            case SiteSignalKind.Heard:
                foreach (var heard in message.Clocks)
                {
                    if (heard.Site == _context.Pipeline && heard.Epoch == _epoch) { site.Heard = Math.Max(site.Heard, heard.Sequence); }
                }

                break;
            case SiteSignalKind.Joined:
                (site.HasLeft, site.Clock, site.Heard) = (false, Math.Max(message.Clock, site.HasLeft ? 0 : site.Clock), _sequence);
                site.AwaitNothing();
                break;
        }
    }

    private void Ask()
    {
        if (!_isJoining) { return; }
        var now = _context.Now;
        if (!(now < _asksAt))
        {
            _asksAt = now + _options.AskEvery;
            _signals!.Emit(Signal(SiteSignalKind.Join));
        }

        Watch();
    }

    /// <summary>Sends a snapshot of the state that all sites have or will receive. The first running site by name does so.</summary>
    private void Help(string joiner)
    {
        _others.Forget(joiner);
        if (_hasLeft || !_others.IsFirst(_context.Pipeline, joiner, _context.Now)) { return; }
        var values = new float[_plan.Values];
        TensorPrimitives.Subtract(_values, _unsent, values);
        if (_pending is { } pending) { TensorPrimitives.Subtract(values, pending.Values.AsSpan(), values); }
        if (_gathered is { } gathered) { TensorPrimitives.Subtract(values, gathered.Values.AsSpan(), values); }
        _context.Record("snapshots");
        _signals!.Emit(Signal(SiteSignalKind.Snapshot) with
        {
            Recipient = joiner,
            Clocks =
            [
                new(_context.Pipeline, _epoch ?? long.MinValue, _sequence, _clock),
                .. _others.All.Where(s => s.Name != joiner)
                    .Select(s => s.Applied with { HasLeft = s.Applied.HasLeft || !_others.IsWaitedFor(s, _context.Now) }),
            ],
            Values = ImmutableCollectionsMarshal.AsImmutableArray(values),
        });
    }

    /// <summary>Starts from a snapshot; accepted only if the received updates continue from it.</summary>
    private void Begin(SiteSignal snapshot)
    {
        var now = _context.Now;
        var fits = snapshot.Values.Length == _plan.Values;
        foreach (var told in snapshot.Clocks)
        {
            if (told.Site == _context.Pipeline) { continue; }
            fits &= _others.All.FirstOrDefault(s => s.Name == told.Site)?.ResumesFrom(told) ?? told.HasLeft;
        }

        foreach (var site in _others.All)
        {
            if (site.Held.Count == 0 || snapshot.Clocks.Any(c => c.Site == site.Name)) { continue; }
            fits &= site.Held[0].Sequence == 1;         // it has joined in the meantime
        }

        if (!fits)
        {
            _context.Record("snapshots-refused");
            return;
        }

        snapshot.Values.CopyTo(_values);
        foreach (var told in snapshot.Clocks)
        {
            if (told.Site != _context.Pipeline) { _others.Find(told.Site, now)?.Begin(told); }
        }

        if (!_options.IsOrdered) { ApplyHeld(long.MaxValue); }
        var slowest = _others.Slowest(now);
        _clock = Math.Max(1, slowest == long.MaxValue ? snapshot.Clock : slowest);
        (_given, _isJoining, _asksAt) = (_clock - 1, false, null);
        _signals!.Emit(Signal(SiteSignalKind.Joined));
        Give();
    }
}
