namespace StreamLearn.Fleets;

/// <summary>Confirmed and in-flight versions; newer ones wait while two are in flight.</summary>
internal struct VersionsSent
{
    internal const int MaxUnconfirmed = 2;

    private const long None = -1;

    private long _confirmed;
    private long _older;
    private long _newer;
    private bool _isDoubtful;       // the device asked again, and has sent no update since

    internal VersionsSent(long confirmed) => (_confirmed, _older, _newer) = (confirmed, None, None);

    internal readonly int Unconfirmed => (_older == None ? 0 : 1) + (_newer == None ? 0 : 1);

    internal void State(ref StateStream s)
    {
        s.Value(ref _confirmed);
        s.Value(ref _older);
        s.Value(ref _newer);
        s.Value(ref _isDoubtful);
    }

    internal readonly bool IsDue(long newest) => newest > _confirmed && newest > Math.Max(_older, _newer) && Unconfirmed < MaxUnconfirmed;

    internal void Send(long version) => (_older, _newer) = (_newer == None ? _older : _newer, version);

    /// <summary>Confirms a version and all versions before it.</summary>
    internal void Confirm(long version)
    {
        if (version > _confirmed) { (_confirmed, _isDoubtful) = (version, false); }
        if (_older <= _confirmed) { _older = None; }
        if (_newer <= _confirmed) { _newer = None; }
    }

    /// <summary>Records a question. After the first, the version may be in flight; after a second, unconfirmed, it is lost.</summary>
    internal void Ask()
    {
        if (_isDoubtful || Unconfirmed == 0) { (_older, _newer, _isDoubtful) = (None, None, false); }
        else { _isDoubtful = true; }
    }

    internal void Lose(long held) => (_confirmed, _older, _newer, _isDoubtful) = (held, None, None, false);
}
