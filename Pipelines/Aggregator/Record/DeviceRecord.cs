using System.Globalization;
using StreamLearn.Learning;

namespace Aggregator;

internal sealed class DeviceRecord(int id, string name)
{
    private const int Kept = 64;
    private const long FirstUpdate = 2;     // the first message after a start only describes the device's rows

    private readonly StalenessWindow _staleness = new(Kept);
    private readonly string _shown = ShownText.Of(name);
    private readonly FateWindow _fates = new();
    private readonly List<UpdateFate> _told = [];
    private DeviceStatus? _status;
    private long _applied;
    private long _capped;
    private long _refused;
    private string _refusal = "";
    private string _slow = "";
    private string _says = "";
    private (string Text, long Epoch) _differs = ("", long.MinValue);      // how its model differs, and the start for which this was found
    private DeviceNews? _news;
    private bool _hasLeft;
    private bool _hasSent;
    private long _epoch = long.MinValue;
    private long _scoreEpoch = long.MinValue;
    private long _change;

    /// <summary>The device's own accuracy; null if nothing was reported or its model differs.</summary>
    internal OwnAccuracy? Own { get => _differs.Text.Length > 0 ? null : field; private set; }

    internal int Id => id;

    /// <summary>The unsanitized name: do not display it.</summary>
    internal string Name => name;

    internal bool HasSent => _hasSent || _applied > 0;

    /// <summary>Time of the last decision about the device or message from it.</summary>
    internal DateTimeOffset LastSeen { get; private set; }

    internal void Add(in Contribution contribution, DateTimeOffset at, long change)
    {
        _applied++;
        _differs.Text = "";
        _capped += contribution.IsCapped ? 1 : 0;
        if (_fates.IsPast(contribution.Epoch, contribution.Sequence)) { _refusal = ""; }
        _staleness.Add(contribution.Staleness);
        Seen(at, change);
    }

    internal bool Add(in RefusedUpdate refusal, DateTimeOffset at, long change)
    {
        if (!_fates.Take(refusal)) { return false; }
        _refused++;
        _refusal = ShownText.Of(refusal.Reason);
        Seen(at, change);
        return true;
    }

    internal List<UpdateFate> Add(Receipt receipt, DateTimeOffset at, long change)
    {
        _told.Clear();
        if (_fates.Take(receipt, _told) is not { } newest) { return _told; }
        var refusal = newest.Outcome == UpdateOutcome.Refused ? ShownText.Of(newest.Reason!) : "";
        var hasSent = _hasSent || receipt.Fates.Any(static f => f.Outcome != UpdateOutcome.Refused && f.Sequence >= FirstUpdate);
        if (_told.Count == 0 && refusal == _refusal && hasSent == _hasSent) { return _told; }      // the same update was reported again
        _hasSent = hasSent;
        _refused += _told.Count;
        _refusal = refusal;
        Seen(at, change);
        return _told;
    }

    /// <summary>Sets why the device is slow; empty if it is not slow.</summary>
    internal void SetSlow(string reason, long change)
    {
        if (_slow == reason) { return; }
        (_slow, _change, _status) = (reason, change, null);
    }

    internal DeviceStatus ToStatus()
    {
        if (_status is not null) { return _status; }
        var quantiles = _staleness.Quantiles();
        var refusal = _differs.Text.Length > 0 ? $"schema: {_differs.Text}" : _refusal;
        var (state, reason) = _hasLeft ? (DeviceStanding.Left, refusal)
            : refusal.Length > 0 ? (DeviceStanding.Refused, refusal)
            : _slow.Length > 0 ? (DeviceStanding.Slow, _slow)
            : HasSent || _refused > 0 ? (DeviceStanding.Active, "") : (DeviceStanding.Waiting, "");
        return _status = new(Id, _shown, LastSeen, state, reason, _applied, _refused, quantiles?.P50, quantiles?.P95, _change, _says)
        {
            Capped = _capped,
            Own = Own,
            News = _news,
        };
    }

    internal void Add(Presence presence, DateTimeOffset at, long change)
    {
        if (presence.Capabilities is { } can)
        {
            _says = ShownText.Of(string.Create(CultureInfo.InvariantCulture,
                $"{can.Program}, {can.Cores} cores, {can.MemoryBytes / (1 << 20)} MiB, {can.Codec}"));
        }

        // leave messages use another session and may overtake earlier ones
        if (presence.Epoch > _epoch || presence.Kind == PresenceKind.Hello) { _hasLeft = false; }
        if (presence.Epoch > _differs.Epoch) { _differs.Text = ""; }
        if (presence.Epoch >= _epoch) { (_epoch, _hasLeft) = (presence.Epoch, _hasLeft || presence.Kind == PresenceKind.Leave); }
        Seen(at, change);
    }

    internal bool AddDifference(string text, long epoch, DateTimeOffset at, long change)
    {
        if (_differs == (text, epoch)) { return false; }
        _differs = (text, epoch);
        Seen(at, change);
        return true;
    }

    /// <summary>Ignores scores of earlier starts.</summary>
    internal void Add(DeviceScore score, DateTimeOffset at, long change)
    {
        if (score.Epoch < _scoreEpoch) { return; }
        (_scoreEpoch, Own) = (score.Epoch, OwnAccuracy.Of(score));
        Seen(at, change);
    }

    internal void Add(DeviceNews news, DateTimeOffset at, long change)
    {
        _news = news;
        Seen(at, change);
    }

    internal bool ForgetOwn(long change)
    {
        if (Own is null) { return false; }
        (Own, _change, _status) = (null, change, null);
        return true;
    }

    /// <summary>Ignores messages of earlier starts.</summary>
    internal void AddLeave(long epoch, DateTimeOffset at, long change)
    {
        if (epoch < _epoch) { return; }
        (_epoch, _hasLeft) = (epoch, true);
        Seen(at, change);
    }

    /// <summary>Accepts any start of the device again, as the aggregator does.</summary>
    internal void Forget(DateTimeOffset at, long change)
    {
        _fates.Clear();
        (_refusal, _epoch, _scoreEpoch, _hasLeft) = ("", long.MinValue, long.MinValue, false);
        Seen(at, change);
    }

    internal void State(ref StateStream s, long change)
    {
        var at = s.Value(LastSeen.ToUnixTimeMilliseconds());
        s.Value(ref _applied);
        s.Value(ref _refused);
        s.Value(ref _refusal);
        s.Value(ref _says);
        s.Value(ref _hasLeft);
        s.Value(ref _epoch);
        _fates.State(ref s);
        if (s.Format != FleetRecord.FormatBeforeCaps) { s.Value(ref _capped); }
        if (s.Format != FleetRecord.FormatBeforeCaps && s.Format != FleetRecord.FormatBeforeScores)
        {
            s.Value(ref _scoreEpoch);
            Own = s.Value(Own is not null) ? OwnAccuracy.State(ref s, Own) : null;
        }

        if (s.Format is not (FleetRecord.FormatBeforeNews or FleetRecord.FormatBeforePlans or FleetRecord.FormatBeforeScores
            or FleetRecord.FormatBeforeCaps))
        {
            _news = s.Value(_news is not null) ? s.Value(_news, DeviceNews.Json) : null;
        }

        if (s.IsReading) { Seen(DateTimeOffset.FromUnixTimeMilliseconds(at), change); }
    }

    private void Seen(DateTimeOffset at, long change) => (LastSeen, _change, _status) = (at, change, null);
}
