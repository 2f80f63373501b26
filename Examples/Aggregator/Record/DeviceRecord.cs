using System.Globalization;
using StreamLearn;
using StreamLearn.Aggregation;
using StreamLearn.Learning;

namespace Aggregator;

/// <summary>What is known of a device.</summary>
/// <param name="id">Its number in the list.</param>
/// <param name="name">Its name, as it came.</param>
internal sealed class DeviceRecord(int id, string name)
{
    private const int Kept = 64;

    private readonly StalenessWindow _staleness = new(Kept);
    private readonly string _shown = ShownText.Of(name);
    private DeviceStatus? _status;
    private long _applied;
    private long _refused;
    private string _refusal = "";
    private string _slow = "";
    private string _says = "";
    private bool _hasLeft;
    private long _change;

    /// <summary>Its number in the list.</summary>
    internal int Id => id;

    /// <summary>Its name, as it came: not to be shown.</summary>
    internal string Name => name;

    /// <summary>When the last of its updates was decided upon.</summary>
    internal DateTimeOffset LastSeen { get; private set; }

    /// <summary>One of its updates went into a version.</summary>
    internal void Add(in Contribution contribution, DateTimeOffset at, long change)
    {
        _applied++;
        _refusal = "";
        _staleness.Add(contribution.Staleness);
        Seen(at, change);
    }

    /// <summary>One of its updates was refused.</summary>
    internal void Add(in RefusedUpdate refusal, DateTimeOffset at, long change)
    {
        _refused++;
        _refusal = ShownText.Of(refusal.Reason);
        Seen(at, change);
    }

    /// <summary>Where its time goes; empty: it is as fast as others.</summary>
    internal void SetSlow(string reason, long change)
    {
        if (_slow == reason) { return; }
        (_slow, _change, _status) = (reason, change, null);
    }

    /// <summary>It as it is now.</summary>
    internal DeviceStatus ToStatus()
    {
        if (_status is not null) { return _status; }
        var quantiles = _staleness.Quantiles();
        var (state, reason) = _refusal.Length > 0 ? (DeviceStanding.Refused, _refusal)
            : _hasLeft ? (DeviceStanding.Left, "")
            : _slow.Length > 0 ? (DeviceStanding.Slow, _slow) : (DeviceStanding.Active, "");
        return _status = new(Id, _shown, LastSeen, state, reason, _applied, _refused, quantiles?.P50, quantiles?.P95, _change, _says);
    }

    /// <summary>Notes what the device says of itself.</summary>
    internal void Add(Presence presence, DateTimeOffset at, long change)
    {
        if (presence.Capabilities is { } can)
        {
            _says = ShownText.Of(string.Create(CultureInfo.InvariantCulture,
                $"{can.Program}, {can.Cores} cores, {can.MemoryBytes / (1 << 20)} MiB, {can.Codec}"));
        }

        _hasLeft = presence.Kind == PresenceKind.Leave;
        Seen(at, change);
    }

    /// <summary>Writes what was counted of it.</summary>
    internal void Save(StateWriter writer)
    {
        writer.Write(LastSeen.ToUnixTimeMilliseconds());
        writer.Write(_applied);
        writer.Write(_refused);
        writer.Write(_refusal);
        writer.Write(_says);
        writer.Write(_hasLeft);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    internal void Load(ref StateReader reader, long change)
    {
        var at = DateTimeOffset.FromUnixTimeMilliseconds(reader.ReadInt64());
        (_applied, _refused) = (reader.ReadInt64(), reader.ReadInt64());
        (_refusal, _says, _hasLeft) = (reader.ReadText(), reader.ReadText(), reader.ReadBoolean());
        Seen(at, change);
    }

    private void Seen(DateTimeOffset at, long change) => (LastSeen, _change, _status) = (at, change, null);
}
