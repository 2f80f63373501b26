namespace StreamLearn.Fleets;

/// <summary>Which versions a device has confirmed, and which are on the way to it. Newer ones are kept back while two are.</summary>
internal struct VersionsSent
{
    /// <summary>Versions on the way to a device at most.</summary>
    internal const int MaxUnconfirmed = 2;

    private const long None = -1;

    private long _confirmed;
    private long _older;
    private long _newer;
    private bool _isDoubtful;       // the device has asked, and nothing has come of it since

    internal VersionsSent(long confirmed) => (_confirmed, _older, _newer) = (confirmed, None, None);

    /// <summary>Versions that are on the way.</summary>
    internal readonly int Unconfirmed => (_older == None ? 0 : 1) + (_newer == None ? 0 : 1);

    internal void State(ref StateStream s)
    {
        s.Value(ref _confirmed);
        s.Value(ref _older);
        s.Value(ref _newer);
        s.Value(ref _isDoubtful);
    }

    /// <summary>True if a version is to be sent now.</summary>
    internal readonly bool IsDue(long newest) =>
        newest > _confirmed && newest > Math.Max(_older, _newer) && Unconfirmed < MaxUnconfirmed;

    internal void Send(long version) => (_older, _newer) = (_newer == None ? _older : _newer, version);

    /// <summary>The device holds a version: that and those before it are confirmed.</summary>
    internal void Confirm(long version)
    {
        if (version > _confirmed) { (_confirmed, _isDoubtful) = (version, false); }
        if (_older <= _confirmed) { _older = None; }
        if (_newer <= _confirmed) { _newer = None; }
    }

    /// <summary>
    /// The device asks for what is missing. The first time it may still be on the way; the second time, without a confirmation between, it
    /// is lost.
    /// </summary>
    internal void Ask()
    {
        if (_isDoubtful || Unconfirmed == 0) { (_older, _newer, _isDoubtful) = (None, None, false); }
        else { _isDoubtful = true; }
    }

    /// <summary>The device holds what it says and no more: what was on the way is lost.</summary>
    internal void Lose(long held) => (_confirmed, _older, _newer, _isDoubtful) = (held, None, None, false);
}
