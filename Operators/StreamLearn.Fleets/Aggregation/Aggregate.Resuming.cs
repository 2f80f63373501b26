namespace StreamLearn.Fleets;

internal sealed partial class Aggregate
{
    private const int MaxQuestions = 8, MaxQuestionsOfDevice = 2;

    /// <summary>A disconnected device may need ten seconds to return.</summary>
    private static readonly TimeSpan ListensFor = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(15);

    private readonly VersionSeal _seal;
    private bool _isResumed;                    // it has resumed and made no version yet
    private bool _mayRepeat;                    // neither the server nor all devices have reported the newest version
    private DateTimeOffset? _listensUntil;      // end of the wait for versions from devices; null: it does not wait
    private Member? _asked;
    private DateTimeOffset? _answerBy;
    private int _questions;
    private ModelVersion? _claimed;             // the newest version reported by a device
    private Weights? _known;                    // the newest version from the server or a device
    private string _knownBy = "";               // the counter that counts it

    private bool AwaitsVersion => _restoreBy is not null || _listensUntil is not null;

    private bool IsNewer(Weights version) =>
        _known is { } known ? version.Id > known.Id : _round.IsFirst || (version.Id > _model.Id && version.Version > _model.Version);

    private bool Fits(Weights version) => version.SchemaHash == _plan.SchemaHash && version.Values.Length == _plan.Values
        && double.IsFinite(UpdateCheck.NormOf(version.Values)) && IsFollowable(version.Id);

    /// <summary>Requests the newest version above the known one, from one device at a time. It must have this aggregator's seal: devices
    /// return versions, but cannot forge them.</summary>
    private void Consider(Member member, ModelVersion? held)
    {
        if (held is { } version && !IsPossible(version)) { _context.Record("versions-implausible"); }
        var holds = member.Holds = Possible(held) ?? default(ModelVersion);
        if (holds > (_claimed ?? _model.Id)) { (_claimed, _listensUntil) = (holds, _listensUntil ?? _context.Now + ListensFor); }
        Ask();
    }

    private void TakeBack(Member member, Presence message, Weights version)
    {
        if (member != _asked)
        {
            _context.Drop(message, "not-restoring");
            return;
        }

        _asked = null;
        if (Fits(version) && IsNewer(version) && _seal.IsOwn(version)) { (_known, _knownBy) = (version, "recovered"); }
        else
        {
            _context.Record("offers-refused");
            member.Questions = MaxQuestionsOfDevice;
        }

        Ask();
    }

    private void Ask()
    {
        if (_listensUntil is not { } until) { return; }
        if (_asked is not null && _context.Now < _answerBy)
        {
            _context.WakeAt(_answerBy.Value);
            return;
        }

        _asked = null;
        if (!_seal.Secret.IsEmpty && _questions < MaxQuestions
            && _fleet.HolderOfNewest(MaxQuestionsOfDevice) is { } holder && holder.Holds > (_known?.Id ?? _model.Id))
        {
            _questions++;
            holder.Questions++;
            (_asked, _answerBy) = (holder, _context.Now + AnswersWithin);
            _context.WakeAt(_answerBy.Value);
            _downlink!.Want(holder);
        }
        else if (_restoreBy is null && (_context.Now >= until || _fleet.HaveAllReported)) { Resume(); }
        else { _context.WakeAt(until); }
    }

    /// <summary>The server has retained no version: it may have lost it, or never retains any.</summary>
    private void AwaitDevices()
    {
        if (!_isResumed || _downlink is null) { return; }
        _mayRepeat = true;
        if (!_round.IsFirst) { _listensUntil ??= _context.Now + ListensFor; }
    }

    private void BeginResuming()
    {
        (_mayBeBehind, _isResumed, _questions) = (true, true, 0);
        StopResuming();
        _fleet.Resume();
    }

    /// <summary>Versions that arrive later are dropped.</summary>
    private void StopResuming() => (_mayRepeat, _listensUntil, _asked, _claimed, _known) = (false, null, null, null, null);

    private void State(ref StateStream s, Fleet fleet)
    {
        s.Value(ref _isResumed);
        s.Value(ref _mayRepeat);
        s.ClockTime(ref _listensUntil);
        s.ClockTime(ref _answerBy);
        s.Value(ref _questions, 0, MaxQuestions);
        var asked = s.Value(_asked?.Id.Name ?? "");
        _claimed = s.Value(_claimed is not null) ? new(s.Value(_claimed?.Epoch ?? 0), s.Value(_claimed?.Version ?? 0)) : null;
        s.Optional(ref _known, LearningCodecs.Weights);
        _knownBy = s.Value(_knownBy);
        if (s.IsWriting) { return; }
        _asked = fleet.MemberOf(asked);
    }

    /// <summary>If no device returned the newest version, its number stays unused.</summary>
    private void Resume()
    {
        _mayRepeat &= !_fleet.HaveAllReported;
        var (known, claimed) = (_known, _claimed);
        (_listensUntil, _known, _claimed) = (null, null, null);
        if (known is { } version)
        {
            ResumeFrom(version);
            (_round.IsFirst, _mayRepeat, _mayBeBehind) = (false, false, false);
            _context.Record(_knownBy);
            _context.Gauge("restored-version", version.Version);
        }

        Open(restored: known is not null);
        if (known is null && _isResumed) { CallBackFrom(claimed); }
        Continue();
    }
}
