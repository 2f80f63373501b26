namespace StreamLearn.Fleets;

internal sealed partial class ReplicatedModel
{
    private readonly bool[]? _reads;        // parameters that are read; null: all
    private WeightDelta? _pending;          // changes that wait for the link, as one update
    private DateTimeOffset? _sentAt;        // when the last update was sent

    private bool HasRoom => _options.Barrier is not { } barrier
        || _others.Heard(_context.Now) >= _sequence - barrier.MaxUnheard + 1
        || _context.Now - _sentAt >= _options.Lease;

    private void Tell(WeightDelta update)
    {
        var before = _pending;
        _pending = before is null ? update : WeightDelta.Add(before, update) with { BaseVersion = _clock };
        if (update.Leaving || HasRoom)
        {
            Send();
            return;
        }

        _context.Record("updates-delayed");
        _signals!.Emit(Signal(SiteSignalKind.Pending) with { Keys = NewKeys(before, _pending) });
    }

    private void SendPending()
    {
        if (_pending is not null && HasRoom) { Send(); }
    }

    private void Send()
    {
        var update = _pending! with { Sequence = ++_sequence };
        _context.Record("bytes-sent", update.EncodedBytes);
        _updates.Emit(update);
        (_pending, _sentAt) = (null, _options.Barrier is null ? null : _context.Now);
    }

    private void Answer(OtherSite site)
    {
        if (_options.Barrier is null || site.HasLeft) { return; }
        _signals!.Emit(Signal(SiteSignalKind.Heard) with
        {
            Recipient = site.Name,
            Clocks = [new(site.Name, site.Epoch, site.Sequence, site.Clock)],
        });
    }

    private SiteSignal Signal(SiteSignalKind kind) => new()
    {
        Site = _context.Pipeline,
        Kind = kind,
        SchemaHash = _plan.SchemaHash,
        Clock = _clock,
    };

    private static ImmutableArray<int> NewKeys(WeightDelta? before, WeightDelta waiting)
    {
        var (keys, isNew) = (ImmutableArray.CreateBuilder<int>(), false);
        for (var at = 0; at < waiting.Values.Length; at++)
        {
            if (waiting.Values[at] == 0) { continue; }
            keys.Add(at);
            isNew |= before is null || before.Values[at] == 0;
        }

        return isNew ? keys.ToImmutable() : [];
    }

    private bool[]? ReadBy(SelectiveBarrier? barrier)
    {
        if (barrier?.Reads is not { } reads) { return null; }
        var read = new bool[_plan.Values];
        foreach (var place in reads) { read[place] = true; }
        return read;
    }
}
